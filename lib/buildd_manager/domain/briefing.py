"""Compose what a worker is told about a build from all that is known of it."""

from attrs import frozen

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Job
from buildd_manager.domain.sources_list import Need, Published, lines


@frozen(kw_only=True)
class Known:
    """
    What is known of a build when it is given to a builder.

    :ivar virtualized: Whether it is for virtual builders.
    :ivar need: From where it gets its packages.
    """

    source: str
    version: str
    distribution: str
    architecture: str
    arch_indep: bool
    virtualized: bool
    resources: tuple[str, ...]
    chroot: StoredFile
    files: tuple[StoredFile, ...]
    need: Need


def job_of(known: Known, published: Published) -> Job:
    """Compose the job."""
    need = known.need
    purpose, component = _said(known)
    told = lines(need, published)
    return Job(
        source=known.source,
        version=known.version,
        distribution=known.distribution,
        series=need.series,
        suite=f"{need.series}{need.pocket.suffix}",
        component=component,
        architecture=known.architecture,
        arch_indep=known.arch_indep,
        archive_lines=told,
        chroot=known.chroot,
        files=known.files,
        purpose=purpose.name,
        trusted_keys=() if told is None else _keys(need),
        private=need.archive.private,
        debug_symbols=need.archive.build_debug_symbols,
        resources=known.resources,
    )


def _said(known: Known) -> tuple[Purpose, str]:
    """
    Say for what the archive is, and in which component the source.

    A worker changes the names of maintainers for the primary archive only, so a PPA
    of packages that are trusted to run on real machines is called that.
    """
    need = known.need
    if need.archive.purpose is Purpose.PPA and not known.virtualized:
        return Purpose.PRIMARY, need.in_primary or "universe"
    return need.archive.purpose, need.component


def _keys(need: Need) -> tuple[str, ...]:
    """Give the keys of all archives that may be told of, each once."""
    archives: list[Archive] = [need.archive, need.primary, *need.others.values()]
    keys = {archive.signing_key for archive in archives}
    return tuple(sorted(key for key in keys if key is not None))
