"""Words that nobody may see but the worker that needs them."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final, Never, Self

from buildd_manager.domain.errors import InvalidError


#: What is shown instead of a secret.
REDACTED: Final = "<redacted>"

#: Shorter ones are guessed easily, and found by chance in a log.
SHORTEST: Final = 8
LONGEST: Final = 4096

#: What tells a terminal how to show what comes.
_COLOUR = r"(?:\x1b\[[0-9;]{0,20}[A-Za-z]){0,4}"

_FIRST_WORD = re.compile(r"\A\S+")
_PRINTABLE = re.compile(r"[!-~]*", re.ASCII)


class Secret:
    """
    A secret that does not show itself: only :meth:`reveal` does.

    It cannot be pickled, and what cannot be read by accident cannot be made JSON of.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str) -> None:
        if not text:
            raise InvalidError("secret", "it is empty", "give one, or none at all")
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """Give the secret itself, for the one who needs it."""
        return self._text

    def __repr__(self) -> str:
        return "<secret>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._text == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError("a secret does not change")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a secret is not written down")


def check_secret(text: str, field: str) -> Secret:
    """
    Accept a secret, as it may stand in an address.

    :raises InvalidError: If it is too short, too long or not printable; the error
        does not show it.
    """
    if not SHORTEST <= len(text) <= LONGEST or _PRINTABLE.fullmatch(text) is None:
        raise InvalidError(
            field,
            "it is not a secret that we accept",
            f"use {SHORTEST} to {LONGEST} printable ASCII characters without blanks",
        )
    return Secret(text)


def pattern_of(secrets: Iterable[Secret]) -> re.Pattern[str] | None:
    """
    Make what finds secrets wherever they stand, also in other spellings.

    Each character may be itself, percent-encoded or escaped for HTML, and between any
    two a terminal may be told to use another colour; and the whole may be in the midst
    of something in base64, such as ``user:secret``.
    """
    words = sorted({one.reveal() for one in secrets}, key=lambda word: -len(word))
    if not words:
        return None
    return re.compile("|".join(found for word in words for found in _spellings(word)))


def redact(text: str, secrets: Iterable[Secret], *, cut: bool = False) -> str:
    """
    Replace secrets in a text.

    :param cut: Whether it may begin in the midst of a secret. Then its first word is
        replaced whole, for a secret has no blank in it.
    """
    if (pattern := pattern_of(secrets)) is None:
        return text
    shown = pattern.sub(REDACTED, text)
    return _FIRST_WORD.sub(REDACTED, shown, count=1) if cut else shown


def _spellings(word: str) -> Iterator[str]:
    yield _COLOUR.join(_spelt(character) for character in word)
    if len(word) < SHORTEST:
        return
    for ahead in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            yield re.escape(_core(encode(bytes(ahead) + word.encode()), ahead, word))


def _spelt(character: str) -> str:
    """Match a character; as itself last, since the others may begin with it."""
    percent = "".join(f"%{byte:02x}" for byte in character.encode())
    return f"(?:(?i:{percent})|{re.escape(escape(character))}|{re.escape(character)})"


def _core(encoded: bytes, ahead: int, word: str) -> str:
    """Cut off the digits, of six bits each, that depend on what is around."""
    begin = -(-ahead * 8 // 6)
    end = (ahead + len(word.encode())) * 8 // 6
    return encoded[begin:end].decode()
