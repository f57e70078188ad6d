"""What is told of what was changed."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.audit import Kind, added, deed, edited
from buildd_manager.domain.catalogue import NewSeries
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret


ARCHIVE = Archive(id=1, name="ppa", purpose=Purpose.PPA, distribution="debian")


class DeedTests(SynchronousTestCase):
    """What was done, in words that everybody may read."""

    def test_as_it_was(self) -> None:
        """What is as it was is not told."""
        told = deed(Kind.BUILD, 7, "rescore", score=(1, 2), manual_score=(True, True))
        self.assertEqual(told.changes, {"score": (1, 2)})
        self.assertEqual((told.name, told.what), ("7", "rescore"))

    def test_values(self) -> None:
        """Every value is told as JSON has it."""
        file = StoredFile(
            alias=1,
            name="a.tar",
            mimetype="x/y",
            size=1,
            sha1="1" * 40,
            sha256="2" * 64,
        )
        for value, told in (
            (None, None),
            (1.5, 1.5),
            ("gpu", "gpu"),
            (("gpu", "large"), ["gpu", "large"]),
            (Pocket.UPDATES, "updates"),
            (Dependency("tools", Pocket.PROPOSED, "main"), "tools proposed main"),
            (file, f"a.tar sha256:{'2' * 64}"),
        ):
            changes = deed(Kind.BUILDER, "bob", "edit", x=(0, value)).changes
            self.assertEqual(changes, {"x": (0, told)})

    def test_secrets(self) -> None:
        """Nothing is told of a secret but that it is another one."""
        private = evolve(ARCHIVE, private=True, secret=Secret("open-sesame"))
        other = evolve(private, secret=Secret("close-sesame"))
        told = edited(Kind.ARCHIVE, "ppa", private, other, ArchiveChange)
        self.assertEqual(told.changes, {"secret": ("<redacted>", "<redacted>")})
        line = "deb https://user:open-sesame@x/ sid main"
        new = NewSeries(name="sid", archive_lines=(line,))
        told = added(Kind.SERIES, "sid", new)
        shown = "deb https://user:<redacted>@x/ sid main"
        self.assertEqual(told.changes["archive_lines"], (None, [shown]))

    def test_key(self) -> None:
        """Of a key it is told which it is, in a few words."""
        change = evolve(ARCHIVE, signing_key="a2V5" * 1000)
        told = edited(Kind.ARCHIVE, "ppa", ARCHIVE, change, ArchiveChange)
        ((before, after),) = told.changes.values()
        self.assertIsNone(before)
        self.assertRegex(after, r"\Asha256:[0-9a-f]{64}\Z")

    def test_added(self) -> None:
        """Of something new all is told that was said of it, even what it is not."""
        told = added(Kind.ARCHIVE, "ppa", NewArchive(name="ppa")).changes
        self.assertEqual(told["require_virtualized"], (None, False))
        self.assertEqual(told.keys() & {"name", "url", "external_lines"}, set())
