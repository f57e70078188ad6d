"""Keep secrets out of what is kept, as it comes."""

import re

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from buildd_manager.domain.secrets import REDACTED
from buildd_manager.ports import IReceiver


#: Characters of a line after which its end is not waited for, and how many of them are
#: held back then: a secret, each character of it escaped for HTML, has fewer.
LONGEST_LINE = 128 * 1024
WINDOW = 32 * 1024

_LAST_WORD = re.compile(r"(?<!\S)\S+\Z")


@implementer(IReceiver)
class Redacting:
    """
    Hands bytes on, with each secret in them replaced.

    No secret has two lines, so the last line that has come is held back until all of it
    is there. All else stays as it is, whatever bytes those are.

    :param pattern: Finds the secrets.
    """

    def __init__(self, to: IReceiver, pattern: re.Pattern[str]) -> None:
        self._to = to
        self._pattern = pattern
        self._held = ""

    def write(self, data: bytes) -> Deferred[None]:
        """Take ``data``, and hand on what nothing more can belong to."""
        self._held += data.decode("latin-1")
        return self._hand_on(self._end())

    def finish(self, *, cut: bool) -> Deferred[None]:
        """
        Hand on what was held back: there is no more.

        :param cut: Whether it ends in the midst of a word, which may be a secret.
        """
        if cut:
            self._held = _LAST_WORD.sub(REDACTED, self._held)
        return self._hand_on(len(self._held))

    def _hand_on(self, end: int) -> Deferred[None]:
        whole, self._held = self._held[:end], self._held[end:]
        if not whole:
            return succeed(None)
        return self._to.write(self._pattern.sub(REDACTED, whole).encode("latin-1"))

    def _end(self) -> int:
        """Tell how much can be handed on."""
        end = self._held.rfind("\n") + 1
        if len(self._held) - end <= LONGEST_LINE:
            return end
        end = len(self._held) - WINDOW
        for found in self._pattern.finditer(self._held):
            if found.start() < end < found.end():
                end = found.end()
        return end
