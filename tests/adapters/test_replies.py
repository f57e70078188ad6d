"""What workers say, understood, or refused for what it is."""

from collections.abc import Callable, Sequence
from xmlrpc.client import dumps

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.worker import replies
from buildd_manager.adapters.worker.decoding import Value, decode
from buildd_manager.domain.errors import (
    BadReplyError,
    BuilddManagerError,
    NotStartedError,
    WorkerError,
)
from buildd_manager.domain.files import is_sha1
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Garbled,
    Idle,
    Report,
    Verdict,
    Waiting,
)
from tests.adapters.worker_data import (
    calm,
    check_error,
    check_words,
    reply_of,
)
from tests.bad_inputs import cases


ALL_A = "a" * 40

STATES = st.sampled_from(["IDLE", "BUILDING", "ABORTING", "ABORTED", "WAITING"])

LEAVES: st.SearchStrategy[Value] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | STATES.map("BuilderStatus.{}".format)
    | st.sampled_from(Verdict).map(lambda verdict: verdict.value)
)

VALUES: st.SearchStrategy[Value] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)

KEYS = st.sampled_from(
    [
        "builder_version",
        "build_id",
        "build_status",
        "logtail",
        "filemap",
        "dependencies",
        "unheard_of",
    ]
)

#: Statuses whose first word is in order, and all else whatever it may be.
STATUSES: st.SearchStrategy[Value] = st.builds(
    lambda state, rest: {**rest, "builder_status": f"BuilderStatus.{state}"},
    STATES,
    st.dictionaries(KEYS, VALUES),
)


#: What workers may well say.
NAMES = st.from_regex(r"\A[0-9]{1,9}-[0-9]{1,9}(-[0-9a-f]{16})?\Z")
PRINTABLE = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126))
FILES = st.dictionaries(
    st.from_regex(r"\A[a-z][a-z0-9]{0,9}_[0-9.]{1,4}[0-9]_amd64\.(deb|changes)\Z"),
    st.text("0123456789abcdef", min_size=40, max_size=40),
    max_size=4,
)
REPORTS: st.SearchStrategy[Report] = st.one_of(
    st.builds(Idle, st.none() | PRINTABLE.filter(lambda text: len(text) < 100)),
    st.builds(Building, NAMES, st.binary(max_size=100)),
    st.builds(Aborting, NAMES),
    st.builds(Aborted, NAMES),
    st.builds(Waiting, NAMES, st.sampled_from(Verdict), FILES, PRINTABLE),
)


def said(report: Report) -> dict[str, Value]:
    """Say something as a worker does: the values in the order of 2005's lists."""
    match report:
        case Idle(version):
            version_: dict[str, Value] = (
                {} if version is None else {"builder_version": version}
            )
            return {"builder_status": "BuilderStatus.IDLE", **version_}
        case Building(cookie, tail):
            status: dict[str, Value] = {"builder_status": "BuilderStatus.BUILDING"}
            return {**status, "build_id": cookie, "logtail": tail}
        case Aborting(cookie):
            return {"builder_status": "BuilderStatus.ABORTING", "build_id": cookie}
        case Aborted(cookie):
            return {"builder_status": "BuilderStatus.ABORTED", "build_id": cookie}
        case Waiting():
            return {
                "builder_status": "BuilderStatus.WAITING",
                "build_status": report.verdict.value,
                "build_id": report.cookie,
                "filemap": dict(report.files),
                "dependencies": report.dependencies,
            }
        case _:
            raise AssertionError(report)


