"""What must be true of the tables, and of every change of them (I1, I2, I4-I6, I8)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from buildd_manager.domain.builds import NEXT, BuildState
from buildd_manager.domain.endings import ON_BUILDER
from buildd_manager.domain.jobs import LIVE, AttemptState
from buildd_manager.domain.policy import Policy


Row: TypeAlias = Mapping[str, Any]

_TABLES = (
    *("builder", "source", "build", "build_queue", "attempt", "result", "upload"),
    "audit",
)

_ORDER = {"result": "attempt", "upload": "attempt"}

#: All tables that laws are about, as one JSON object.
TABLES = "SELECT json_build_object({})".format(
    ", ".join(
        f"'{one}', (SELECT coalesce(json_agg(x ORDER BY x.{_ORDER.get(one, 'id')}),"
        f" '[]') FROM {one} x)"
        for one in _TABLES
    )
)

#: A canary is there for its builder: it is thrown away, whatever has become of it.
_OF_CANARIES = frozenset(BuildState) - {BuildState.NEEDS_BUILD, BuildState.UPLOADING}

_A = AttemptState
_AFTER = {
    _A.CLAIMED: {_A.RUNNING, _A.ABANDONED},
    _A.RUNNING: {_A.GATHERING, _A.RECORDED, _A.ABANDONED},
    _A.GATHERING: {_A.RECORDED, _A.ABANDONED},
    _A.RECORDED: set(),
    _A.ABANDONED: set(),
}


@frozen
class Tables:
    """The rows of each table at one moment, by number."""

    builder: Sequence[Row]
    source: Sequence[Row]
    build: Sequence[Row]
    build_queue: Sequence[Row]
    attempt: Sequence[Row]
    result: Sequence[Row]
    upload: Sequence[Row]
    audit: Sequence[Row]

    @property
    def live(self) -> list[Row]:
        """The attempts that are under way."""
        return [one for one in self.attempt if _A(one["state"]) in LIVE]


EMPTY = Tables(**dict.fromkeys(_TABLES, ()))


def broken(before: Tables, after: Tables, *, retried: bool) -> Iterator[str]:
    """
    Name every law that is broken.

    :param retried: Whether it was just now that somebody had a build retried.
    """
    for law in _LAWS:
        yield from (f"{law.__name__}: {what}" for what in law(after))
    for change in _CHANGES:
        yield from (f"{change.__name__}: {what}" for what in change(before, after))
    if not retried:
        yield from _final_is_final(before, after)


def one_at_a_time(now: Tables) -> Iterator[str]:
    """No build runs twice at once, and no builder has two jobs (I1)."""
    for what in ("build", "builder"):
        for number, times in Counter(one[what] for one in now.live).items():
            if times > 1:
                yield f"{what} {number} has {times} attempts under way"


def live_is_live(now: Tables) -> Iterator[str]:
    """Build, queue, attempt and builder say the same of what is built (I6)."""
    live = {one["build"]: one for one in now.live}
    queued = {one["build"]: one for one in now.build_queue}
    for build in now.build:
        state, entry = BuildState(build["state"]), queued.get(build["id"])
        attempt = live.get(build["id"])
        if (state in ON_BUILDER) != (attempt is not None):
            yield f"build {build['id']} is {state.value}, and has {attempt}"
        waits = state is BuildState.NEEDS_BUILD
        if (waits or state in ON_BUILDER) != (entry is not None):
            yield f"build {build['id']} is {state.value}, and is queued as {entry}"
        if entry is None:
            continue
        said = {build["builder"], entry["builder"], attempt and attempt["builder"]}
        if len(said) > 1 or (attempt is not None and attempt["queue"] != entry["id"]):
            yield f"build {build['id']} is {build}, {entry}, {attempt}"
        if entry["score"] != build["score"]:
            yield f"build {build['id']} has two scores"


def dirty_when_used(now: Tables) -> Iterator[str]:
    """A builder that has a job is dirty, so that it gets no second one (I5)."""
    used = {one["builder"] for one in now.live}
    for builder in now.builder:
        if builder["id"] in used and builder["clean"] != "dirty":
            yield f"builder {builder['id']} is {builder['clean']} with a job"


def wanted_when_waiting(now: Tables) -> Iterator[str]:
    """What waits is still wanted: otherwise it would wait for ever (I6)."""
    published = {one["id"] for one in now.source if one["status"] == "published"}
    for build in now.build:
        if build["state"] == "needs_build" and build["source"] not in published:
            yield f"build {build['id']} waits, and nobody wants it"


def one_result(now: Tables) -> Iterator[str]:
    """A recorded attempt has a result; a queueing has at most one (I2)."""
    recorded = {one["id"] for one in now.attempt if one["state"] == "recorded"}
    if recorded != {one["attempt"] for one in now.result}:
        yield f"recorded are {recorded}, results: {now.result}"
    for queue, times in Counter(one["queue"] for one in now.result).items():
        if times > 1:
            yield f"entry {queue} of the queue has {times} results"


def bounded(now: Tables) -> Iterator[str]:
    """A queueing has at most so many attempts as the policy allows (I8)."""
    for queue, times in Counter(one["queue"] for one in now.attempt).items():
        if times > Policy().attempts:
            yield f"entry {queue} of the queue has {times} attempts"


def handed_over_once(now: Tables) -> Iterator[str]:
    """What is to be uploaded is so for a build that waits for that (I14)."""
    builds = {one["id"]: one["state"] for one in now.build}
    of = {one["attempt"]: one["build"] for one in now.result}
    pending = [one["attempt"] for one in now.upload if one["state"] == "pending"]
    uploading = {number for number, state in builds.items() if state == "uploading"}
    if Counter(of[one] for one in pending) != Counter(uploading):
        yield f"pending are {pending}, uploading are {uploading}"


_LAWS: Sequence[Callable[[Tables], Iterator[str]]] = (
    one_at_a_time,
    live_is_live,
    dirty_when_used,
    wanted_when_waiting,
    one_result,
    bounded,
    handed_over_once,
)


def builds_follow_the_table(before: Tables, after: Tables) -> Iterator[str]:
    """A build goes only where the table of its states lets it go (I6, I21)."""
    for old, new in _both(before.build, after.build):
        here, there = BuildState(old["state"]), BuildState(new["state"])
        allowed = _OF_CANARIES if new["canary"] else NEXT[here]
        if here is not there and there not in allowed:
            yield f"build {new['id']} went from {here.value} to {there.value}"


def attempts_go_on(before: Tables, after: Tables) -> Iterator[str]:
    """An attempt never goes back, and what has ended has ended (I2)."""
    for old, new in _both(before.attempt, after.attempt):
        here, there = _A(old["state"]), _A(new["state"])
        if here is not there and there not in _AFTER[here]:
            yield f"attempt {new['id']} went from {here.value} to {there.value}"
        if here not in LIVE and old != new:
            yield f"attempt {new['id']} had ended, and was changed"


def nothing_is_rewritten(before: Tables, after: Tables) -> Iterator[str]:
    """Results and the audit are only ever added to (I2)."""
    if list(after.audit[: len(before.audit)]) != list(before.audit):
        yield "what was written down was changed"
    now = {one["attempt"]: one for one in after.result}
    for one in before.result:
        if now.get(one["attempt"]) != one:
            yield f"the result of attempt {one['attempt']} was changed"


def cancelled_has_no_result(before: Tables, after: Tables) -> Iterator[str]:
    """Whatever is recorded of a build that is called off, it is cancelled (I21)."""
    results = {one["attempt"] for one in before.result}
    was = {one["id"]: one["state"] for one in before.build}
    now = {one["id"]: one["state"] for one in after.build}
    for one in after.result:
        build = one["build"]
        new = one["attempt"] not in results
        if new and was[build] == "cancelling" and now[build] != "cancelled":
            yield f"build {build} was to be cancelled, and is {now[build]}"


def epochs_grow(before: Tables, after: Tables) -> Iterator[str]:
    """No epoch falls, and nobody writes with an earlier one than the last (I4)."""
    for old, new in _both(before.builder, after.builder):
        changed_hands = new["lease_owner"] not in {old["lease_owner"], None}
        grows = new["lease_epoch"] > old["lease_epoch"]
        if new["lease_epoch"] < old["lease_epoch"] or (changed_hands and not grows):
            yield f"builder {new['id']} went from {old} to {new}"
    last: dict[int, int] = {}
    for one in after.audit:
        if one["epoch"] is None:
            continue
        if one["epoch"] < last.get(one["builder"], 0):
            yield f"builder {one['builder']} was written for in an epoch gone by"
        last[one["builder"]] = one["epoch"]


_CHANGES: Sequence[Callable[[Tables, Tables], Iterator[str]]] = (
    builds_follow_the_table,
    attempts_go_on,
    nothing_is_rewritten,
    cancelled_has_no_result,
    epochs_grow,
)


def _final_is_final(before: Tables, after: Tables) -> Iterator[str]:
    """What is final stays so unless somebody asks for another attempt."""
    for old, new in _both(before.build, after.build):
        if BuildState(old["state"]).is_final and old["state"] != new["state"]:
            yield f"final: build {new['id']} went from {old['state']} by itself"


def _both(before: Sequence[Row], after: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Pair the rows that were there before with what has become of them."""
    rows = {one["id"]: one for one in after}
    return ((old, rows[old["id"]]) for old in before)
