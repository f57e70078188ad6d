"""The same world in PostgreSQL and in memory has the same history."""

from attrs import evolve

from tests.simulation.diary import Violation
from tests.simulation.history import Outcome


def compared(outcome: Outcome, model: Outcome) -> Outcome:
    """
    Have it a broken promise if an outcome is another than in memory.

    :param model: What has become of the same world in memory.
    """
    if outcome.digest == model.digest:
        return outcome
    here, there = outcome.story.splitlines(), model.story.splitlines()
    pairs = zip([*here, "the end"], [*there, "the end"], strict=False)
    one, other = next((one, other) for one, other in pairs if one != other)
    violation = Violation(
        outcome.seconds, "model", f"{one.strip()}; but in memory {other.strip()}"
    )
    return evolve(outcome, violations=(*outcome.violations, violation))
