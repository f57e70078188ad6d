"""What is said to workers, and in which order."""

from collections.abc import Callable
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.logger import LogLevel

from buildd_manager.domain.builders import CleanState, ResetProtocol
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.services.keeping import Limits
from buildd_manager.services.works import Pace
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_plans import Plan
from tests.services.scene import INTERVAL, Scene


VIRTUAL = NewBuild(architecture="amd64", virtualized=True)

#: What is said to a worker to have it build: chroot, source, job.
DISPATCH = ["ensure_present", "ensure_present", "build"]


class OrderTests(Scene):
    """One build after the other."""

    plan = Plan(seconds=50.0)

    def said(self, level: LogLevel = LogLevel.info) -> list[str]:
        return super().said(level)

    def calls(self, scans: int = 1) -> list[str]:
        """Let scans pass, and give what was called in them."""
        self.network.calls.clear()
        self.scans(scans)
        return list(self.network.calls)

    def test_virtual(self) -> None:
        """A virtual builder is reset, given a job, followed, and collected. Case 14."""
        self.add_builder(virtualized=True, vm_host="host")
        _, second = [self.submit(builds=(VIRTUAL,)) for _ in range(2)]
        self.start()
        reset, introduction = ["reset", "echo"], ["echo", "info"]
        dispatch = ["ensure_present", "ensure_present", "build"]
        self.assertEqual(
            self.network.calls, [*reset, "status", *introduction, *dispatch]
        )
        self.assertEqual(self.calls(3), ["status"] * 3)
        collect = ["status", "fetch_log", "fetch_file", "fetch_file"]
        self.assertEqual(self.calls(), [*collect, *reset, "status", *dispatch])
        self.scans(4)
        self.assertIs(self.state(second), BuildState.FULLY_BUILT)

    def test_real(self) -> None:
        """A real builder is cleaned by its worker. Case 78."""
        self.add_builder()
        self.submit()
        self.start()
        self.scans(3)
        collect = ["status", "fetch_log", "fetch_file", "fetch_file"]
        self.assertEqual(self.calls(), [*collect, "status", "clean", "status"])

    def test_building(self) -> None:
        """
        While it builds, a worker is asked for its status, and no more.

        Cases 15, 41, 97.
        """
        self.add_builder(virtualized=True, vm_host="host")
        build = self.submit(builds=(VIRTUAL,))
        self.start()
        self.assertEqual(self.calls(), ["status"])
        self.assertIsNone(self.detail(build).log)

    def test_dispatch_is_told(self) -> None:
        """Each dispatch is told once, with what is built. Case 85."""
        self.add_builder()
        build = self.submit("hello")
        self.start()
        (attempt,) = self.detail(build).attempts
        told = [line for line in self.said() if attempt.cookie in line]
        self.assertEqual(
            told,
            [
                f"bob: {attempt.cookie} (amd64 build of hello 1) preparing",
                f"bob: {attempt.cookie} (amd64 build of hello 1) started",
            ],
        )

    def test_dispatch_is_counted(self) -> None:
        """Whoever counts what is dispatched is told once, with labels. Case 87."""
        self.add_builder()
        self.submit()
        self.start()
        self.scans(2)
        (event,) = [one for one in self.events if one.get("event") == "job-start"]
        labels = {"builder": "bob", "virtualized": False, "architecture": "amd64"}
        self.assertEqual({name: event[name] for name in labels}, labels)

    def test_not_dispatched(self) -> None:
        """What a worker did not begin is not counted. Case 87."""
        builder, build = self.add_builder(), self.submit()
        self.patch(self.buildd(builder), "build", lambda *_: ["BuilderStatus.IDLE"])
        self.start()
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        started = [one for one in self.events if one.get("event") == "job-start"]
        self.assertEqual(started, [])

    def test_same_file_twice(self) -> None:
        """
        Of two results with the same in them one is fetched, and both are kept. Case 83.

        Bad input F13.
        """
        files = {"a_1_amd64.changes": "", "b_1.deb": "deb", "c_1.deb": "deb"}
        self.plan = evolve(self.plan, files=files)
        self.add_builder()
        build = self.submit()
        self.start()
        calls = self.calls(4)
        self.assertEqual(calls.count("fetch_file"), 2)
        detail = self.detail(build)
        self.assertEqual([file.name for file in detail.files], sorted(files))
        landed = self.contents(detail.attempts[0].id)
        self.assertEqual(landed["b_1.deb"], landed["c_1.deb"])
        self.assertEqual(set(landed), set(files))


