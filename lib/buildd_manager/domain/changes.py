"""What becomes of the furniture of a farm when somebody changes it."""

from typing import Any

from attrs import AttrsInstance, asdict, evolve

from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    check_dependencies,
)
from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.catalogue import (
    ArchChange,
    ArchDetail,
    BuilderChange,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.errors import InvalidError, NotFoundError


def changed_archive(archive: Archive, change: ArchiveChange) -> Archive:
    """
    Change an archive.

    :raises InvalidError: If it is public and would have a secret.
    """
    if change.secret is not None and not archive.private:
        mend = "add a private archive instead"
        raise InvalidError("secret", f"{archive.name} is public", mend)
    return evolve(archive, **_said(change))


def depending(archive: Archive, new: Dependency) -> Archive:
    """
    Have an archive depend on one more, or in another way than before.

    :raises InvalidError: If it would depend on itself, or on too many.
    """
    known = archive.dependencies
    kept = tuple(new if one.archive == new.archive else one for one in known)
    dependencies = kept if new in kept else (*kept, new)
    check_dependencies(dependencies, archive.name)
    return evolve(archive, dependencies=dependencies)


def independent(archive: Archive, other: str) -> Archive:
    """
    Have an archive depend on another one no more.

    :raises NotFoundError: If it does not.
    """
    known = archive.dependencies
    kept = tuple(one for one in known if one.archive != other)
    if kept == known:
        fault = f"{archive.name} does not depend on {other}"
        raise NotFoundError("depends-on", fault, "name one that it depends on")
    return evolve(archive, dependencies=kept)


def changed_series(series: SeriesDetail, change: SeriesChange) -> SeriesDetail:
    """
    Change a series.

    :raises NotFoundError: If it has not the architecture that is nominated.
    """
    nominated = change.nominated_architecture
    if nominated not in {None, *(one.architecture for one in series.architectures)}:
        fault = f"{series.name} has no {nominated}"
        raise NotFoundError("nominated-arch", fault, "add the architecture first")
    return evolve(series, **_said(change))


def changed_architecture(arch: ArchDetail, change: ArchChange) -> ArchDetail:
    """Change an architecture of a series."""
    said = _said(change)
    for limit in said.keys() & {"wall", "silence"}:
        said[limit] = said[limit] or None
    return evolve(arch, **said)


def changed_builder(builder: Builder, change: BuilderChange) -> Builder:
    """
    Change a builder.

    Taken into use, it is DIRTY, without failures and not on trial, and what was said
    of it is forgotten. For other architectures it has to introduce itself anew.
    """
    said = _said(change)
    if "architectures" in said:
        said["architectures"] = tuple(sorted(set(said["architectures"])))
        same = said["architectures"] == builder.architectures
        said["introduced"] = builder.introduced and same
    if change.ok is not None:
        said |= {"fail_notes": change.fail_notes, "on_trial": False, "trials": 0}
        said |= {"trial_due": False}
    if change.ok:
        said |= {"failures": 0}
    if change.ok and not builder.ok:
        said |= {"clean": CleanState.DIRTY}
    return evolve(builder, **said)


def _said(change: AttrsInstance) -> dict[str, Any]:
    """Give what is not left as it is."""
    every = asdict(change, recurse=False)
    return {name: value for name, value in every.items() if value is not None}
