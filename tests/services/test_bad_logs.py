"""What becomes of logs in which there is something bad."""

import gzip
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import formatEvent
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.cli.showing import safe
from buildd_manager.domain.archives import ArchiveChange, NewArchive
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.reports import Building
from buildd_manager.domain.secrets import REDACTED, Secret, pattern_of
from buildd_manager.ports import IReceiver
from buildd_manager.services.keeping import Limits
from buildd_manager.services.redacting import Redacting
from buildd_manager.services.works import Pace
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.worker_case import Kept
from tests.bad_inputs import Case, cases, text_of
from tests.services.scene import INTERVAL, Scene


class LogCase(Scene):
    """A worker that logs what a test wants."""

    plan = Plan(seconds=40.0)

    def log(self, content: bytes, **details: Any) -> int:
        """Have something built, with this in its log."""
        self.setUp()
        builder = self.add_builder()
        self.prepare()
        build = self.submit(**details)
        self.start()
        buildd = self.buildd(builder)

        def status(honest: Any) -> Any:
            told = self.now(honest())
            if not isinstance(told, Building):
                return told
            return Building(told.cookie, content[-2048:])

        def fetch_log(_: object, to: IReceiver, limit: int) -> Deferred[bool]:
            sent = to.write(content[:limit])
            return sent.addCallback(lambda _: len(content) > limit)

        self.assertEqual(len(buildd.begun), 1)
        self.network.lies[builder.url, "status"] = status
        self.network.lies[builder.url, "fetch_log"] = fetch_log
        return build

    def prepare(self) -> None:
        """Add what else there has to be."""

    def kept(self, build: int) -> bytes:
        """Give the log that is kept of a build that has ended."""
        log = self.detail(build).log
        assert log is not None
        return gzip.decompress(self.librarian.contents[log.sha256])


class BadLogTests(LogCase):
    """Logs that mean harm to whoever reads them."""

    def test_logs(self) -> None:
        """They are kept as they are, shown without harm, and change nothing."""
        for case in cases("logs/logs"):
            content = case.bytes_of("log")
            build = self.log(content)
            self.scans(2)
            tail = text_of(case.get("tail", case["log"]))
            told = self.detail(build).log_tail
            assert told is not None
            self.assertEqual(told, tail, str(case))
            self.assertEqual(safe(told), text_of(case.get("terminal", tail)), str(case))
            self.scans()
            self.assertIs(self.state(build), BuildState.FULLY_BUILT, str(case))
            self.assertEqual(self.kept(build), content, str(case))
            self.check_journal(case, tail)

    def check_journal(self, case: Case, tail: str) -> None:
        """See that nobody who reads our own log takes the build's for it."""
        journal = "".join(formatEvent(event) for event in self.events)
        for line in tail.splitlines():
            self.assertNotIn(line.strip() or tail, journal, str(case))


class SecretTests(LogCase):
    """Logs of builds for a private archive, whose worker was told its secret."""

    pace = Pace(interval=INTERVAL, limits=Limits(log=40))

    def prepare(self) -> None:
        catalogue = self.store.catalogue
        primary = ArchiveChange(url="http://deb.invalid/debian")
        self.now(catalogue.change_archive("debian", primary))
        archive = NewArchive(
            name="private",
            url="https://private.invalid/debian",
            private=True,
            secret=Secret("p@w/s3cret"),
        )
        self.now(catalogue.add_archive(archive))
        # A worker is told of an archive that has something in it.
        self.rows.publish(
            NewBinary(
                archive="private",
                series="bookworm",
                architecture="amd64",
                name="libx1",
                version="1",
            )
        )

    def test_private(self) -> None:
        """
        The secret is neither in the end that is shown nor in the log that is kept.

        Bad input L8.
        """
        build = self.log(b"a p@w/s3cret b\np%40w%2fs3cret c\n", archive="private")
        self.scans(2)
        shown = f"{REDACTED} {REDACTED} b\n{REDACTED} c\n"
        self.assertEqual(self.detail(build).log_tail, shown)
        self.scans()
        kept = f"a {REDACTED} b\n{REDACTED} c\n"
        self.assertEqual(self.kept(build).decode(), kept)

    def test_cut(self) -> None:
        """
        Where a log is cut, half a secret is none, too.

        Bad input L8.
        """
        log = b"x" * 30 + b" secret p@w/s3cret b\n"
        build = self.log(log, archive="private")
        self.scans(3)
        kept = self.kept(build).decode()
        self.assertIn("longer than 40 bytes", kept)
        self.assertTrue(kept.startswith("x" * 30 + f" secret {REDACTED}\n"), kept)


class RedactingTests(SynchronousTestCase):
    """Secrets in a log that comes piece by piece."""

    def redacted(self, case: Case, *pieces: bytes) -> bytes:
        """Have pieces redacted."""
        pattern = pattern_of([Secret(case["secret"])])
        assert pattern is not None
        kept = Kept()
        redacting = Redacting(kept, pattern)
        for piece in pieces:
            self.successResultOf(redacting.write(piece))
        self.successResultOf(redacting.finish(cut=False))
        return bytes(kept.data)

    def test_pieces(self) -> None:
        """However a log is cut into pieces, it is the same without its secrets."""
        for case in cases("logs/secrets"):
            log, shown = case.bytes_of("log"), case.bytes_of("shown")
            ends = range(len(log)) if len(log) < 1000 else range(131060, 131100, 3)
            for end in ends:
                pieces = (log[:end], log[end:])
                self.assertEqual(self.redacted(case, *pieces), shown, f"{case} {end}")
            small = [log[at : at + 1000] for at in range(0, len(log), 1000)]
            self.assertEqual(self.redacted(case, *small), shown, str(case))
