"""Tell one builder's trouble from the whole farm's."""

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from buildd_manager.domain.blame import is_farm_wide
from buildd_manager.domain.policy import Policy


class Weather:
    """
    Knows which builders of this manager fail just now.

    When most of them do at once, it is the network, or we ourselves: nobody is
    blamed then. But weather passes; after a while the failures are somebody's.
    """

    _log = Logger()

    def __init__(self, clock: IReactorTime, policy: Policy) -> None:
        self._clock = clock
        self._policy = policy
        self._scanned: set[int] = set()
        self._failing: set[int] = set()
        self._since: float | None = None

    def note(self, builder: int, *, failing: bool) -> None:
        """Remember how a scan of ``builder`` has ended."""
        self._scanned.add(builder)
        (self._failing.add if failing else self._failing.discard)(builder)
        self._look()

    def forget(self, builder: int) -> None:
        """Leave ``builder`` out: it is not ours any more."""
        self._scanned.discard(builder)
        self._failing.discard(builder)
        self._look()

    @property
    def is_foul(self) -> bool:
        """Whether nobody is to be blamed just now."""
        if self._since is None:
            return False
        return self._clock.seconds() - self._since < self._policy.amnesty

    def _look(self) -> None:
        failing, scanned = len(self._failing), len(self._scanned)
        if not is_farm_wide(failing, scanned, self._policy):
            self._since = None
        elif self._since is None:
            self._since = self._clock.seconds()
            self._log.critical(
                "{failing} of {scanned} builders fail at once: nobody is blamed now",
                failing=failing,
                scanned=scanned,
            )
