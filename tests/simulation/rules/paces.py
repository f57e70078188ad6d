"""Nobody looks at a builder again and again without a pause (I20)."""

from collections import defaultdict, deque

from attrs import define, field

from buildd_manager.services.scan import LOOKS
from tests.simulation.clock import Timeline
from tests.simulation.diary import Diary
from tests.simulation.seats import Seat


#: Seconds, and the most looks of a manager at one builder in them: four scans, one
#: more, and as many that somebody has woken, with a judgement each.
_MINUTE = 60.0
_MOST = 2 * 5 * (LOOKS + 1)


@define
class Paces:
    """Counts the looks of each life of a manager at each builder."""

    _timeline: Timeline
    _diary: Diary
    _looks: dict[tuple[Seat, int], deque[float]] = field(
        factory=lambda: defaultdict(deque)
    )

    def looked(self, seat: Seat, builder: int) -> None:
        """Be told that a manager wants to look at a builder."""
        now, looks = self._timeline.seconds(), self._looks[seat, builder]
        looks.append(now)
        while looks[0] < now - _MINUTE:
            looks.popleft()
        if len(looks) > _MOST:
            what = f"{seat.name} looks at builder {builder} {len(looks)} times a minute"
            self._diary.violate("I20", what)
            looks.clear()
