"""Which processes of PostgreSQL are at work on some data; everything here blocks."""

import os
from collections.abc import Iterator
from pathlib import Path


def occupants(data: Path) -> list[int]:
    """Find all processes of PostgreSQL that are at work on the data."""
    return [int(path.name) for path in _processes() if _is_at_work(path, data)]


def postmasters(data: Path) -> list[int]:
    """Find those of the occupants that have started others of them."""
    found = occupants(data)
    parents = {_parent(pid) for pid in found}
    return [pid for pid in found if pid in parents]


def _is_at_work(process: Path, data: Path) -> bool:
    try:
        told = (process / "stat").read_text(errors="replace")
        name, _, rest = told.partition("(")[2].rpartition(") ")
        there = str((process / "cwd").readlink())
    except OSError:
        return False
    alive = name == "postgres" and rest[0] not in "ZX"
    return alive and there == os.path.realpath(data)


def _parent(pid: int) -> int | None:
    """Tell who has started a process; ``None`` once it is gone."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return int(told.rpartition(") ")[2].split()[1])


def _processes() -> Iterator[Path]:
    return (path for path in Path("/proc").iterdir() if path.name.isdigit())
