"""What becomes of what a worker has come to."""

import gzip

from attrs import evolve
from twisted.internet.defer import Deferred

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.jobs import TAG
from buildd_manager.domain.queue import NewBuild
from buildd_manager.domain.reports import Verdict
from buildd_manager.domain.uploads import PendingUpload, UploadReport
from buildd_manager.testing.buildd import error
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.buildd_worker import SimulatedWorker, fetch_from
from buildd_manager.testing.worker_case import TOLD
from tests.services.attentive import Attentive
from tests.services.scene import INTERVAL, Scene


LOG = b"gcc\n\xff\0\x1b[2J\n" * 999


class BuildingTests(Scene):
    """A build that goes on."""

    def test_nothing_yet(self) -> None:
        """Nothing of it is fetched or handed over, and it has its place. Case 97."""
        builder, build = self.add_builder(), self.submit()
        self.start()
        self.scans(2)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.BUILDING)
        self.assertEqual((detail.log, detail.files), (None, ()))
        self.assertEqual(self.uploader.landed, {})
        running = self.now(self.store.queue.outlook()).running
        self.assertEqual(running[builder.id].build, build)
        self.assertNotIn("fetch_log", self.network.calls)
        self.assertNotIn("fetch_file", self.network.calls)

    def test_told(self) -> None:
        """Only a machine that is made anew anyway need not clean up. Case 88."""
        for virtualized in (False, True):
            fetch = fetch_from(self.librarian, self.store.files)
            worker = Attentive(self.clock, lambda _: self.plan, fetch)
            name = f"virtual-{virtualized}".lower()
            self.farm.buildds[f"http://{name}:8221"] = worker
            self.add_builder(name, virtualized=virtualized, vm_host="host")
            wanted = NewBuild(architecture="amd64", virtualized=virtualized)
            self.submit(builds=(wanted,))
            if virtualized:
                self.scans()
            else:
                self.start()
            ((_, _, told),) = worker.built
            self.assertIs(told["fast_cleanup"], virtualized)


