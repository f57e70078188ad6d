"""Source packages on disk."""

import hashlib
from pathlib import Path


CONTENT = b"source" * 200_000


def source_in(directory: Path, **changed: bytes) -> Path:
    """Write a ``.dsc`` and its file; ``dsc`` and ``tar`` may be something else."""
    directory.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(CONTENT).hexdigest()
    dsc = (
        "Format: 3.0 (native)\nSource: hello\nVersion: 1\nArchitecture: any\n"
        f"Checksums-Sha256:\n {digest} {len(CONTENT)} hello_1.tar.xz\n"
    ).encode()
    (directory / "hello_1.tar.xz").write_bytes(changed.get("tar", CONTENT))
    path = directory / "hello_1.dsc"
    path.write_bytes(changed.get("dsc", dsc))
    return path
