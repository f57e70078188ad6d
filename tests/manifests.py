"""The ``.changes`` of ``tests/data/results/manifests.toml``."""

from hashlib import sha1, sha256

from buildd_manager.domain.files import StoredFile
from tests.bad_inputs import cases


CONTENT = b"deb"

#: What comes with them.
DEB = StoredFile(
    alias=1,
    name="x_1_amd64.deb",
    mimetype="application/octet-stream",
    size=len(CONTENT),
    sha1=sha1(CONTENT, usedforsecurity=False).hexdigest(),
    sha256=sha256(CONTENT).hexdigest(),
)


def good_manifest() -> bytes:
    """Give one without a fault."""
    good: str = next(cases("results/manifests"))["good"]
    return good.encode()
