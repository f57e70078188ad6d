"""
Tell other histories than the suite does: ``python -m tests.machine 1000``.

The exit status is 0 if both stores have remembered the same, and no law was broken.
"""

import sys

from hypothesis import settings

from tests.machine.running import CALM, run, two_stores


def main(examples: int) -> None:
    """Tell so many histories, and say what has happened in them, how often."""
    how = settings(CALM, max_examples=examples, derandomize=False)
    with two_stores() as twins:
        run(twins, how)
        for (what, outcome), times in sorted(twins.outcomes.items()):
            print(f"{times:7} {what}: {outcome}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALM.max_examples)