class ForgetfulTests(Scene):
    """Workers that have lost a file by the time that they are to build."""

    def forget(self, times: int) -> None:
        """Have a worker forget all files, so many times, before it is to build."""
        left = [None] * times

        def build(honest: Callable[..., Deferred[None]], *told: object) -> Any:
            if left:
                left.pop()
                self.buildd(self.builder()).cache.clear()
            return honest(*told)

        self.add_builder()
        self.network.lies["http://bob:8221", "build"] = build

    def test_once(self) -> None:
        """
        They are sent their files once more.

        Bad input S7.
        """
        self.forget(1)
        build = self.submit()
        self.start()
        self.assertEqual(self.network.calls[-6:], DISPATCH * 2)
        self.assertIs(self.state(build), BuildState.BUILDING)
        self.assertEqual(self.builder().failures, 0)

    def test_twice(self) -> None:
        """They are not sent them for ever."""
        self.forget(2)
        build = self.submit()
        self.start()
        self.assertEqual(self.network.calls[-6:], DISPATCH * 2)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertEqual(self.builder().failures, 1)


class LimitTests(Scene):
    """Results that are too much."""

    plan = Plan(
        seconds=10.0,
        files={"a_1_amd64.changes": "", "b_1.deb": "x" * 900, "c_1.deb": "x" * 900},
    )
    pace = Pace(interval=INTERVAL, limits=Limits(build=1500))

    def test_same_file_twice(self) -> None:
        """What is there twice is counted twice, since it is handed over twice."""
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans(4)
        attempt, *_ = self.detail(build).attempts
        self.assertIs(attempt.cause, Cause.BAD_RESULT)
        self.assertEqual(attempt.outcome, "the results are over 1500 bytes")
        self.assertEqual(self.uploader.landed, {})


class RenewingTests(Scene):
    """Builders that are new, or made anew."""

    def test_wrong_architecture(self) -> None:
        """A worker that builds for something else is out of use, and says why."""
        buildd = SimulatedBuildd(self.clock, architecture="riscv64")
        self.farm.buildds["http://bob:8221"] = buildd
        self.add_builder()
        self.submit()
        self.start()
        self.assertFalse(self.builder().ok)
        self.assertEqual(
            self.builder().fail_notes, "it builds for 'riscv64', not for amd64"
        )

    def test_version(self) -> None:
        """
        Its launchpad-buildd is remembered, and asked for again when it is news.

        Case 13.
        """
        self.add_builder()
        self.start()
        for version in ("254", "255"):
            buildd = SimulatedBuildd(self.clock, version=version)
            self.farm.buildds["http://bob:8221"] = buildd
            self.scans()
            self.assertEqual(self.builder().version, version)
            self.network.calls.clear()
            self.scans()
            self.assertEqual(self.network.calls, ["status"])

    def test_reset_by_others(self) -> None:
        """Where others reset a machine, it is used when they say that it is clean."""
        self.add_builder(
            virtualized=True, vm_host="host", reset_protocol=ResetProtocol.V2_0
        )
        build = self.submit(builds=(VIRTUAL,))
        self.start()
        self.scans(3)
        self.assertEqual(self.resetter.resets, ["bob"])
        self.assertIs(self.builder().clean, CleanState.CLEANING)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.now(self.store.catalogue.set_clean("bob"))
        self.scans()
        self.assertIs(self.state(build), BuildState.BUILDING)

    def test_reset_forgotten(self) -> None:
        """If they never do, people are told."""
        self.add_builder(
            virtualized=True, vm_host="host", reset_protocol=ResetProtocol.V2_0
        )
        self.start()
        self.scans(125)
        self.assertFalse(self.builder().ok)
        self.assertIn("nobody says", self.builder().fail_notes or "")


class KeepingTests(Scene):
    """Logs of what did not come to a result."""

    def test_cause(self) -> None:
        """The end of the log names the cause of a failure."""
        self.plan = Plan(seconds=1.0, verdict=Verdict.PACKAGEFAIL, log=0)
        builder = self.add_builder()
        build = self.submit()
        self.start()
        buildd = self.buildd(builder)
        self.patch(buildd, "log", lambda: b"x\ncp: No space left on device\nx\n")
        self.scans(2)
        self.assertIs(self.detail(build).summary.cause, Cause.DISK_FULL)

    def test_no_log(self) -> None:
        """A log that cannot be had keeps no builder from being judged."""
        self.plan = Plan(seconds=1.0, verdict=Verdict.BUILDERFAIL)
        builder = self.add_builder()
        build = self.submit()
        self.start()
        self.patch(self.buildd(builder), "log", lambda: None)
        self.scans(2)
        self.assertFalse(self.builder().ok)
        (attempt,) = self.detail(build).attempts
        self.assertIsNone(attempt.log)
        self.assertTrue(any("is lost" in line for line in self.said()))
