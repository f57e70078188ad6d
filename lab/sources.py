"""Source packages to build: small ones of our own, and the machine's ``hello``."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from attrs import frozen

from lab.accounts import LabError


def architecture() -> str:
    """Name this machine's architecture, as Debian does."""
    return subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()


def canned_source(directory: Path, version: str = "1.0", **stub: Any) -> Path:
    """
    Make a source for the canned bench; return its ``.dsc``.

    :param stub: What the bench does with it: see ``canned/share/bin/sbuild-package``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tarball = directory / f"stub_{version}.tar.xz"
    tarball.write_bytes(b"nobody unpacks this")
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    dsc = directory / f"stub_{version}.dsc"
    dsc.write_text(
        "Format: 3.0 (native)\nSource: stub\nBinary: stub\nArchitecture: any\n"
        f"Version: {version}\nMaintainer: Stub <stub@localhost>\n"
        f"X-Stub: {json.dumps(stub)}\n"
        f"Checksums-Sha256:\n {digest} {tarball.stat().st_size} {tarball.name}\n"
    )
    return dsc


@frozen
class Release:
    """The release of this machine, and where its packages come from."""

    codename: str
    distribution: str
    mirror: str


def release() -> Release:
    """Read it from the machine's own sources."""
    facts = {}
    for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        facts[name] = value.strip('"')
    codename, distribution = facts["VERSION_CODENAME"], facts["ID"]
    for line in _index_targets():
        mirror, suite, component = line.split(" ")
        if suite == codename and component == "main":
            return Release(codename, distribution, mirror)
    raise LabError(f"apt has no source of {codename} main; see /etc/apt")


def _index_targets() -> list[str]:
    words = ["--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    listed = subprocess.run(
        ["apt-get", "indextargets", *words],
        check=False,
        capture_output=True,
        text=True,
    )
    return listed.stdout.splitlines()


def hello(directory: Path, where: Release) -> Path:
    """
    Fetch Debian's own ``hello``, with a configuration of apt that is ours alone.

    :returns: Its ``.dsc``.
    :raises LabError: If apt cannot get it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    apt = directory / "apt"
    for place in ("lists/partial", "archives/partial"):
        (apt / place).mkdir(parents=True, exist_ok=True)
    sources = apt / "sources.list"
    line = f"deb-src {_keyring()}{where.mirror} {where.codename} main\n"
    sources.write_text(line)
    options = [
        f"Dir::Etc::SourceList={sources}",
        "Dir::Etc::SourceParts=/dev/null",
        f"Dir::State::Lists={apt / 'lists'}",
        f"Dir::Cache={apt}",
        "APT::Sandbox::User=",
    ]
    words = [word for option in options for word in ("-o", option)]
    for command in (["update"], ["source", "--download-only", "hello"]):
        done = subprocess.run(
            ["apt-get", "--quiet", *words, *command],
            cwd=directory,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise LabError(f"apt-get {command[0]} failed:\n{done.stderr[-2000:]}")
    return max(directory.glob("hello_*.dsc"), key=lambda dsc: dsc.stat().st_mtime)


def _keyring() -> str:
    """Name the keyring of the machine's own archive, as an option of a source."""
    for distribution in ("debian", "ubuntu"):
        for suffix in ("gpg", "pgp"):
            path = Path(f"/usr/share/keyrings/{distribution}-archive-keyring.{suffix}")
            if path.exists():
                return f"[signed-by={path}] "
    return ""
