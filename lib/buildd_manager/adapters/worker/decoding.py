"""XML-RPC replies, read as if an enemy had written them."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias
from xml.parsers import expat

from attrs import define, field

from buildd_manager.domain.errors import (
    BadReplyError,
    NonsenseError,
    WorkerFaultError,
)


#: What a reply may be made of.
Value: TypeAlias = bool | int | str | bytes | list["Value"] | dict[str, "Value"] | None

#: Real replies have a depth of 11; with 2,000 files, they have 10,000 elements.
DEEPEST = 12
MOST_ELEMENTS = 12_000

#: Bytes that are parsed at once, and that a tag may have.
PIECE = 16 * 1024
LONGEST_TAG = 2 * PIECE

#: Characters of a fault that are kept.
LONGEST_FAULT = 512

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_INTEGERS = range(-(1 << 31), 1 << 31)
_WHITESPACE = " \t\r\n"


def decode(reply: bytes) -> Value:
    """
    Read a reply.

    :raises WorkerFaultError: If it is a fault.
    :raises BadReplyError: If it is neither one value nor one fault.
    """
    answer = _only(_parse(reply), "methodResponse")
    if answer.tag == "fault":
        _raise_fault(_value(_only(answer, "fault")))
    if answer.tag != "params":
        raise BadReplyError(f"neither params nor fault but {answer.tag[:40]!a}")
    return _value(_only(_only(answer, "params"), "param"))


@define
class _Element:
    """An element, its child elements and its own text."""

    tag: str
    children: list["_Element"] = field(factory=list)
    pieces: list[str] = field(factory=list)

    @property
    def text(self) -> str:
        """What is in it, apart from its children."""
        return "".join(self.pieces)


class _Builder:
    """Makes elements of what expat sees, and no more of them than is decent."""

    def __init__(self) -> None:
        self.root = _Element("")
        self._open = [self.root]
        self._left = MOST_ELEMENTS

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        self._left -= 1
        if self._left < 0:
            raise NonsenseError(f"more than {MOST_ELEMENTS} elements")
        if len(self._open) > DEEPEST:
            raise BadReplyError(f"nested deeper than {DEEPEST}")
        if attributes:
            raise BadReplyError(f"attributes on {tag[:40]!a}")
        element = _Element(tag)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _: str) -> None:
        """Close an element."""
        self._open.pop()

    def data(self, text: str) -> None:
        """Take text; expat hands it over in pieces."""
        self._open[-1].pieces.append(text)


def _forbid(*_: object) -> None:
    raise BadReplyError("a document type or an entity is declared")


def _parse(reply: bytes) -> _Element:
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _forbid
    parser.EntityDeclHandler = _forbid
    if b"\0" in reply:
        raise BadReplyError("not XML in UTF-8: there is NUL in it")
    try:
        _feed(parser, reply)
    except expat.ExpatError as error:
        raise BadReplyError(f"not XML: {error}") from error
    return builder.root.children[0]


def _feed(parser: expat.XMLParserType, reply: bytes) -> None:
    """
    Parse ``reply`` in pieces, so that no tag is larger than a few of them.

    A tag with attributes takes 25 times its size, and is known to have any only when
    all of them are there.
    """
    for start in range(0, len(reply), PIECE):
        if start - max(parser.CurrentByteIndex, 0) > LONGEST_TAG:
            raise BadReplyError(f"a tag of more than {LONGEST_TAG} bytes")
        parser.Parse(reply[start : start + PIECE], False)  # noqa: FBT003 - by position
    parser.Parse(b"", True)  # noqa: FBT003


def _only(element: _Element, tag: str) -> _Element:
    """Give the one child of ``element``, which must be a ``tag``."""
    if element.tag != tag or len(element.children) != 1:
        raise BadReplyError(
            f"{element.tag[:40]!a} with {len(element.children)} elements,"
            f" instead of {tag} with one"
        )
    return element.children[0]


def _value(element: _Element) -> Value:
    if element.tag != "value":
        raise BadReplyError(f"{element.tag[:40]!a} instead of value")
    if not element.children:
        return element.text
    typed = _only(element, "value")
    if (read := _READERS.get(typed.tag)) is None:
        raise BadReplyError(f"a value of a kind not taken: {typed.tag[:40]!a}")
    return read(typed)


def _leaf(element: _Element) -> str:
    if element.children:
        raise BadReplyError(f"elements in {element.tag}")
    return element.text


def _integer(element: _Element) -> int:
    text = _leaf(element).strip(_WHITESPACE)
    if _INTEGER.fullmatch(text) is None or int(text) not in _INTEGERS:
        raise BadReplyError(f"no integer of 32 bits: {text[:40]!a}")
    return int(text)


def _boolean(element: _Element) -> bool:
    text = _leaf(element).strip(_WHITESPACE)
    if text not in {"0", "1"}:
        raise BadReplyError(f"no boolean: {text[:40]!a}")
    return text == "1"


def _bytes(element: _Element) -> bytes:
    try:
        text = _leaf(element).encode("ascii").translate(None, _WHITESPACE.encode())
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadReplyError("base64 that is none") from error


def _array(element: _Element) -> list[Value]:
    data = _only(element, "array")
    if data.tag != "data":
        raise BadReplyError(f"an array of {data.tag[:40]!a}")
    return [_value(child) for child in data.children]


def _struct(element: _Element) -> dict[str, Value]:
    struct: dict[str, Value] = {}
    for member in element.children:
        tags = [child.tag for child in member.children]
        if member.tag != "member" or tags != ["name", "value"]:
            raise BadReplyError("a struct of anything but members")
        name, value = member.children
        if (key := _leaf(name)) in struct:
            raise NonsenseError(f"two members of the name {key[:40]!a}")
        struct[key] = _value(value)
    return struct


def _nil(element: _Element) -> None:
    _leaf(element)


_READERS: Mapping[str, Callable[[_Element], Value]] = {
    "string": _leaf,
    "int": _integer,
    "i4": _integer,
    "boolean": _boolean,
    "base64": _bytes,
    "array": _array,
    "struct": _struct,
    "nil": _nil,
}


def _raise_fault(fault: Value) -> None:
    match fault:
        case {"faultCode": int(code), "faultString": str(text)}:
            shown = "".join(
                c if c.isprintable() else ascii(c)[1:-1] for c in text[:LONGEST_FAULT]
            )
            raise WorkerFaultError(code, shown[:LONGEST_FAULT])
        case _:
            raise BadReplyError("a fault without a code and a text")
