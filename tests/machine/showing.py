"""What is in the tables, column by column, and what the store in memory has there."""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from buildd_manager.testing.rows import Rows
from tests.machine.laws import Tables


#: By the column: where the store in memory keeps it.
Columns = Mapping[str, Callable[[Any], Any]]

_BUILDER: Columns = {
    "name": lambda row: row.value.name,
    "builderok": lambda row: row.value.ok,
    "manual": lambda row: row.value.manual,
    "failnotes": lambda row: row.value.fail_notes,
    "failure_count": lambda row: row.value.failures,
    "on_trial": lambda row: row.value.on_trial,
    "trials": lambda row: row.value.trials,
    "introduced": lambda row: row.value.introduced,
    "version": lambda row: row.value.version,
    "clean": lambda row: row.value.clean,
    "lease_owner": lambda row: row.owner,
    "lease_epoch": lambda row: row.epoch,
}

_SOURCE: Columns = {
    "version": lambda row: row.source.version,
    "status": lambda row: "published" if row.published else "superseded",
}

_BUILD: Columns = {
    "state": lambda row: row.state,
    "score": lambda row: row.score,
    "manual_score": lambda row: row.manual_score,
    "virtualized": lambda row: row.virtualized,
    "estimate": lambda row: row.estimate,
    "canary": lambda row: row.canary,
    "failure_count": lambda row: row.failures,
    "cause": lambda row: row.cause,
    "dependencies": lambda row: row.dependencies,
}

_ATTEMPT: Columns = {
    "number": lambda row: row.number,
    "manager": lambda row: row.manager,
    "epoch": lambda row: row.epoch,
    "state": lambda row: row.state,
    "longest_silence": lambda row: row.longest_silence,
    "stop_cause": lambda row: row.stop_cause,
    "outcome": lambda row: row.outcome,
    "cause": lambda row: row.cause,
    "blamed": lambda row: row.blamed,
}

_TABLES: Mapping[str, tuple[str, Columns]] = MappingProxyType(
    {
        "builder": ("builders", _BUILDER),
        "source": ("sources", _SOURCE),
        "build": ("builds", _BUILD),
        "attempt": ("attempts", _ATTEMPT),
    }
)


def differences(now: Tables, rows: Rows) -> Iterator[str]:
    """Name every column that the two stores do not agree on."""
    for table, (kept, columns) in _TABLES.items():
        real = getattr(now, table)
        remembered = [row for _, row in sorted(getattr(rows, kept).items())]
        if len(real) != len(remembered):
            yield f"{table} has {len(real)} rows, in memory {len(remembered)}"
            continue
        for one, other in zip(real, remembered, strict=True):
            for column, read in columns.items():
                here, there = _word(read(other)), one[column]
                if here != there:
                    where = f"{table} {one['id']}, {column}"
                    yield f"{where} is {there!r}, in memory {here!r}"


def _word(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
