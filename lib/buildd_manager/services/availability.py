"""Which builders could be given a build at this moment."""

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.matching import Candidate, builder_obstacles
from buildd_manager.domain.reasons import Reason
from buildd_manager.domain.reports import Idle
from buildd_manager.ports import IBuildStore, IQueue, IWorkerFactory
from buildd_manager.services.abreast import abreast


#: What keeps a builder from most builds, but not from one that tries it.
_NO_MATTER = frozenset({Reason.BUILDER_ON_TRIAL})


@frozen
class Availability:
    """
    Looks at all builders of one architecture at a time.

    A builder is available if it is in use, clean and without a job, as far as we
    know, and if its worker says that it is idle when it is asked. Whatever a worker
    does instead, it is passed over: to look is not to judge.
    """

    _builds: IBuildStore
    _queue: IQueue
    _workers: IWorkerFactory

    _log = Logger()

    def builders(self, architecture: str) -> Deferred[tuple[Builder, ...]]:
        """List those that are available, in the order in which they were added."""
        return Deferred.fromCoroutine(self._available(architecture))

    def first(self, architecture: str) -> Deferred[Builder | None]:
        """Give the first that is available, if there is one."""
        found = self.builders(architecture)
        return found.addCallback(lambda builders: next(iter(builders), None))

    def count(self, architecture: str) -> Deferred[int]:
        """Count those that are available."""
        return self.builders(architecture).addCallback(len)

    async def _available(self, architecture: str) -> tuple[Builder, ...]:
        outlook = await self._queue.outlook()
        numbers = [
            candidate.id
            for candidate in sorted(outlook.builders, key=lambda one: one.id)
            if architecture in candidate.architectures and _is_free(candidate)
        ]
        asked = await abreast(self._ask, numbers)
        return tuple(builder for builder in asked if builder is not None)

    def _ask(self, number: int) -> Deferred[Builder | None]:
        return Deferred.fromCoroutine(self._if_idle(number))

    async def _if_idle(self, number: int) -> Builder | None:
        builder, _ = await self._builds.look(number)
        try:
            report = await self._workers.worker_of(builder).status()
        except CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a worker may do
            self._log.info(
                "{builder} is not available: {why}", builder=builder.name, why=error
            )
            return None
        return builder if isinstance(report, Idle) else None


def _is_free(candidate: Candidate) -> bool:
    return _NO_MATTER.issuperset(builder_obstacles(candidate))
