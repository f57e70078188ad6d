"""
Run worlds: ``python -m tests.simulation --seeds 0:2000``.

The exit status is 0 if no promise was broken; with ``--break``, if one was.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.simulation.faults import Fault, parse, swarm
from tests.simulation.guards import GUARDS
from tests.simulation.history import Outcome
from tests.simulation.many import Runner, Terms, run_many
from tests.simulation.shrinking import shrink
from tests.simulation.storages import STORAGES
from tests.simulation.summing import Sum, story_of


#: So many failures are shrunk; the others are only counted.
SHRUNK = 3


def main(words: Sequence[str]) -> int:
    """Run what ``words`` ask for; give the exit status."""
    options = _options(words)
    begin, _, end = options.seeds.partition(":")
    seeds = range(int(begin), int(end) if end else int(begin) + 1)
    chosen = None if options.only is None else parse(options.only)
    fates = [(seed, swarm(seed) if chosen is None else chosen) for seed in seeds]
    terms = Terms(store=options.store, guard=options.guard, tell=options.trace)
    began, total = time.monotonic(), Sum()
    for outcome in run_many(fates, terms):
        total.add(outcome)
        if options.trace:
            print(outcome.story, outcome.digest)
    _tell(total, time.monotonic() - began, terms)
    return int(bool(total.failed) is (options.guard is None))


def _tell(total: Sum, took: float, terms: Terms) -> None:
    failed = sorted(total.failed, key=lambda outcome: outcome.seed)
    if failed:
        runner = Runner(terms)
        for outcome in failed[:SHRUNK]:
            needed = _needed(runner, outcome)
            print("\n".join(story_of(outcome, needed)))
    print("\n".join(total.lines(took)))
    print(f"VIOLATIONS {len(failed)}", flush=True)


def _needed(runner: Runner, failed: Outcome) -> frozenset[Fault]:
    def fails(faults: frozenset[Fault]) -> bool:
        return bool(runner.run((failed.seed, faults)).violations)

    return shrink(failed.faults, fails)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", default="0:100", help="first:end, or one")
    parser.add_argument(
        "--break", dest="guard", choices=sorted(GUARDS), help="take a guard out"
    )
    parser.add_argument("--only", help="kinds of trouble, with commas")
    parser.add_argument("--store", choices=sorted(STORAGES), default="memory")
    parser.add_argument("--trace", action="store_true", help="tell all that happens")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
