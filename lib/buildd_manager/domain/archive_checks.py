"""What may be said of an archive."""

import re
from base64 import b64decode
from urllib.parse import urlsplit

from buildd_manager.domain.checks import check_archive_line
from buildd_manager.domain.errors import InvalidError


#: Characters of a key in base64: of a keyring, even.
LONGEST_KEY = 128 * 1024

#: In an external line, the name of the series that is built for.
SERIES = "%(series)s"

_ADDRESS = re.compile(r"[!-~]{1,1000}", re.ASCII)


def check_archive_url(text: str, field: str) -> str:
    """
    Accept the address of an archive, as apt takes it.

    :raises InvalidError: If it is not http(s), or has more than host and path; the
        error does not show what may be a secret.
    """
    mend = "give http(s)://HOST/PATH, and what is needed to be let in as its secret"
    if "@" in text:
        raise InvalidError(field, "it has a name or a password in it", mend)
    try:
        parts = urlsplit(text)
        good = parts.port is None or parts.port > 0
    except ValueError as error:
        raise InvalidError(field, f"{text[:200]!a}: {error}", mend) from error
    good = good and _ADDRESS.fullmatch(text) is not None
    if not good or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidError(field, f"{text[:200]!a} is not http(s)", mend)
    if "?" in text or "#" in text:
        raise InvalidError(field, f"{text[:200]!a} has more than that", mend)
    return text


def check_external_line(text: str, field: str) -> str:
    """
    Accept a line of a ``sources.list`` in which :data:`SERIES` may stand.

    :raises InvalidError: If it is none, or has a secret in it.
    """
    if "@" in text:
        raise InvalidError(
            field,
            "it has a name or a password in it",
            "add it as a private archive, and depend on that",
        )
    check_archive_line(text.replace(SERIES, "series"), field)
    if "%(" in text.replace(SERIES, ""):
        raise InvalidError(
            field, f"{text[:200]!a} has an unknown name in it", f"only {SERIES} is one"
        )
    return text


def check_key(text: str, field: str) -> str:
    """
    Accept a key in base64.

    :raises InvalidError: If it is empty, too long or not base64.
    """
    mend = f"give the key in base64, {LONGEST_KEY} characters at most, on one line"
    try:
        good = 0 < len(text) <= LONGEST_KEY and bool(b64decode(text, validate=True))
    except ValueError as error:
        raise InvalidError(field, str(error), mend) from error
    if not good:
        raise InvalidError(field, "it is empty or too long", mend)
    return text
