"""Have many builds attempted once more, each for itself."""

from attrs import evolve, frozen

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.queue import BuildFilter, BuildSummary
from buildd_manager.ports import IQueue


#: What is meant where neither states nor numbers are named. What was given up, by
#: people or for a newer version, is had again only by whoever says so.
FAILED = frozenset(
    {
        BuildState.FAILED_TO_BUILD,
        BuildState.MANUAL_DEP_WAIT,
        BuildState.CHROOT_WAIT,
        BuildState.FAILED_TO_UPLOAD,
    }
)


@frozen
class Refusal:
    """A build that cannot be attempted once more, and why."""

    build: BuildSummary
    error: ConflictError


@frozen(kw_only=True)
class Outcome:
    """
    What became of many builds.

    :ivar rest: There may be more, of builds older than this one.
    """

    retried: tuple[BuildSummary, ...]
    refused: tuple[Refusal, ...]
    rest: int | None


async def retry_all(
    queue: IQueue,
    wanted: BuildFilter,
    before: int | None,
    limit: int,
    *,
    dry_run: bool,
) -> Outcome:
    """
    Retry the builds that are wanted, the newest first.

    :param before: Only those that are older than this one.
    :param limit: How many are looked at.
    :param dry_run: Whether to change nothing, and only to tell what would be.
    """
    if not (wanted.states or wanted.ids):
        wanted = evolve(wanted, states=FAILED)
    found = await queue.builds(wanted, before, limit)
    retried: list[BuildSummary] = []
    refused: list[Refusal] = []
    for build in found:
        try:
            retried.append(await queue.retry(build.id, dry_run=dry_run))
        except ConflictError as error:
            refused.append(Refusal(build, error))
    rest = found[-1].id if len(found) == limit else None
    return Outcome(retried=tuple(retried), refused=tuple(refused), rest=rest)
