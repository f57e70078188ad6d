"""A worker that remembers what it was told."""

from collections.abc import Mapping
from typing import Any

from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.testing.buildd import SimulatedBuildd


class Attentive(SimulatedBuildd):
    """
    A worker that remembers what it was told.

    :ivar fetched: SHA-1, name and password of each file.
    :ivar built: SHA-1 of the chroot, of each file, and the rest, of each job.
    """

    def __init__(self, *args: Any) -> None:
        self.fetched: list[tuple[str, str, str]] = []
        self.built: list[tuple[str, Mapping[str, str], Mapping[str, object]]] = []
        super().__init__(*args)

    async def ensure_present(
        self, sha1: str, url: str | None, username: str = "", password: str = ""
    ) -> list[Value]:
        self.fetched.append((sha1, username, password))
        return await super().ensure_present(sha1, url, username, password)

    def build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> list[Value]:
        self.built.append((chroot, files, told))
        return super().build(cookie, tag, chroot, files, told)
