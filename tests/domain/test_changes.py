"""What becomes of the furniture when somebody changes it."""

from typing import Any

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Archive, ArchiveChange, Dependency, Purpose
from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.catalogue import (
    ArchChange,
    ArchDetail,
    BuilderChange,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.changes import (
    changed_architecture,
    changed_archive,
    changed_builder,
    changed_series,
    depending,
    independent,
)
from buildd_manager.domain.checks import LONGEST_NOTES
from buildd_manager.domain.errors import (
    InvalidError,
    NotFoundError,
    RequestError,
)
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.series_status import SeriesStatus


ARCHIVE = Archive(id=1, name="ppa", purpose=Purpose.PPA, distribution="debian")
ARCH = ArchDetail(architecture="amd64", chroots={})
SERIES = SeriesDetail(
    name="trixie",
    distribution="debian",
    status=SeriesStatus.DEVELOPMENT,
    component="main",
    components=("main",),
    strict_components=True,
    nominated_architecture=None,
    archive_lines=None,
    architectures=(ARCH,),
)
BUILDER = Builder(
    id=1, name="bob", url="http://bob", architectures=("amd64",), introduced=True
)


class ChangeTests(SynchronousTestCase):
    """Archives, series and architectures."""

    def test_nothing(self) -> None:
        """What is not mentioned stays as it is."""
        self.assertEqual(changed_archive(ARCHIVE, ArchiveChange()), ARCHIVE)
        self.assertEqual(changed_series(SERIES, SeriesChange()), SERIES)
        self.assertEqual(changed_architecture(ARCH, ArchChange()), ARCH)
        self.assertEqual(changed_builder(BUILDER, BuilderChange()), BUILDER)

    def test_archive(self) -> None:
        """An archive is what is said of it, even if that is nothing."""
        change = ArchiveChange(enabled=False, relative_score=0, external_lines=())
        busy = evolve(ARCHIVE, relative_score=5, external_lines=("deb x y",))
        self.assertEqual(changed_archive(busy, change), evolve(ARCHIVE, enabled=False))

    def test_archive_refused(self) -> None:
        """A public archive gets no secret."""
        secret = ArchiveChange(secret=Secret("open-sesame"))
        error = self.assertRaises(InvalidError, changed_archive, ARCHIVE, secret)
        self.assertEqual(error.field, "secret")
        private = evolve(ARCHIVE, private=True, secret=Secret("long-forgotten"))
        self.assertEqual(changed_archive(private, secret).secret, secret.secret)

    def test_dependencies(self) -> None:
        """An archive depends on others, each once, in the order they were named."""
        debian, tools = Dependency("debian"), Dependency("tools")
        archive = depending(depending(ARCHIVE, debian), tools)
        self.assertEqual(archive.dependencies, (debian, tools))
        updates = Dependency("debian", Pocket.UPDATES)
        archive = depending(archive, updates)
        self.assertEqual(archive.dependencies, (updates, tools))
        self.assertEqual(independent(archive, "debian").dependencies, (tools,))

    def test_no_dependencies(self) -> None:
        """No archive depends on itself; what never was a dependency ceases not."""
        itself = Dependency("ppa")
        error: RequestError
        error = self.assertRaises(InvalidError, depending, ARCHIVE, itself)
        self.assertEqual(error.field, "depends-on")
        error = self.assertRaises(NotFoundError, independent, ARCHIVE, "debian")
        self.assertEqual(error.field, "depends-on")

    def test_nominated(self) -> None:
        """Only an architecture that the series has is nominated."""
        for name in ("amd64", "arm64"):
            change = SeriesChange(nominated_architecture=name)
            if name == "amd64":
                found = changed_series(SERIES, change).nominated_architecture
                self.assertEqual(found, name)
            else:
                error = self.assertRaises(NotFoundError, changed_series, SERIES, change)
                self.assertEqual(error.field, "nominated-arch")
        self.assertRaises(InvalidError, SeriesChange, nominated_architecture="a\0")

    def test_limits(self) -> None:
        """A limit of nothing is one that is to be learned."""
        limited = changed_architecture(ARCH, ArchChange(wall=60.0, silence=30.0))
        self.assertEqual((limited.wall, limited.silence), (60.0, 30.0))
        learned = changed_architecture(limited, ArchChange(wall=0.0))
        self.assertEqual((learned.wall, learned.silence), (None, 30.0))
        for limit in (-1.0, 1e9, float("nan"), float("inf")):
            self.assertRaises(InvalidError, ArchChange, wall=limit)


class BuilderTests(SynchronousTestCase):
    """Builders, taken into use and out of it."""

    failed = evolve(
        BUILDER,
        ok=False,
        fail_notes="smoke",
        clean=CleanState.CLEAN,
        failures=5,
        trials=3,
        trial_due=True,
    )

    def change(self, builder: Builder, **said: Any) -> Builder:
        return changed_builder(builder, BuilderChange(**said))

    def test_into_use(self) -> None:
        """A builder that is taken into use is dirty and has no failures. Case 73."""
        builder = self.change(self.failed, ok=True)
        self.assertEqual(builder, BUILDER)
        self.assertIs(builder.clean, CleanState.DIRTY)
        self.assertEqual(builder.failures, 0)

    def test_in_use(self) -> None:
        """One that is in use already may be doing something, and goes on."""
        tried = evolve(BUILDER, clean=CleanState.CLEANING, on_trial=True, failures=1)
        builder = self.change(tried, ok=True)
        self.assertIs(builder.clean, CleanState.CLEANING)
        self.assertEqual((builder.on_trial, builder.failures), (False, 0))

    def test_out_of_use(self) -> None:
        """One that is taken out of use says why, and is not tried again."""
        for before in (BUILDER, self.failed):
            builder = self.change(before, ok=False, fail_notes="new fan")
            self.assertEqual((builder.ok, builder.fail_notes), (False, "new fan"))
            self.assertEqual((builder.trial_due, builder.trials), (False, 0))
            self.assertIs(builder.clean, before.clean)
        self.assertIsNone(self.change(self.failed, ok=False).fail_notes)

    def test_notes(self) -> None:
        """Notes are one line, and not a book."""
        for notes in ("a\nb", "a\0", "\x1b[2J", "x" * (LONGEST_NOTES + 1), "\ud800"):
            error = self.assertRaises(
                InvalidError, BuilderChange, ok=False, fail_notes=notes
            )
            self.assertEqual(error.field, "notes")
            self.assertTrue(str(error).isprintable())
        self.assertRaises(InvalidError, BuilderChange, fail_notes="x")

    def test_architectures(self) -> None:
        """For other architectures it has to introduce itself anew."""
        same = self.change(BUILDER, architectures=("amd64", "amd64"))
        self.assertEqual(same, BUILDER)
        other = self.change(BUILDER, architectures=("i386", "amd64"))
        self.assertEqual(other.architectures, ("amd64", "i386"))
        self.assertFalse(other.introduced)
