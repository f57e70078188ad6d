"""Processes: the operator's commands, and what becomes of them."""

import sys
from contextlib import suppress
from pathlib import Path

from twisted.internet import reactor

from buildd_manager.adapters.commands import Commands


COMMANDS = Commands(reactor, reactor)

#: Seconds; only a test that fails waits so long.
LONG = 60.0


def python(program: str) -> list[str]:
    """Make a command of a program."""
    return [sys.executable, "-c", program]


def children() -> set[int]:
    """Name the children of this process."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for one in tasks for pid in (one / "children").read_text().split()}


def is_there(pid: int) -> bool:
    """Tell whether a process exists, and is not only waiting to be buried."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return told.rpartition(") ")[2][0] not in "ZX"


def parent_of(pid: int) -> int:
    """Tell whose child a process is."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def at_work_in(place: Path) -> dict[int, str]:
    """Give the processes that name a directory or are in it, and their words."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        # Others' directories are not for us to see.
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            words, where = _words(process), (process / "cwd").readlink()
            if str(place) in words or where.is_relative_to(place):
                found[int(process.name)] = words
    return found


def family_of(pid: int) -> dict[int, str]:
    """Give a process and all that have come from it, and their words."""
    family = {}
    with suppress(FileNotFoundError, ProcessLookupError):
        family[pid] = _words(Path(f"/proc/{pid}"))
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                family |= family_of(int(child))
    return family


def _words(process: Path) -> str:
    return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
