"""Why an attempt has ended, and what an error is a sign of."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.accusing import Accusation, accuse
from buildd_manager.domain.blame import Offence
from buildd_manager.domain.causes import Cause, cause_of
from buildd_manager.domain.errors import (
    BadFileError,
    BadReplyError,
    CommandError,
    LeaseLostError,
    LibrarianError,
    NotStartedError,
    StoreUnavailableError,
    UnsuitableError,
    UntrustworthyError,
    WorkerUnreachableError,
)
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import Verdict


class CauseTests(SynchronousTestCase):
    """The cause of a worker's verdict."""

    def test_success(self) -> None:
        """A success has no cause, whatever the log says."""
        self.assertIsNone(cause_of(Verdict.OK, "No space left on device"))

    def test_plain(self) -> None:
        """Without a sign in the log, it is what the worker says."""
        self.assertIs(cause_of(Verdict.PACKAGEFAIL, "make: error"), Cause.PACKAGE)
        self.assertIs(cause_of(Verdict.CHROOTFAIL, ""), Cause.CHROOT)

    def test_signs(self) -> None:
        """The log of a failure tells more."""
        for line, cause in (
            ("cc1plus: error: No space left on device", Cause.DISK_FULL),
            ("c++: fatal error: Killed signal terminated program", Cause.OUT_OF_MEMORY),
            ("virtual memory exhausted: Cannot allocate memory", Cause.OUT_OF_MEMORY),
            ("Temporary failure resolving 'deb.debian.org'", Cause.NETWORK),
            ("E: Build killed after 150 minutes of inactivity", Cause.SILENCE),
        ):
            self.assertIs(cause_of(Verdict.PACKAGEFAIL, f"x\n{line}\n"), cause)

    def test_dependencies(self) -> None:
        """What a package waits for is no matter of the network."""
        log = "Temporary failure resolving"
        self.assertIs(cause_of(Verdict.DEPFAIL, log), Cause.DEPENDENCY)

    @given(st.sampled_from(Verdict), st.text())
    def test_all(self, verdict: Verdict, log: str) -> None:
        """Every failure has a cause."""
        self.assertEqual(cause_of(verdict, log) is None, verdict is Verdict.OK)


class AccusingTests(SynchronousTestCase):
    """What a failed scan is a sign of."""

    def accused(self, error: BaseException) -> Accusation | None:
        return accuse(error, Policy())

    def test_ours(self) -> None:
        """Trouble of our own is held against nobody."""
        for error in (
            StoreUnavailableError("x"),
            LeaseLostError("x"),
            LibrarianError("x"),
        ):
            self.assertIsNone(self.accused(error))

    def test_patience(self) -> None:
        """Trouble with a worker is borne for five scans. Case 22."""
        for error in (WorkerUnreachableError("x"), BadReplyError("x")):
            self.assertEqual(
                self.accused(error),
                Accusation(Offence.TROUBLE, Cause.BUILDER_SILENT, 5),
            )

    def test_at_once(self) -> None:
        """What shows more is judged at once."""
        for error, offence in (
            (UntrustworthyError("x"), Offence.BETRAYAL),
            (UnsuitableError("x"), Offence.UNSUITABLE),
            (NotStartedError("x"), Offence.NOT_STARTED),
            (CommandError("x"), Offence.RESET_FAILED),
        ):
            accusation = self.accused(error)
            assert accusation is not None
            self.assertEqual((accusation.offence, accusation.patience), (offence, 1))

    def test_bad_file(self) -> None:
        """A file may be bad twice."""
        accusation = self.accused(BadFileError("x"))
        assert accusation is not None
        self.assertEqual(accusation.patience, 3)

    def test_anything(self) -> None:
        """An error that nobody has thought of is not borne for ever."""
        accusation = self.accused(ZeroDivisionError())
        assert accusation is not None
        self.assertIs(accusation.offence, Offence.TROUBLE)

    def test_not_ours_to_judge(self) -> None:
        """What ends the process is not judged."""
        with self.assertRaises(KeyboardInterrupt):
            self.accused(KeyboardInterrupt())
