"""
Measure, and tell: ``python -m benchmarks``, or only ``claims`` or ``scans`` of it.

The exit status is 1 if anything takes too much longer than in its baseline.
"""

import sys
from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from benchmarks import claims, scans
from benchmarks.filling import Queue


async def measure_claims() -> bool:
    """Tell how long claims take; and whether that is good."""
    good = True
    print(f"Claims, of {claims.BUILDERS} builders:", flush=True)
    for queue in Queue:
        found = await claims.measure(queue)
        print(f" {queue.value}:", *found.lines(), sep="\n", flush=True)
        good = good and found.is_good
    return good


async def measure_scans() -> bool:
    """Tell how long scans take; and whether that is good."""
    print("Scans, of simulated workers:", flush=True)
    few = await scans.measure(scans.FEW)
    print(few.line(), flush=True)
    many = await scans.measure(scans.MANY)
    giving, following = few.giving / many.giving, few.following / many.following
    ratios = f"  ratios {giving:.2f} and {following:.2f}, {scans.LIMIT:g} at most"
    print(many.line(), ratios, sep="\n", flush=True)
    return max(giving, following) <= scans.LIMIT


ALL = {"claims": measure_claims, "scans": measure_scans}


async def main(wanted: Sequence[str]) -> None:
    """
    Measure what is wanted, or all.

    :raises SystemExit: If anything is not as good as it should be.
    """
    good = [await ALL[one]() for one in wanted or ALL]
    if not all(good):
        raise SystemExit(1)


if __name__ == "__main__":
    react(lambda _: Deferred.fromCoroutine(main(sys.argv[1:])))
