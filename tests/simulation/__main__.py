"""
Run worlds: ``python -m tests.simulation --seeds 0:2000``.

The exit status is 0 if no promise was broken; with ``--break``, if one was for each
guard that was taken out.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from attrs import evolve

from tests.simulation.fates import Fate, fates_of, regressions
from tests.simulation.faults import parse
from tests.simulation.guards import GUARDS
from tests.simulation.many import Runner, Terms, run_many
from tests.simulation.missing import find_missed
from tests.simulation.shrinking import needed
from tests.simulation.storages import STORAGES
from tests.simulation.summing import Sum, story_of


#: So many failures are shrunk, which takes a minute each; the others are told as
#: they happened.
SHRUNK = 3


def main(words: Sequence[str]) -> int:
    """Run what ``words`` ask for; give the exit status."""
    options = _options(words)
    begin, _, end = options.seeds.partition(":")
    seeds = range(int(begin), int(end) if end else int(begin) + 1)
    if options.guard is not None and not options.trace:
        return min(_break(options.guard, seeds), 1)
    only = None if options.only is None else parse(options.only)
    fates = regressions() if options.again else fates_of(seeds, only, options.guard)
    terms = Terms(store=options.store, tell=options.trace)
    return min(_run(fates, terms), 1)


def _break(name: str, seeds: Sequence[int]) -> int:
    """Take guards out one by one, tell where they are missed, and count the others."""
    guards = sorted(GUARDS) if name == "all" else [name]
    useless = 0
    for guard, found in find_missed(guards, seeds):
        if found is None:
            useless += 1
            print(f"{guard} is not missed in {len(seeds)} worlds", flush=True)
        else:
            print(f"{guard} is missed in seed {found.fate.seed}")
            print("\n".join(story_of(found)), flush=True)
    return useless


def _run(fates: Sequence[Fate], terms: Terms) -> int:
    """Run worlds, tell what became of them, and count those that failed."""
    began, total = time.monotonic(), Sum()
    for outcome in run_many(fates, terms):
        total.add(outcome)
        if terms.tell:
            print(outcome.story, outcome.digest)
    failed = sorted(total.failed, key=lambda outcome: outcome.fate.seed)
    if failed:
        runner = Runner(terms)
        for outcome in failed[:SHRUNK]:
            shrunk = evolve(outcome, fate=needed(outcome.fate, runner))
            print("\n".join(story_of(shrunk)))
        for outcome in failed[SHRUNK:]:
            print("\n".join(story_of(outcome)))
    print("\n".join(total.lines(time.monotonic() - began)))
    print(f"VIOLATIONS {len(failed)}", flush=True)
    return len(failed)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", default="0:100", help="first:end, or one")
    parser.add_argument("--again", action="store_true", help="those of seeds.toml")
    parser.add_argument(
        "--break",
        dest="guard",
        choices=("all", *sorted(GUARDS)),
        help="take guards out, and look for worlds in which they are missed",
    )
    parser.add_argument("--only", help="kinds of trouble, with commas")
    parser.add_argument("--store", choices=sorted(STORAGES), default="memory")
    parser.add_argument("--trace", action="store_true", help="tell all that happens")
    options = parser.parse_args(words)
    if options.guard is not None and options.store != "memory":
        parser.error("guards are taken out in memory only")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
