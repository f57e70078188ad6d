"""The archive of Debian or Ubuntu from which this machine has its packages."""

import re
from pathlib import Path

from attrs import frozen

from lab.commands import ForbiddenError, LabError, run


#: Where packages are if the machine does not have them over HTTP.
MIRRORS = {
    "debian": "http://deb.debian.org/debian",
    "ubuntu": "http://archive.ubuntu.com/ubuntu",
}

#: Suites that are somebody's code name, too.
_ALIASES = ("stable", "testing", "unstable", "sid")

_INDEX = re.compile(
    r"^'(https?://[^\s']+/(?:debian|ubuntu|ubuntu-ports))/*"
    r"/dists/([^/\s']+)/main/binary-",
    re.MULTILINE,
)


@frozen
class Release:
    """
    The release of this machine.

    :ivar distribution: ``debian`` or ``ubuntu``.
    :ivar suite: As the machine's sources say; nearly always its code name.
    :ivar mirror: The URL above ``dists/``.
    """

    distribution: str
    suite: str
    mirror: str


def architecture() -> str:
    """Name this machine's architecture, as Debian does."""
    return run("dpkg", "--print-architecture").strip()


def release() -> Release:
    """
    Read it from the machine's own sources.

    :raises ForbiddenError: If this is neither Debian nor Ubuntu.
    """
    facts = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
        if "=" in line
    )
    distribution = facts.get("ID", "").strip('"')
    codename = facts.get("VERSION_CODENAME", "").strip('"')
    if distribution not in MIRRORS or not codename:
        raise ForbiddenError("the lab needs Debian or Ubuntu")
    # Without a lock, and without lists, which containers come without.
    words = ["--option", "Debug::NoLocking=1", "--print-uris"]
    listed = run("apt-get", "update", *words)
    return release_of(listed, distribution, codename)


def release_of(listed: str, distribution: str, codename: str) -> Release:
    """
    Find the archive of a distribution among what ``apt-get update`` would fetch.

    :param listed: As told by ``--print-uris``.
    """
    for mirror, suite in _INDEX.findall(listed):
        if suite == codename or suite in _ALIASES:
            return Release(distribution, suite, mirror)
    return Release(distribution, codename, MIRRORS[distribution])


def hello(cache: Path, where: Release) -> Path:
    """
    Fetch ``hello``, with a configuration of apt that is ours alone.

    :param cache: A directory to keep apt's lists and the source in.
    :returns: Its ``.dsc``, beside the files that it lists.
    :raises LabError: If apt cannot get it.
    """
    for name in ("lists/partial", "archives/partial"):
        (cache / name).mkdir(parents=True, exist_ok=True)
    sources = cache / "sources.list"
    line = f"deb-src {_signed_by()}{where.mirror} {where.suite} main\n"
    sources.write_text(line, encoding="utf-8")
    options = [
        f"Dir::Etc::SourceList={sources}",
        "Dir::Etc::SourceParts=/dev/null",
        f"Dir::State::Lists={cache / 'lists'}",
        f"Dir::Cache={cache}",
        "APT::Sandbox::User=",
    ]
    apt = ["apt-get", *(f"--option={option}" for option in options)]
    run(*apt, "update", directory=cache)
    source = [*apt, "source", "--download-only", "hello"]
    found = re.search(r" (hello_[^ /]+\.dsc) ", run(*source, "--print-uris"))
    if found is None:
        raise LabError(f"{where.mirror} has no source of hello")
    run(*source, directory=cache)
    return cache / found[1]


def _signed_by() -> str:
    """Name the keyring of the machine's own archive, as an option of a source."""
    for distribution in MIRRORS:
        for suffix in ("gpg", "pgp"):
            path = Path(f"/usr/share/keyrings/{distribution}-archive-keyring.{suffix}")
            if path.exists():
                return f"[signed-by={path}] "
    return ""
