"""Which builders could be given a build at this moment."""

from twisted.internet.defer import Deferred
from twisted.logger import LogLevel

from buildd_manager.domain.catalogue import BuilderChange
from buildd_manager.testing.buildd_worker import SimulatedWorker
from tests.services.scene import Scene


class AvailabilityTests(Scene):
    """A farm of several builders, all of which were seen idle."""

    def setUp(self) -> None:
        super().setUp()
        for name in ("cat", "bob", "ann"):
            self.add_builder(name)
        dan = self.add_builder("dan", architectures=("arm64",))
        self.buildd(dan)._architecture = "arm64"
        self.now(self.works.passes.take())
        self.now(self.works.passes.collect())

    def available(self, architecture: str = "amd64") -> list[str]:
        found = self.now(self.works.availability.builders(architecture))
        self.assertEqual(
            self.now(self.works.availability.count(architecture)), len(found)
        )
        first = self.now(self.works.availability.first(architecture))
        self.assertIs(first and first.name, found[0].name if found else None)
        return [builder.name for builder in found]

    def test_all(self) -> None:
        """Those that are idle are available, in the order in which they were added."""
        self.assertEqual(self.available(), ["cat", "bob", "ann"])

    def test_architecture(self) -> None:
        """Those that build for another architecture are not."""
        self.assertEqual(self.available("arm64"), ["dan"])
        self.assertEqual(self.available("s390x"), [])

    def test_busy(self) -> None:
        """Nor is one with a job, whatever its worker says. Case 122."""
        cat = self.builder("cat")
        self.submit()
        self.now(self.works.passes.start(cat.id))
        self.buildd(cat).restart()
        self.assertEqual(self.available(), ["bob", "ann"])

    def test_broken(self) -> None:
        """One whose worker does not answer is passed over, and not judged. Case 122."""
        self.network.cut |= {self.builder("cat").url, self.builder("ann").url}
        self.assertEqual(self.available(), ["bob"])
        self.assertEqual(self.said(), [])
        lines = self.said(LogLevel.info)
        self.assertIn("cat is not available: status: no answer within 30 s", lines)

    def test_anything(self) -> None:
        """So is one whose worker fails in a way that nobody has thought of."""

        def status(_: SimulatedWorker) -> Deferred[None]:
            raise NameError("xmlrpclib")

        self.patch(SimulatedWorker, "status", status)
        self.assertEqual(self.available(), [])

    def test_not_idle(self) -> None:
        """One that builds what nobody knows of is not available, either."""
        cat = self.builder("cat")
        buildd = self.buildd(cat)
        buildd.cache["a" * 40] = buildd.cache["b" * 40] = b""
        told = {"series": "x", "suite": "x", "ogrecomponent": "main"}
        buildd.build("1-1", "binarypackage", "a" * 40, {"x.dsc": "b" * 40}, told)
        self.assertEqual(self.available(), ["bob", "ann"])

    def test_out_of_use(self) -> None:
        """Nor are those that are out of use, or people's."""
        for name, change in (
            ("cat", BuilderChange(ok=False)),
            ("bob", BuilderChange(manual=True)),
        ):
            self.now(self.store.catalogue.change_builder(name, change))
        self.assertEqual(self.available(), ["ann"])

    def test_dirty(self) -> None:
        """Nor is one that nobody has seen idle since it built something."""
        self.add_builder("eve")
        self.assertEqual(self.available(), ["cat", "bob", "ann"])

    def test_cancelled(self) -> None:
        """Who asks no more is not answered that there is none."""
        waiting: Deferred[None] = Deferred()
        self.patch(SimulatedWorker, "status", lambda _: waiting)
        asked = self.works.availability.first("amd64")
        self.assertNoResult(asked)
        asked.cancel()
        self.failureResultOf(asked)
