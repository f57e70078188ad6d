"""One scan of one builder: look, decide, do, remember."""

from attrs import frozen
from twisted.internet.defer import Deferred, succeed

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.observations import (
    Observation,
    is_foreign,
    name_of,
    needs_report,
)
from buildd_manager.domain.origins import OURS, Origin
from buildd_manager.domain.planning import plan
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import Report, Unasked
from buildd_manager.domain.steps import Dispatch, Step, worth_another_look
from buildd_manager.ports import IBuildStore, IWorkerFactory
from buildd_manager.services.performing import Performer
from buildd_manager.services.visits import Tenure, Visit


#: Looks in one scan: enough to collect, clean and dispatch; a bound for a worker
#: that says something new each time.
LOOKS = 5


@frozen
class Scan:
    """
    Looks at one builder until there is nothing more to do now.

    It keeps nothing from one look to the next: what was done, or what a crash has
    left undone, the next look shows.

    :ivar _tenure: Our right to act on the builder.
    """

    _number: int
    _store: IBuildStore
    _workers: IWorkerFactory
    _performer: Performer
    _tenure: Tenure
    _policy: Policy

    def __call__(
        self, looks: int = LOOKS, *, dispatching: bool = True
    ) -> Deferred[None]:
        """
        Scan once.

        :param dispatching: Whether the builder may be given a build.
        """
        return (
            self._store.look(self._number)
            .addCallback(self._ask)
            .addCallback(self._decide, dispatching)
            .addCallback(self._do)
            .addCallback(self._look_again, looks - 1, dispatching)
        )

    def _ask(
        self, known: tuple[Builder, Assignment | None]
    ) -> Deferred[tuple[Visit, Observation]]:
        builder, assignment = known
        worker, lease = self._workers.worker_of(builder), self._tenure.lease()
        visit = Visit(builder, worker, lease, self._tenure)
        asked: Deferred[Report] = succeed(Unasked())
        if needs_report(builder, assignment):
            asked = worker.status()
        traced = asked.addCallback(self._trace, builder, assignment)
        return traced.addCallback(lambda seen: (visit, seen))

    def _trace(
        self, report: Report, builder: Builder, assignment: Assignment | None
    ) -> Deferred[Observation]:
        """Find out where the name of a job comes from that is not the builder's."""
        traced: Deferred[Origin] = succeed(OURS)
        name = name_of(report)
        if name is not None and is_foreign(report, assignment):
            traced = self._store.origin_of(builder.id, name)
        return traced.addCallback(
            lambda origin: Observation(builder, assignment, report, origin)
        )

    def _decide(
        self,
        seen: tuple[Visit, Observation],
        dispatching: bool,  # noqa: FBT001 - as a Deferred hands it on
    ) -> tuple[Visit, tuple[Step, ...]]:
        visit, observation = seen
        steps = plan(observation, self._policy)
        if not dispatching:
            steps = tuple(step for step in steps if not isinstance(step, Dispatch))
        return visit, steps

    def _do(
        self, decided: tuple[Visit, tuple[Step, ...]]
    ) -> Deferred[tuple[Step, ...]]:
        visit, steps = decided
        return self._performer.perform(visit, steps).addCallback(lambda _: steps)

    def _look_again(
        self,
        steps: tuple[Step, ...],
        looks: int,
        dispatching: bool,  # noqa: FBT001
    ) -> Deferred[None]:
        if looks > 0 and worth_another_look(steps):
            return self(looks, dispatching=dispatching)
        return succeed(None)