class ReportTests(SynchronousTestCase):
    """What a status says."""

    def test_structs(self) -> None:
        """Today's statuses are structs; keys that nobody knows mean nothing."""
        files: dict[str, Value] = {"hello_1_amd64.deb": ALL_A}
        for said, meant in STRUCTS:
            status: dict[str, Value] = {"unheard_of": files, **said}
            self.assertEqual(replies.report(status), meant)

    def test_lists(self) -> None:
        """Those of 2005 are lists, of which the end may be left out."""
        for said, meant in LISTS:
            self.assertEqual(replies.report(said), meant)

    def test_verdicts(self) -> None:
        """Each verdict is understood, with and without files."""
        for verdict in Verdict:
            said: dict[str, Value] = {
                "builder_status": "BuilderStatus.WAITING",
                "build_status": verdict.value,
                "build_id": "1-1",
            }
            self.assertEqual(replies.report(said), Waiting("1-1", verdict))
            files: dict[str, Value] = {"x.deb": ALL_A}
            more: dict[str, Value] = {"filemap": files, "dependencies": "libx"}
            self.assertEqual(
                replies.report({**said, **more}),
                Waiting("1-1", verdict, {"x.deb": ALL_A}, "libx"),
            )

    def test_products(self) -> None:
        """All that builds produce is understood."""
        names = (
            "hello_2.10-3~bpo12+1_amd64.deb",
            "hello-udeb_1_all.udeb",
            "hello-dbgsym_1_amd64.ddeb",
            "hello_1_amd64.changes",
            "hello_1_amd64.buildinfo",
            "hello_1_amd64_translations.tar.gz",
            "hello_1_amd64.tar.xz",
        )
        self.assertEqual(set(finished(dict.fromkeys(names, ALL_A)).files), set(names))

    def test_many_files(self) -> None:
        """Two thousand files are not too many; some may have the same sum."""
        files: dict[str, Value] = {f"{number}.deb": ALL_A for number in range(2000)}
        self.assertEqual(finished(files).files, files)

    def test_dependencies(self) -> None:
        """Of dependencies, as much is kept as makes sense, and can be printed."""
        said = "libx (>= 2) | liby\n\x1b" + "x" * 1_000_000
        report = finished({}, dependencies=said)
        self.assertTrue(report.dependencies.startswith("libx (>= 2) | liby\\n\\x1bxx"))
        self.assertTrue(report.dependencies.isprintable())
        self.assertLess(len(report.dependencies), 8300)

    def test_long_log(self) -> None:
        """Of what is called the end of a log, the end is kept."""
        for log in (b"\xff" * 9000 + b"the end", "ł" * 9000 + "the end"):
            said: dict[str, Value] = {
                "builder_status": "BuilderStatus.BUILDING",
                "build_id": "1-1",
                "logtail": log,
            }
            report = replies.report(said)
            assert isinstance(report, Building)
            self.assertTrue(report.tail.endswith(b"the end"))
            self.assertEqual(len(report.tail), 4096)

    @calm
    @given(REPORTS)
    def test_said(self, report: Report) -> None:
        """What is said in a struct, in a list, or in XML is understood as it was."""
        struct = said(report)
        self.assertEqual(replies.report(struct), report)
        xml = dumps((struct,), methodresponse=True).encode()
        self.assertEqual(replies.report(decode(xml)), report)
        if not isinstance(report, Idle) or report.version is None:
            self.assertEqual(replies.report(list(struct.values())), report)

    @calm
    @given(VALUES | STATUSES)
    def test_anything(self, said: Value) -> None:
        """Anything at all is a report without harm in it, or an error of ours."""
        try:
            report = replies.report(said)
        except BadReplyError as error:
            self.assertTrue(str(error).isprintable())
        else:
            self.assertFalse(harm_in(report))

    def test_hostile(self) -> None:
        """What an enemy says is refused for what it is."""
        for file in ("worker/statuses", "worker/filemaps"):
            for case in cases(file):
                report, raised = understood(reply_of(case))
                if "garbled" in case:
                    assert isinstance(report, Garbled), f"{case}: {raised!r}"
                    check_words(case, report.why, case["garbled"])
                else:
                    check_error(case, raised)


class AnswerTests(SynchronousTestCase):
    """What other answers say."""

    def test_present(self) -> None:
        """A file is present if the answer is yes, today's or 2005's. Case 82."""
        answers: Sequence[Value] = (
            [True, "Cache"],
            [True, "Download"],
            [True, "No URL"],
            [True, ""],
            True,
        )
        for said in answers:
            replies.check_present(said)

    def test_not_present(self) -> None:
        """The reason why a file is not present can always be printed. Case 82."""
        reason = "No URL\x1b[2J\n" + "x" * 9000
        answers: Sequence[Value] = ([False, reason], [False, ""], False)
        for said in answers:
            with self.assertRaises(NotStartedError) as raised:
                replies.check_present(said)
            self.assertTrue(str(raised.exception).isprintable())
            self.assertLess(len(str(raised.exception)), 600)

    def test_acknowledged(self) -> None:
        """A job is acknowledged by its own name only."""
        replies.check_acknowledged(["BuilderStatus.BUILDING", "1-1"], "1-1")
        for case in cases("worker/answers"):
            with self.assertRaises(WorkerError, msg=str(case)) as raised:
                replies.check_acknowledged(decode(reply_of(case)), "1-1")
            check_error(case, raised.exception)

    def test_reason(self) -> None:
        """Why a job was not begun is told in the worker's words."""
        with self.assertRaises(NotStartedError) as raised:
            replies.check_acknowledged(
                ["BuilderStatus.UNKNOWNSUM", "CHROOTSUM -> a"], "1-1"
            )
        self.assertIn("UNKNOWNSUM CHROOTSUM -> a", str(raised.exception))

    def test_states(self) -> None:
        """An order is answered with the state that it leads to, and nothing else."""
        replies.check_status("BuilderStatus.IDLE", "BuilderStatus.IDLE", "clean")
        replies.check_status(["BuilderStatus.IDLE"], "BuilderStatus.IDLE", "clean")
        for said in NOT_IDLE:
            with self.assertRaises(BadReplyError, msg=str(said)):
                replies.check_status(said, "BuilderStatus.IDLE", "clean")

    @calm
    @given(VALUES)
    def test_anything(self, said: Value) -> None:
        """Anything at all is understood, or an error of ours."""
        readers: Sequence[Callable[[], object]] = (
            lambda: replies.check_present(said),
            lambda: replies.check_acknowledged(said, "1-1"),
            lambda: replies.check_status(said, "BuilderStatus.IDLE", "clean"),
            lambda: replies.texts(said, "echo"),
            lambda: replies.info(said),
            lambda: replies.struct(said, "proxy_info"),
        )
        for read in readers:
            try:
                read()
            except (BadReplyError, NotStartedError) as error:
                self.assertTrue(str(error).isprintable())

    def test_info(self) -> None:
        """A worker's description is three words and a list of words."""
        said: Value = ["1.0", "amd64", ["binarypackage", "snap"]]
        self.assertEqual(
            replies.info(said), ("1.0", "amd64", ("binarypackage", "snap"))
        )
        wrongs: Sequence[Value] = (["1.0", "amd64", "x"], ["1.0", "amd64", [1]], [])
        for wrong in wrongs:
            with self.assertRaises(BadReplyError):
                replies.info(wrong)


