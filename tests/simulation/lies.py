"""What no honest worker says."""

from random import Random

from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.testing.buildd import ABORTING, BUILDING, IDLE, WAITING


_HASH = "a" * 40


def lie(name: str, random: Random) -> Value:
    """
    Make a status up.

    :param name: What the worker's job is called.
    """
    made_up: list[Value] = [
        {},
        [],
        ["BuilderStatus.ABORTED", name],
        {"builder_status": 7},
        {"builder_status": IDLE},
        {"builder_status": ABORTING, "build_id": name},
        {"builder_status": BUILDING, "build_id": None},
        {"builder_status": BUILDING, "build_id": "1-1"},
        {"builder_status": WAITING, "build_id": "bogus"},
        {"builder_status": WAITING, "build_id": name, "build_status": "OK"},
        _finished(name, "PACKAGEFAIL"),
        _finished(name, "GIVENBACK"),
        {**_finished(name, "OK"), "filemap": {"../a.deb": _HASH}},
        {**_finished(name, "OK"), "filemap": {"a.changes": "http://127.0.0.1/"}},
        {**_finished(name, "OK"), "filemap": {"a.changes": _HASH}},
    ]
    return random.choice(made_up)


def theft(name: str, filemap: Value, random: Random) -> Value:
    """Say the name of another worker's job, and perhaps that it is done."""
    if random.random() < 0.5:
        return {"builder_status": BUILDING, "build_id": name}
    return {**_finished(name, "OK"), "filemap": filemap}


def _finished(name: str, verdict: str) -> dict[str, Value]:
    return {
        "builder_status": WAITING,
        "build_id": name,
        "build_status": f"BuildStatus.{verdict}",
    }
