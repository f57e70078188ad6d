"""Names, states and files."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.builds import NEXT, BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import (
    InvalidError,
    LeaseLostError,
    WorkerFaultError,
)
from buildd_manager.domain.files import check_name, is_sha1, is_sha256
from buildd_manager.domain.log_tails import LONGEST, readable
from buildd_manager.domain.reports import Verdict, Waiting
from buildd_manager.domain.results import (
    BuilderBroken,
    Conclusive,
    Inconclusive,
    meaning,
)
from buildd_manager.testing.strategies import cookies


class CookieTests(SynchronousTestCase):
    """The name of an attempt."""

    @given(cookies())
    def test_read_back(self, cookie: Cookie) -> None:
        """A name that was written is read back as it was. Case 106."""
        self.assertEqual(Cookie.parse(str(cookie)), cookie)

    def test_of_2005(self) -> None:
        """A name of 2005 has no nonce."""
        self.assertEqual(Cookie.parse("2-1"), Cookie(2, 1))

    def test_foreign(self) -> None:
        """What is not one of ours is none."""
        arabic = "\N{ARABIC-INDIC DIGIT ONE}-\N{ARABIC-INDIC DIGIT TWO}"
        shouted = "1-2-" + "A" * 16
        for text in ("", "1", "1-", "-1-2", "1-2-3", shouted, "1-2\n", arabic):
            self.assertIsNone(Cookie.parse(text))

    @given(st.from_regex(r"\A[0-9]{0,3}-?[0-9]{0,3}(-[0-9a-f]{15,17}\s?)?\Z"))
    def test_any_text(self, text: str) -> None:
        """What is nearly a name is none, or means just what it says."""
        cookie = Cookie.parse(text)
        if cookie is not None:
            build, queue, *nonce = text.split("-")
            self.assertEqual((cookie.build, cookie.queue), (int(build), int(queue)))
            self.assertEqual([cookie.nonce or ""], nonce or [""])
            self.assertEqual(Cookie.parse(str(cookie)), cookie)

    def test_log_name(self) -> None:
        """The log is called after the build and its entry in the queue, as in 2005."""
        self.assertEqual(Cookie(1, 1, "0" * 16).log_name, "log-for-1-1.txt.gz")


class BuildStateTests(SynchronousTestCase):
    """The states of a build."""

    def test_titles(self) -> None:
        """Each state has a title; 2005's are as they were."""
        self.assertEqual(len({state.title for state in BuildState}), len(BuildState))
        self.assertEqual(BuildState.FULLY_BUILT.title, "Fully built")
        self.assertEqual(BuildState.MANUAL_DEP_WAIT.title, "Manual dependency wait")

    def test_ends(self) -> None:
        """From a final state a build goes nowhere, or to be built again."""
        for state in BuildState:
            if state.is_final:
                self.assertLessEqual(NEXT[state], {BuildState.NEEDS_BUILD})
            else:
                self.assertTrue(NEXT[state])

    def test_complete(self) -> None:
        """The table knows every state."""
        self.assertEqual(set(NEXT), set(BuildState))

    def test_upload_comes_after_building(self) -> None:
        """Fully built comes only after an upload, or right from building."""
        built = BuildState.FULLY_BUILT
        self.assertEqual(
            {state for state, after in NEXT.items() if built in after},
            {BuildState.NEEDS_BUILD, BuildState.BUILDING, BuildState.UPLOADING},
        )