STRUCTS: Sequence[tuple[dict[str, Value], Report]] = (
    ({"builder_status": "BuilderStatus.IDLE"}, Idle()),
    (
        {"builder_status": "BuilderStatus.IDLE", "builder_version": "254\x1b"},
        Idle("254\\x1b"),
    ),
    (
        {"builder_status": "BuilderStatus.BUILDING", "build_id": "1-1"},
        Building("1-1"),
    ),
    (
        {
            "builder_status": "BuilderStatus.BUILDING",
            "build_id": "1-1",
            "logtail": b"\xff\0",
        },
        Building("1-1", b"\xff\0"),
    ),
    (
        {"builder_status": "BuilderStatus.ABORTING", "build_id": "1-1"},
        Aborting("1-1"),
    ),
)

LISTS: Sequence[tuple[list[Value], Report]] = (
    (["BuilderStatus.IDLE"], Idle()),
    (["BuilderStatus.BUILDING", "1-1"], Building("1-1")),
    (
        ["BuilderStatus.BUILDING", "1-1", "This is a build log"],
        Building("1-1", b"This is a build log"),
    ),
    (["BuilderStatus.ABORTING", "1-1"], Aborting("1-1")),
    (["BuilderStatus.ABORTED", "1-1"], Aborted("1-1")),
    (["BuilderStatus.WAITING", "BuildStatus.OK", "1-1"], Waiting("1-1", Verdict.OK)),
    (
        ["BuilderStatus.WAITING", "BuildStatus.OK", "1-1", {"x.deb": ALL_A}],
        Waiting("1-1", Verdict.OK, {"x.deb": ALL_A}),
    ),
    (
        ["BuilderStatus.WAITING", "BuildStatus.DEPFAIL", "1-1", {}, "libx"],
        Waiting("1-1", Verdict.DEPFAIL, {}, "libx"),
    ),
)

NOT_IDLE: Sequence[Value] = (
    "BuilderStatus.WAITING",
    "",
    None,
    [],
    ["BuilderStatus.IDLE", "BuilderStatus.IDLE"],
    {"builder_status": "BuilderStatus.IDLE"},
)


def understood(reply: bytes) -> tuple[Report | None, BuilddManagerError | None]:
    """Read a reply; give the report, or the error that it is."""
    try:
        return replies.report(decode(reply)), None
    except BuilddManagerError as error:
        return None, error


def finished(files: dict[str, Value], dependencies: str = "") -> Waiting:
    """Read the status of a success."""
    report = replies.report(
        {
            "builder_status": "BuilderStatus.WAITING",
            "build_status": "BuildStatus.OK",
            "build_id": "1-1",
            "filemap": files,
            "dependencies": dependencies,
        }
    )
    assert isinstance(report, Waiting)
    return report


def harm_in(report: Report) -> list[str]:
    """List all that should not be in a report."""
    if not isinstance(report, Waiting):
        return []
    paths = [
        name for name in report.files if "/" in name or name.startswith((".", "-"))
    ]
    return [*paths, *(sha1 for sha1 in report.files.values() if not is_sha1(sha1))]
