"""Source packages for the canned bench, which do as they are told."""

import hashlib
import json
from pathlib import Path
from typing import Any


def canned_source(directory: Path, version: str = "1.0", **stub: Any) -> Path:
    """
    Make a source that the canned bench builds; return its ``.dsc``.

    :param stub: What comes of it: see ``canned/share/bin/sbuild-package``. Without any,
        a real ``.deb``.
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
        f"Checksums-Sha256:\n {digest} {tarball.stat().st_size} {tarball.name}\n",
        encoding="utf-8",
    )
    return dsc


def canned_chroot(directory: Path) -> Path:
    """Make what the canned bench takes for the tarball of a chroot."""
    directory.mkdir(parents=True, exist_ok=True)
    tarball = directory / "chroot.tar.gz"
    tarball.write_bytes(b"nobody unpacks this")
    return tarball
