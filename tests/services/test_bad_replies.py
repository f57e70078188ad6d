"""What becomes of builders whose workers say something bad, and of their builds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred

from buildd_manager.adapters.worker import replies
from buildd_manager.adapters.worker.decoding import Value, decode
from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.queue import BuildDetail
from buildd_manager.domain.reports import Report
from buildd_manager.testing.buildd_plans import Plan
from tests.adapters.worker_data import replies_of, reply_of
from tests.bad_inputs import Case, cases
from tests.services.outcomes import Affair
from tests.services.scene import Scene


@frozen
class Stage:
    """
    What there is when a worker begins to lie.

    :ivar build: What it builds, if anything.
    :ivar names: What the names in a lie stand for.
    """

    builder: Builder
    build: int | None
    names: Mapping[str, str]


class BadReplyTests(Scene):
    """Workers that say something else than what they do."""

    plan = Plan(seconds=10.0)

    def check(self, case: Case, build: int | None) -> None:
        """See that there came of it what was wanted."""
        self.network.lies.clear()
        detail: BuildDetail | None = None if build is None else self.detail(build)
        Affair(self, case, self.builder(), detail).check()

    def test_statuses(self) -> None:
        """
        A status that makes no sense is borne for a while, and one that lies is not.

        Whatever it is, builder and build go on as soon as there is sense again, unless
        the builder can be trusted no more.
        """
        for file in (
            "worker/xml",
            "worker/statuses",
            "worker/filemaps",
            "worker/lies",
        ):
            for case in cases(file):
                self.setUp()
                stage = STAGES[case.get("when", "running")](self)
                said = replies_of(case)
                self.lie(stage, said)
                self.scans(len(said))
                self.check(case, stage.build)

    def test_answers(self) -> None:
        """A job that is not acknowledged is begun elsewhere, or once more."""
        for case in cases("worker/answers"):
            self.setUp()
            answer = decode(reply_of(case))

            def build(
                _: object, cookie: str, *__: object, answer: Value = answer
            ) -> None:
                replies.check_acknowledged(answer, cookie)

            self.network.lies["http://bob:8221", "build"] = build
            self.add_builder()
            number = self.submit()
            self.start()
            self.check(case, number)

    def lie(self, stage: Stage, said: Sequence[bytes]) -> None:
        """Say one reply in each scan, the last one as long as there is a job."""
        buildd, rest = self.buildd(stage.builder), list(said)
        has = buildd.status().get("build_id")

        def status(honest: Callable[[], Deferred[Report]]) -> Any:
            if buildd.status().get("build_id") != has:
                return honest()
            reply = rest.pop(0) if len(rest) > 1 else rest[0]
            for name, meant in stage.names.items():
                reply = reply.replace(name.encode(), meant.encode())
            return replies.report(decode(reply))

        self.network.lies[stage.builder.url, "status"] = status


def clean(scene: Scene) -> Stage:
    """Have a builder that has nothing to do."""
    builder = scene.add_builder()
    scene.start()
    return Stage(builder, None, {})


def running(scene: Scene) -> Stage:
    """Have a builder that builds."""
    builder, build = scene.add_builder(), scene.submit()
    scene.start()
    (cookie,) = scene.buildd(builder).begun
    return Stage(builder, build, {"1-1": cookie})


def not_dirty(scene: Scene) -> Stage:
    """Have a builder that builds, and of which nobody has remembered that."""
    stage = running(scene)
    row = scene.rows.builders[stage.builder.id]
    scene.rows.set_clean(row, CleanState.CLEAN)
    return stage


def two_run(scene: Scene) -> Stage:
    """Have two builders that build."""
    stage = running(scene)
    other = scene.add_builder("carol")
    scene.submit()
    scene.works.wake()
    scene.clock.advance(0)
    (cookie,) = scene.buildd(other).begun
    return Stage(stage.builder, stage.build, {**stage.names, "2-2": cookie})


STAGES: Mapping[str, Callable[[Scene], Stage]] = {
    "clean": clean,
    "running": running,
    "not dirty": not_dirty,
    "two run": two_run,
}
