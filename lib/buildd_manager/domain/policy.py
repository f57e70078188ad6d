"""The numbers by which a farm is judged."""

from attrs import frozen


@frozen(kw_only=True)
class Policy:
    """
    How patient we are, in scans, failures, attempts and seconds.

    :ivar scans: Scans of a builder that fail one after the other before that counts
        as one failure: a network that stutters is nobody's fault.
    :ivar requeue_at: Counted failures after which a job is taken from its builder
        if both have failed equally often.
    :ivar fail_builder_at: Counted failures after which a builder is out of use.
    :ivar attempts: At most so many attempts at a build, and failures of it, until
        somebody has it built again.
    :ivar stopping: Seconds that a worker may take to end a build that is called off;
        launchpad-buildd itself gives up after 120.
    :ivar resetting: Seconds until a machine that somebody else makes anew is missed.
    :ivar trial_after: Seconds until a builder that failed is tried again; twice as
        long after each trial that it fails, :attr:`trial_at_most` at most.
    :ivar wall_floor: Seconds that every build may take, unless its architecture has
        a limit of its own.
    :ivar silence_floor: Seconds for which every log may stay as it is, likewise;
        sbuild itself gives up after 9000.
    :ivar learning: A build may take, and be silent, so many times as long as the
        longest of its successes of late, if that is more.
    :ivar trouble_of: So many builders at least, and more than half of all, that fail
        at once are trouble of the farm, and blamed on nobody ...
    :ivar amnesty: ... for so many seconds.
    """

    scans: int = 5
    requeue_at: int = 3
    fail_builder_at: int = 5
    attempts: int = 5
    stopping: float = 180.0
    resetting: float = 1800.0
    trial_after: float = 300.0
    trial_at_most: float = 86400.0
    wall_floor: float = 4 * 3600.0
    silence_floor: float = 9600.0
    learning: int = 5
    trouble_of: int = 3
    amnesty: float = 900.0

    def trial_delay(self, trials: int) -> float:
        """Tell after how many seconds to try a builder that failed ``trials``."""
        return min(self.trial_after * 2.0 ** min(trials, 32), self.trial_at_most)
