"""What is asked for: parameters and bodies, checked."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from twisted.web.iweb import IRequest

from buildd_manager.domain.errors import InvalidError


#: Bytes of JSON that are read; all that is asked for in JSON is small.
LARGEST_JSON = 2**20

#: The largest number that is anything's.
_LARGEST = 2**63 - 1


def json_body(request: IRequest, **kinds: type) -> Mapping[str, Any]:
    """
    Read an object whose members are of the given kinds; each may be missing.

    :raises InvalidError: If it is anything else; names the member.
    """
    data = request.content.read(LARGEST_JSON + 1)
    if len(data) > LARGEST_JSON:
        raise InvalidError("body", "it is too large", f"send {LARGEST_JSON} bytes")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidError("body", f"it is not JSON: {error}", "send JSON") from error
    if not isinstance(said, dict):
        raise InvalidError("body", "it is no object", "send an object")
    for name, value in said.items():
        _check(name, value, kinds)
    return said


def _check(name: str, value: object, kinds: Mapping[str, type]) -> None:
    if (kind := kinds.get(name)) is None:
        close = get_close_matches(name, kinds, 1) or list(kinds)
        raise InvalidError(
            f"{name[:40]!a}", "nobody knows it", f"did you mean {', '.join(close)}?"
        )
    fits = type(value) is kind
    if kind is list:
        fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not fits:
        wanted = {str: "a text", bool: "true or false", list: "a list of texts"}
        raise InvalidError(name, "it is of another kind", f"give {wanted[kind]}")


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


def number_parameter(request: IRequest, name: str, least: int = 0) -> int | None:
    """
    Give a parameter that is a whole number.

    :raises InvalidError: If it is none, or less than ``least``.
    """
    if (text := parameter(request, name)) is None:
        return None
    return number(text, name, least)


def number(text: str, name: str, least: int = 0) -> int:
    """
    Read a whole number.

    :raises InvalidError: If it is none, or less than ``least``, or too large.
    """
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) < 20  # noqa: PLR2004
    if not plain or not least <= int(text) <= _LARGEST:
        raise InvalidError(
            name, f"{text[:40]!a} is not a number from {least} on", "give one"
        )
    return int(text)