class ResultTests(Scene):
    """A build that has ended."""

    plan = Plan(seconds=INTERVAL + 1.0)

    def finish(self, build: int) -> None:
        """Let a build come to its end."""
        self.start()
        self.scans(2)
        self.assertIsNot(self.state(build), BuildState.BUILDING)

    def test_success(self) -> None:
        """
        A success is landed once and has its log; the rest is the uploader's. Case 98.

        It has ended by then, however long that takes.
        """
        self.patch(type(self.uploader), "upload", never)
        self.add_builder()
        build = self.submit()
        self.finish(build)
        self.scans(3)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.UPLOADING)
        (attempt,) = detail.attempts
        self.assertEqual(list(self.uploader.landed), [attempt.id])
        self.assertEqual(self.uploader.landed[attempt.id], detail.files)
        self.assertIsNotNone(detail.log)
        self.assertIsNotNone(detail.summary.finished)

    def test_times(self) -> None:
        """Whatever it came to, it is known when it began and ended. Case 103."""
        self.add_builder()
        self.start()
        for verdict in (Verdict.PACKAGEFAIL, Verdict.DEPFAIL, Verdict.CHROOTFAIL):
            self.plan = evolve(self.plan, verdict=verdict, dependencies="libx")
            began, build = self.clock.seconds(), self.submit()
            self.scans(4)
            detail = self.detail(build)
            started, finished = detail.summary.started, detail.summary.finished
            assert started is not None
            assert finished is not None
            self.assertEqual(started.timestamp(), began + INTERVAL)
            self.assertEqual((finished - started).total_seconds(), 2 * INTERVAL)
            assert detail.log is not None

    def test_gathering(self) -> None:
        """While results are fetched it says so, and is not to be cancelled. Case 99."""
        self.patch(SimulatedWorker, "fetch_file", never)
        self.add_builder()
        build = self.submit()
        self.finish(build)
        self.assertIs(self.state(build), BuildState.GATHERING)
        self.failureResultOf(self.store.queue.cancel(build), ConflictError)
        self.assertEqual(self.uploader.landed, {})

    def test_superseded(self) -> None:
        """A success that nobody wants any more is superseded, not landed. Case 104."""
        self.add_builder()
        build = self.submit()
        self.start()
        self.now(self.store.queue.supersede(build))
        self.assertIs(self.state(build), BuildState.BUILDING)
        self.scans(2)
        detail = self.detail(build)
        self.assertIs(detail.summary.state, BuildState.SUPERSEDED)
        self.assertIsNotNone(detail.log)
        self.assertEqual((detail.files, self.uploader.landed), ((), {}))

    def test_log(self) -> None:
        """
        Its log is kept gzipped, byte by byte, as bytes of no special kind. Case 105.

        As in 2005, and not as text: nobody knows in which encoding it is.
        """
        builder, build = self.add_builder(), self.submit()
        self.patch(self.buildd(builder), "log", lambda: LOG)
        self.finish(build)
        log = self.detail(build).log
        assert log is not None
        self.assertEqual(gzip.decompress(self.librarian.contents[log.sha256]), LOG)
        self.assertEqual(log.mimetype, "application/octet-stream")
        self.assertTrue(log.name.endswith(".txt.gz"))

    def test_directories(self) -> None:
        """
        A worker that names a place instead of a file betrays itself. Case 83.

        No build of a package has results in directories of their own.
        """
        self.plan = evolve(self.plan, files={"a/hello_1_amd64.changes": ""})
        self.add_builder()
        build = self.submit()
        self.finish(build)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertFalse(self.builder().ok)
        self.assertEqual(self.uploader.landed, {})

    def test_identity(self) -> None:
        """Where it lands is called by a number that leads to its build. Case 106."""
        self.add_builder()
        build = self.submit()
        self.finish(build)
        (attempt,) = self.detail(build).attempts
        self.assertEqual(self.uploader.uploaded, [PendingUpload(attempt.id, build)])
        self.assertIn(attempt.id, self.uploader.landed)

    def test_silent_success(self) -> None:
        """An upload that succeeds is not worth a word of warning. Case 107."""
        self.uploader.report = UploadReport(ok=True, output="done")
        self.add_builder()
        build = self.submit()
        self.finish(build)
        self.assertIs(self.state(build), BuildState.FULLY_BUILT)
        self.assertEqual(self.said(), [])


class CalledOffTests(Scene):
    """A build that is called off, on a real machine."""

    plan = Plan(seconds=600.0, dying=1000.0)

    def test_not_killed(self) -> None:
        """A worker that cannot kill it within two minutes is out of use. Case 119."""
        self.add_builder()
        build = self.submit()
        self.start()
        self.scans()
        self.now(self.store.queue.cancel(build))
        self.scans(8)
        self.assertIs(self.state(build), BuildState.CANCELLING)
        self.scans(2)
        self.assertIs(self.state(build), BuildState.CANCELLED)
        self.assertFalse(self.builder().ok)
        self.assertIn("see to its machine", self.builder().fail_notes or "")
        (attempt,) = self.detail(build).attempts
        self.assertIsNotNone(attempt.log)


class CleaningTests(Scene):
    """A real builder that has something that is none of ours."""

    def test_refused(self) -> None:
        """
        If its worker refuses to end that, the scan has failed; it is tried again.

        Case 78.
        """
        buildd = self.buildd(self.add_builder())
        buildd.cache = {"a" * 40: b"chroot", "b" * 40: b"dsc"}
        buildd.build("9-9", TAG, "a" * 40, {"x_1.dsc": "b" * 40}, TOLD)
        self.patch(buildd, "abort", refuse)
        self.start()
        for scans in range(1, 5):
            self.assertEqual(self.network.calls.count("abort"), scans)
            self.assertIs(self.builder().clean, CleanState.CLEANING)
            self.assertEqual(self.builder().failures, 0)
            self.scans()
        self.assertIs(self.builder().clean, CleanState.DIRTY)
        self.assertEqual(self.builder().failures, 1)


def never(*_: object) -> Deferred[None]:
    """Do something for ever."""
    return Deferred()


def refuse() -> None:
    """Answer with a fault."""
    raise error()