class MeaningTests(SynchronousTestCase):
    """What a verdict means."""

    def test_every_verdict(self) -> None:
        """Each verdict has its meaning."""
        files = {"x.changes": "0" * 40}
        rows = [
            (Verdict.OK, Conclusive(BuildState.UPLOADING)),
            (Verdict.PACKAGEFAIL, Conclusive(BuildState.FAILED_TO_BUILD)),
            (Verdict.DEPFAIL, Conclusive(BuildState.MANUAL_DEP_WAIT)),
            (Verdict.CHROOTFAIL, Conclusive(BuildState.CHROOT_WAIT)),
            (
                Verdict.GIVENBACK,
                Inconclusive(Cause.GIVEN_BACK, "the worker gave it back"),
            ),
            (Verdict.ABORTED, Inconclusive(Cause.ABORTED, "it was aborted")),
        ]
        for verdict, means in rows:
            self.assertEqual(meaning(Waiting("1-1", verdict, files)), means)
        broken = meaning(Waiting("1-1", Verdict.BUILDERFAIL))
        self.assertIsInstance(broken, BuilderBroken)

    def test_nothing_produced(self) -> None:
        """Success without a .changes is failure, and people are told why. Case 120."""
        for files in ({}, {"hello_1_amd64.deb": "0" * 40}):
            means = meaning(Waiting("1-1", Verdict.OK, files))
            assert isinstance(means, Conclusive)
            self.assertIs(means.state, BuildState.FAILED_TO_BUILD)
            self.assertIs(means.cause, Cause.PACKAGE)
            self.assertIn("no packages produced", means.fault or "")

    def test_unreadable_dependencies(self) -> None:
        """
        A build that lacks what nobody can read has failed, and people see it.

        Bad input L11.
        """
        for text in ("<b>libfoo</b>", "libfoo\\nlibbar", "x | " * 2000, "a b"):
            means = meaning(Waiting("1-1", Verdict.DEPFAIL, {}, text))
            assert isinstance(means, Conclusive)
            self.assertIs(means.state, BuildState.FAILED_TO_BUILD)
            self.assertIs(means.cause, Cause.DEPENDENCY)
            self.assertIn("dependencies: ", means.fault or "")
        for text in ("", "libfoo (>= 2) | libbar, libbaz:any"):
            waiting = Waiting("1-1", Verdict.DEPFAIL, {}, text)
            self.assertEqual(meaning(waiting), Conclusive(BuildState.MANUAL_DEP_WAIT))


class FileNameTests(SynchronousTestCase):
    """The names that a stranger may give to a file."""

    def test_good(self) -> None:
        """Names that Debian's tools make are accepted as they are."""
        for name in ("hello_2.10-3_amd64.deb", "libx++-dev_1~rc1+b1_all.deb", "0"):
            self.assertEqual(check_name(name), name)

    @given(st.text(max_size=260))
    def test_no_way_out(self, name: str) -> None:
        """No name that is accepted leaves its directory, hides, or is an option."""
        try:
            check_name(name)
        except InvalidError as error:
            self.assertTrue(str(error).isprintable())
        else:
            self.assertNotIn("/", name)
            self.assertTrue(name.isascii() and name.isprintable())
            self.assertNotIn(name[0], "-.")

    def test_bad(self) -> None:
        """Paths, hidden names, options, control characters and long ones are not."""
        for name in (
            "",
            ".",
            "..",
            "../x",
            "/x",
            "-rf",
            ".x",
            "a\nb",
            "a\0",
            "a" * 241,
        ):
            self.assertRaises(InvalidError, check_name, name)

    def test_sums(self) -> None:
        """Sums are lower-case hexadecimal digits of the right number."""
        self.assertTrue(is_sha1("0a" * 20))
        self.assertTrue(is_sha256("0a" * 32))
        for text in ("", "0A" * 20, "0a" * 19, "g" * 40, "0a" * 20 + "\n", "http://x"):
            self.assertFalse(is_sha1(text))
            self.assertFalse(is_sha256(text))


class LeaseTests(SynchronousTestCase):
    """The right to act on a builder."""

    lease = Lease(builder=1, owner="x", epoch=1, deadline=100.0)

    def test_in_time(self) -> None:
        """There is time for what ends before the deadline."""
        self.lease.check(now=69.0, margin=30.0)

    def test_too_late(self) -> None:
        """There is none for what may end after it."""
        error = self.assertRaises(LeaseLostError, self.lease.check, 70.0, 30.0)
        self.assertIn("30 s", str(error))


class LogTailTests(SynchronousTestCase):
    """The end of a log."""

    @given(st.binary(max_size=100))
    def test_any_bytes(self, tail: bytes) -> None:
        """Any bytes become a text without NUL that UTF-8 can hold."""
        text = readable(tail)
        self.assertNotIn("\0", text)
        text.encode()

    def test_length(self) -> None:
        """All is kept of what a worker sends: 2 KiB at most. Case 117."""
        for length in (0, 1, 2048):
            self.assertEqual(readable(b"x" * length), "x" * length)

    def test_long(self) -> None:
        """Of too much, the end is kept. Case 117."""
        self.assertEqual(readable(b"x" * LONGEST + b"yy")[-3:], "xyy")
        self.assertEqual(len(readable(b"x" * 10000)), LONGEST)


class ErrorTests(SynchronousTestCase):
    """What errors say."""

    def test_request(self) -> None:
        """An error of a request names the field, the fault and the mend."""
        error = InvalidError("url", "it is none", "give one")
        self.assertEqual(str(error), "url: it is none; give one")

    def test_fault(self) -> None:
        """A worker's fault says its code and words."""
        self.assertEqual(str(WorkerFaultError(8002, "error")), "fault 8002: error")
