"""XML-RPC replies, as workers write them and as they do not."""

import contextlib
import string
import tracemalloc
from typing import Any
from xmlrpc.client import Binary, Fault, dumps

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.worker.decoding import DEEPEST, Value, decode
from buildd_manager.adapters.worker.replies import report
from buildd_manager.adapters.worker.xmlrpc import LARGEST_BODY
from buildd_manager.domain.errors import (
    BadReplyError,
    BuilddManagerError,
    WorkerFaultError,
)
from tests.adapters.worker_data import calm, check_error, reply_of
from tests.bad_inputs import cases


#: What XML can hold, but for the end of a line, which it changes.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
    | st.sampled_from("\t\n")
).filter(lambda text: not {"\ufffe", "\uffff"} & set(text))

LEAVES: st.SearchStrategy[Value] = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 31), (1 << 31) - 1)
    | TEXTS
    | st.binary()
)

VALUES: st.SearchStrategy[Value] = (
    LEAVES | st.lists(LEAVES | st.lists(LEAVES)) | st.dictionaries(TEXTS, LEAVES)
)

#: What looks like XML-RPC, now and then.
MARKUP = st.lists(
    st.sampled_from(
        [
            b"<methodResponse>",
            b"</methodResponse>",
            b"<params><param>",
            b"</param></params>",
            b"<fault>",
            b"<value>",
            b"</value>",
            b"<int>1</int>",
            b"<array><data>",
            b"</data></array>",
            b"<struct><member><name>",
            b"</name>",
            b"</member></struct>",
            b"<nil/>",
            b"<base64>",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"]]>",
            b"&lt;",
            b"&#x0;",
            b"\xff",
            b" ",
        ]
    )
    | st.binary(max_size=4)
).map(b"".join)


def encoded(value: Any) -> bytes:
    """Write a reply as Python does."""
    return dumps((value,), methodresponse=True, allow_none=True).encode()


def nested(depth: int) -> bytes:
    """Write a reply of so many elements in each other."""
    inner = depth - 4
    tags = ["array", "data", "value"] * inner
    opened = "".join(f"<{tag}>" for tag in tags[:inner])
    closed = "".join(f"</{tag}>" for tag in reversed(tags[:inner]))
    value = f"<value>{opened}{closed}</value>"
    start, end = "<methodResponse><params><param>", "</param></params></methodResponse>"
    return f"{start}{value}{end}".encode()


class DecodeTests(SynchronousTestCase):
    """``decode``."""

    @calm
    @given(VALUES)
    def test_values(self, value: Value) -> None:
        """What Python writes is read as it was."""
        sent = _with_binaries(value)
        self.assertEqual(decode(encoded(sent)), value)

    @calm
    @given(TEXTS, st.integers(-(1 << 31), (1 << 31) - 1))
    def test_faults(self, text: str, code: int) -> None:
        """A fault that Python writes is a fault, with what can be printed of it."""
        with self.assertRaises(WorkerFaultError) as raised:
            decode(dumps(Fault(code, text)).encode())
        self.assertEqual(raised.exception.code, code)
        self.assertTrue(raised.exception.text.isprintable())
        self.assertLessEqual(len(raised.exception.text), 512)
        if set(text) <= set(string.printable) - set(string.whitespace):
            self.assertEqual(raised.exception.text, text[:512])

    @calm
    @given(st.binary() | MARKUP)
    def test_anything(self, reply: bytes) -> None:
        """Any bytes at all are a value, or an error of ours."""
        try:
            decode(reply)
        except (BadReplyError, WorkerFaultError) as error:
            self.assertTrue(str(error).isprintable())

    @calm
    @given(st.data())
    def test_half(self, data: st.DataObject) -> None:
        """A part of a reply is no reply."""
        reply = encoded(data.draw(VALUES)).rstrip()
        end = data.draw(st.integers(0, len(reply) - 1))
        with self.assertRaises(BadReplyError):
            decode(reply[:end])

    def test_texts(self) -> None:
        """A value without a type is a text; white space around numbers is none."""
        for xml, value in (
            ("", ""),
            ("a &amp; b", "a & b"),
            ("<string> a </string>", " a "),
            ("<int>\n -7\t</int>", -7),
            ("<i4>+7</i4>", 7),
            ("<boolean> 1 </boolean>", True),
            ("<base64>\naGk=\n</base64>", b"hi"),
            ("a<!-- b -->c<![CDATA[<d>]]>", "ac<d>"),
        ):
            reply = f"<methodResponse><params><param><value>{xml}</value>"
            reply += "</param></params></methodResponse>"
            self.assertEqual(decode(reply.encode()), value, xml)

    def test_depth(self) -> None:
        """Elements are read as deep as real ones are, and not one deeper."""
        for depth in range(4, DEEPEST + 8):
            fault = ""
            try:
                decode(nested(depth))
            except BadReplyError as error:
                fault = str(error)
            self.assertEqual("nested deeper" in fault, depth > DEEPEST, depth)

    def test_large(self) -> None:
        """Text may have any length, and be written in any pieces."""
        text = "łąka " * 100_000
        self.assertEqual(
            decode(encoded([text, Binary(text.encode())])), [text, text.encode()]
        )

    def test_hostile(self) -> None:
        """What an enemy writes is refused for what it is."""
        for case in cases("worker/xml"):
            raised: Exception | None = None
            try:
                report(decode(reply_of(case)))
            except BuilddManagerError as error:
                raised = error
            check_error(case, raised)

    def test_memory(self) -> None:
        """No reply takes more than four mebibytes, whatever is in it."""
        for file in ("worker/xml", "worker/statuses", "worker/filemaps"):
            for case in cases(file):
                reply = reply_of(case)[:LARGEST_BODY]
                tracemalloc.start()
                with contextlib.suppress(BuilddManagerError):
                    report(decode(reply))
                _, peak = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                self.assertLess(peak, 4 * 2**20, str(case))


def _with_binaries(value: Value) -> object:
    match value:
        case bytes():
            return Binary(value)
        case list():
            return [_with_binaries(one) for one in value]
        case dict():
            return {key: _with_binaries(one) for key, one in value.items()}
        case _:
            return value
