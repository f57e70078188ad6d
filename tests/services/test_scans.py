"""What a scan sees, and what it makes of it at once."""

from typing import cast

from twisted.internet.defer import Deferred

from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.domain.errors import WorkerFaultError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.testing.buildd import error
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.builds import MemoryBuildStore
from tests.services.scene import Scene


class LookTests(Scene):
    """The database first, then the worker."""

    def calls(self) -> list[str]:
        """Let a scan pass, and give what was called in it."""
        self.network.calls.clear()
        self.scans()
        return list(self.network.calls)

    def test_anew(self) -> None:
        """Each scan reads the builder anew, before it asks the worker. Case 10."""
        look, calls = MemoryBuildStore.look, self.network.calls

        def noted(
            store: MemoryBuildStore, builder: int
        ) -> Deferred[tuple[Builder, Assignment | None]]:
            calls.append("look")
            return look(store, builder)

        self.patch(MemoryBuildStore, "look", noted)
        self.add_builder()
        self.start()
        for _ in range(2):
            self.assertEqual(self.calls(), ["look", "status"])

    def test_changed(self) -> None:
        """What people change of a builder counts from the next scan on. Case 5."""
        self.add_builder(manual=True)
        build = self.submit()
        self.start()
        self.scans(2)
        self.assertIs(self.builder().clean, CleanState.CLEAN)
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.now(
            self.store.catalogue.change_builder("bob", BuilderChange(manual=False))
        )
        self.scans()
        self.assertIs(self.state(build), BuildState.BUILDING)

    def test_tail(self) -> None:
        """The end of the log is shown just as the worker tells it. Case 3."""
        builder, build = self.add_builder(), self.submit()
        self.start()
        self.scans(3)
        self.now(self.works.tails.flush())
        tail = self.buildd(builder).status()["logtail"]
        assert isinstance(tail, bytes)
        self.assertGreater(len(tail), 100)
        self.assertEqual(self.detail(build).log_tail, tail.decode())
        self.assertIs(self.state(build), BuildState.BUILDING)

    def test_fault(self) -> None:
        """A scan fails with the fault that a worker answers with, as it is. Case 7."""
        builder = self.add_builder()
        self.start()

        def status() -> None:
            raise error()

        self.patch(self.buildd(builder), "status", status)
        scan = self.works.scan_of(builder.id, lambda: self.lease_of(builder))
        failure = self.failureResultOf(scan(), WorkerFaultError)
        self.assertEqual(str(failure.value), str(error()))


class IsolationTests(Scene):
    """A builder that cannot be what it is said to be."""

    plan = Plan(seconds=1000.0)

    def test_not_dirty(self) -> None:
        """
        A job on a builder that is not dirty: nobody asks its worker. Cases 18, 21.

        The builder is out of use the first time that it is seen, and says why. Unlike
        in today's manager the build, which has done nothing, waits again.
        """
        builder, build = self.add_builder(), self.submit()
        self.start()
        rows = cast("MemoryBuildStore", self.store.builds).rows
        rows.set_clean(rows.builders[builder.id], CleanState.CLEAN)
        self.network.calls.clear()
        self.scans()
        self.assertEqual(self.network.calls, [])
        self.assertFalse(self.builder().ok)
        self.assertEqual(
            self.builder().fail_notes, "Non-dirty builder allegedly building."
        )
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
