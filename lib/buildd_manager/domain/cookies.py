"""Name one attempt at a build, so that a worker can say the name back."""

import re
from typing import Self

from attrs import frozen


#: 2005 wrote ``<build>-<queue entry>``; ours has a nonce of 64 bits behind it.
_COOKIE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})(?:-([0-9a-f]{16}))?", re.ASCII)


@frozen
class Cookie:
    """
    The name by which a worker knows its job.

    :ivar build: The build.
    :ivar queue: The entry of the build in the queue.
    :ivar nonce: 16 hexadecimal digits, new for each attempt, so that an earlier
        attempt at the same build is never taken for this one. 2005's workers were
        given names without one.
    """

    build: int
    queue: int
    nonce: str | None = None

    def __str__(self) -> str:
        name = f"{self.build}-{self.queue}"
        return name if self.nonce is None else f"{name}-{self.nonce}"

    @property
    def log_name(self) -> str:
        """The file name of the log of the build, as since 2005."""
        return f"log-for-{self.build}-{self.queue}.txt.gz"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a name back; ``None`` if it is not one of ours."""
        if (match := _COOKIE.fullmatch(text)) is None:
            return None
        build, queue, nonce = match.groups()
        return cls(int(build), int(queue), nonce)
