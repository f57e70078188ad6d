"""Rows of the database become values of the domain."""

from collections.abc import Mapping, Sequence
from typing import Any

from buildd_manager.domain.archives import Archive, Dependency, Purpose
from buildd_manager.domain.builders import Builder, CleanState, ResetProtocol
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.sources_list import Need


#: A row as psycopg2 gives it; its types are those of the columns.
Row = Sequence[Any]

#: Of the table ``builder``, called ``b``.
BUILDER_COLUMNS = """
b.id, b.name, b.url,
ARRAY(SELECT architecture FROM builder_architecture
       WHERE builder = b.id ORDER BY architecture),
b.virtualized, b.vm_host, b.reset_protocol, b.open_resources, b.restricted_resources,
b.builderok, b.manual, b.failnotes, b.clean, seconds_since(b.date_clean_changed),
b.introduced, b.version, b.failure_count, b.on_trial, b.trials,
NOT b.builderok AND coalesce(b.date_trial <= clock_timestamp(), false)
"""


def builder(row: Row) -> Builder:
    """Read :data:`BUILDER_COLUMNS`."""
    return Builder(
        id=row[0],
        name=row[1],
        url=row[2],
        architectures=tuple(row[3]),
        virtualized=row[4],
        vm_host=row[5],
        reset_protocol=ResetProtocol(row[6]),
        open_resources=tuple(row[7]),
        restricted_resources=tuple(row[8]),
        ok=row[9],
        manual=row[10],
        fail_notes=row[11],
        clean=CleanState(row[12]),
        restless=row[13],
        introduced=row[14],
        version=row[15],
        failures=row[16],
        on_trial=row[17],
        trials=row[18],
        trial_due=row[19],
    )


def stored_file(file: Mapping[str, Any]) -> StoredFile:
    """Read a row of the view ``stored_file`` that has come as JSON."""
    return StoredFile(**file)


def archive(found: Mapping[str, Any]) -> Archive:
    """Read a row of the view ``archive_detail`` that has come as JSON."""
    secret = found["secret"]
    return Archive(
        id=found["id"],
        name=found["name"],
        purpose=Purpose(found["purpose"]),
        distribution=found["distribution"],
        url=found["url"],
        private=found["private"],
        enabled=found["enabled"],
        require_virtualized=found["require_virtualized"],
        build_security=found["build_security"],
        build_obsolete=found["build_obsolete"],
        relative_score=found["relative_score"],
        build_debug_symbols=found["build_debug_symbols"],
        external_lines=tuple(found["external_lines"]),
        secret=None if secret is None else Secret(secret),
        signing_key=found["signing_key"],
        dependencies=tuple(dependency(one) for one in found["dependencies"]),
    )


def dependency(found: Mapping[str, Any]) -> Dependency:
    """Read one of the dependencies of a row of ``archive_detail``."""
    return Dependency(found["archive"], Pocket(found["pocket"]), found["component"])


def need(found: Mapping[str, Any]) -> Need:
    """Read a row of the view ``need`` that has come as JSON."""
    lines = found["series_lines"]
    others = [archive(one) for one in found["others"]]
    return Need(
        archive=archive(found["archive"]),
        primary=archive(found["primary"]),
        others={one.name: one for one in others},
        series=found["series"],
        pocket=Pocket(found["pocket"]),
        component=found["component"],
        components=tuple(found["components"]) or (found["usual_component"],),
        strict=found["strict"],
        in_primary=found["in_primary"],
        series_lines=None if lines is None else tuple(lines),
    )
