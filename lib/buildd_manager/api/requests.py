"""What is asked for: parameters and bodies, checked."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any, TypeVar

from twisted.web.iweb import IRequest
from werkzeug.exceptions import UnsupportedMediaType

from buildd_manager.domain.errors import InvalidError


E = TypeVar("E", bound=Enum)

#: The largest number that is anything's.
_LARGEST = 2**63 - 1


#: The kinds of what is said, in words.
_KINDS: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list of texts",
}


def check_kind(request: IRequest, *kinds: str) -> None:
    """
    Make sure of what is sent: by its kind, it was judged how large it may be.

    :raises UnsupportedMediaType: If it is of none of the ``kinds``.
    """
    said = request.requestHeaders.getRawHeaders("content-type", [""])[0]
    if said.partition(";")[0].strip().lower() not in kinds:
        raise UnsupportedMediaType(f"send Content-Type: {' or '.join(kinds)}")


def json_body(request: IRequest, **kinds: type) -> Mapping[str, Any]:
    """
    Read an object whose members are of the given kinds; each may be missing.

    :raises InvalidError: If it is anything else; names the member.
    """
    check_kind(request, "application/json")
    try:
        said = json.loads(request.content.read(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        fault = f"it is not JSON: {error!s:.80}"
        raise InvalidError("body", fault, "send JSON") from error
    if not isinstance(said, dict):
        raise InvalidError("body", "it is no object", "send an object")
    for name, value in said.items():
        _check(name, value, kinds)
    return said


def _unique(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a name is there twice")
    return said


def _check(name: str, value: object, kinds: Mapping[str, type]) -> None:
    if (kind := kinds.get(name)) is None:
        close = get_close_matches(name, kinds, 1) or list(kinds)
        raise InvalidError(
            f"{name[:40]!a}", "nobody knows it", f"did you mean {', '.join(close)}?"
        )
    if not _fits(value, kind):
        raise InvalidError(name, "it is of another kind", f"give {_KINDS[kind]}")


def _fits(value: object, kind: type) -> bool:
    if isinstance(value, list):
        return kind is list and all(isinstance(one, str) for one in value)
    if type(value) is int:
        return kind in {int, float} and abs(value) <= _LARGEST
    return type(value) is kind


def needed(said: Mapping[str, Any], name: str) -> Any:
    """
    Give a member that must be there.

    :raises InvalidError: If it is not.
    """
    if name not in said:
        raise InvalidError(name, "it is missing", "give one")
    return said[name]


def parameter(request: IRequest, name: str) -> str | None:
    """Give the last value of a parameter of the address."""
    values = request.args.get(name.encode())
    return None if not values else values[-1].decode("utf-8", "replace")


def parameters(request: IRequest, name: str) -> tuple[str, ...]:
    """Give all values of a parameter of the address."""
    values = request.args.get(name.encode(), ())
    return tuple(value.decode("utf-8", "replace") for value in values)


def choice(text: str | None, name: str, kind: type[E]) -> E | None:
    """
    Read one of a few words, if there is one.

    :raises InvalidError: If it is another one.
    """
    if text is None:
        return None
    words = {one.value: one for one in kind}
    if text not in words:
        mend = f"use {', '.join(words)}"
        raise InvalidError(name, f"{text[:40]!a} is none", mend)
    return words[text]


def number_parameter(
    request: IRequest, name: str, least: int = 0, most: int = _LARGEST
) -> int | None:
    """
    Give a parameter that is a whole number.

    :raises InvalidError: If it is none, or out of range.
    """
    if (text := parameter(request, name)) is None:
        return None
    return number(text, name, least, most)


def number(text: str, name: str, least: int = 0, most: int = _LARGEST) -> int:
    """
    Read a whole number.

    :raises InvalidError: If it is none, or out of range.
    """
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) < 20  # noqa: PLR2004
    if not plain or not least <= int(text) <= most:
        fault = f"{text[:40]!a} is not a number from {least} to {most}"
        raise InvalidError(name, fault, "give one")
    return int(text)
