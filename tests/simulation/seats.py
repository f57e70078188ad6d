"""Who asks."""

from attrs import frozen

from tests.simulation.clock import Process


@frozen(eq=False)
class Seat:
    """
    One life of somebody who asks others for things.

    :ivar name: Of the manager, for people.
    :ivar manager: Its UUID; empty for people.
    :ivar process: Hears answers, as long as it lives.
    """

    name: str
    manager: str
    process: Process
