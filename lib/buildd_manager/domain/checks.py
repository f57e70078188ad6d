"""What may be said in a word, or in a line."""

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from buildd_manager.domain.errors import InvalidError


#: Characters of what people say of something.
LONGEST_NOTES = 1000

#: Resources of one build or builder; all of them go into one entry of an index, which
#: PostgreSQL lets have 2704 bytes.
MOST_TAGS = 16

_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{0,62}", re.ASCII)
#: A name: nothing that a shell at the other end of ssh reads.
_HOST = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)
_NUMBER = re.compile(r"[0-9]*|0x[0-9a-f]*", re.ASCII)
_PORTS = {"http": 80, "https": 443}

#: Addresses of no machine, of many at once, and of whatever is on the same wire.
_NOBODYS = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/3",
        "::/128",
        "fe80::/10",
        "ff00::/8",
    )
)
_ARCHIVE_LINE = re.compile(r"deb(?: \[[ -Z^-~]*\])? \S+ \S+( \S+)*")


def check_identifier(text: str, field: str) -> str:
    """
    Accept the name of a series, an architecture, a component or a builder.

    :raises InvalidError: If it is not made like a Debian name.
    """
    if _NAME.fullmatch(text) is None:
        raise InvalidError(
            field,
            f"{text[:80]!a} is not a name",
            "use 1 to 63 of a-z, 0-9, +, . and -, beginning with a letter or digit",
        )
    return text


def check_url(text: str, field: str) -> str:
    """
    Accept an address: scheme, host and port, nothing else.

    :returns: The address as it is always written, without a final slash.
    :raises InvalidError: If it is anything else.
    """
    mend = "give http://HOST:PORT or https://HOST:PORT, as in http://bob:8221"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidError(field, f"{text[:200]!a}: {error}", mend) from error
    if not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidError(field, f"{text[:200]!a} is not an address", mend)
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidError(field, f"{text[:200]!a} is not http(s)", mend)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in text:
        raise InvalidError(field, f"{text[:200]!a} has more than that", mend)
    if port == 0 or (shown := _shown_host(host)) is None:
        raise InvalidError(field, f"{text[:200]!a} names no host or no port", mend)
    is_default = port in {None, _PORTS[parts.scheme]}
    return f"{parts.scheme}://{shown}" + ("" if is_default else f":{port}")


def _shown_host(host: str) -> str | None:
    """Write a host as addresses have it, always alike; ``None`` if it is none."""
    try:
        shown = str(ip_address(host))
    except ValueError:
        # Other ways to write an address end in a number; so does no name.
        _, _, last = host.rpartition(".")
        is_name = _HOST.fullmatch(host) and not _NUMBER.fullmatch(last)
        return host if is_name else None
    return f"[{shown}]" if ":" in shown else shown


def check_worker_url(text: str, field: str) -> str:
    """
    Accept the address of a worker.

    It may be on this machine, since that of a farm of one is; but not where there is
    no machine, or where the machines of a cloud are told their secrets.

    :returns: The address as it is always written: one place is one builder.
    :raises InvalidError: If it is anything else.
    """
    url = check_url(text, field)
    try:
        address = ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return url
    meant = getattr(address, "ipv4_mapped", None) or address
    if any(meant in network for network in _NOBODYS):
        fault = f"{url} is no machine's own address"
        raise InvalidError(field, fault, "give that of the worker")
    return url


def check_archive_line(text: str, field: str) -> str:
    """
    Accept one line of a ``sources.list``.

    :raises InvalidError: If it is not one ``deb`` line.
    """
    if not text.isprintable() or _ARCHIVE_LINE.fullmatch(text) is None:
        raise InvalidError(
            field,
            f"{text[:200]!a} is not a line of a sources.list",
            'give one like "deb http://deb.debian.org/debian trixie main"',
        )
    return text


def check_tags(tags: Sequence[str], field: str) -> None:
    """
    Accept the names of resources.

    :raises InvalidError: If one is not made like a Debian name, or is there twice, or
        if there are too many.
    """
    if len(tags) > MOST_TAGS:
        fault = f"{len(tags)} are too many"
        raise InvalidError(field, fault, f"name {MOST_TAGS} at most")
    known: set[str] = set()
    for tag in tags:
        if check_identifier(tag, field) in known:
            raise InvalidError(field, f"{tag} is there twice", "name it once")
        known.add(tag)


def check_notes(text: str, field: str) -> None:
    """
    Accept what people say of something.

    :raises InvalidError: If it is too long, or has control characters in it.
    """
    if len(text) > LONGEST_NOTES or not text.isprintable():
        mend = f"use {LONGEST_NOTES} printable characters at most, on one line"
        raise InvalidError(field, f"{text[:80]!a} will not do", mend)
