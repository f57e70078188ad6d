"""Which builds are meant: the same words in addresses and in bodies."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, TypeVar

from twisted.web.iweb import IRequest

from buildd_manager.api.requests import choice, number, parameters
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.queue import BuildFilter


E = TypeVar("E", bound=Enum)

#: What may be said, and of what kind it is in a body.
WORDS: Final[Mapping[str, type]] = {
    "build": list,
    "state": list,
    "cause": list,
    "source": str,
    "archive": str,
    "series": str,
    "arch": str,
    "builder": str,
}

#: Characters of a name; the database holds no NUL.
_LONGEST = 255


def check_parameters(request: IRequest, *names: str) -> None:
    """
    Make sure that nothing is said in an address but these.

    A word that is misspelt would mean more builds than were meant.

    :raises InvalidError: If there is another one.
    """
    for word in request.args:
        name = word.decode("utf-8", "replace")
        if name not in names:
            mend = f"use {', '.join(get_close_matches(name, names, 1) or names)}"
            raise InvalidError(f"{name[:40]!a}", "nobody knows it", mend)


def filter_in_address(request: IRequest) -> BuildFilter:
    """
    Read what is said in an address.

    :raises InvalidError: If something is of another kind.
    """
    return _filter({name: parameters(request, name) for name in WORDS})


def filter_in_body(said: Mapping[str, Any]) -> BuildFilter:
    """
    Read what is said in a body.

    :raises InvalidError: If something is of another kind.
    """
    return _filter(
        {
            name: tuple(said[name]) if kind is list else (said[name],)
            for name, kind in WORDS.items()
            if name in said
        }
    )


def _filter(said: Mapping[str, Sequence[str]]) -> BuildFilter:
    return BuildFilter(
        ids=frozenset(number(text, "build") for text in said.get("build", ())),
        states=_choices(said, "state", BuildState),
        causes=_choices(said, "cause", Cause),
        source=name_among(said, "source"),
        archive=name_among(said, "archive"),
        series=name_among(said, "series"),
        architecture=name_among(said, "arch"),
        builder=name_among(said, "builder"),
    )


def _choices(
    said: Mapping[str, Sequence[str]], name: str, kind: type[E]
) -> frozenset[E]:
    chosen = (choice(text, name, kind) for text in said.get(name, ()))
    return frozenset(one for one in chosen if one is not None)


def name_among(said: Mapping[str, Sequence[str]], name: str) -> str | None:
    """
    Give what something is called, if that is said.

    :raises InvalidError: If nothing can be called so.
    """
    values = said.get(name, ())
    if not values:
        return None
    text = values[-1]
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise InvalidError(name, f"{text[:40]!a} is no name", "give one")
    return text
