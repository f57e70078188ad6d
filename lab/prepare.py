"""
Make this machine fit for the tests that need a worker, as far as we may.

``python -m lab.prepare`` ends with status 0 if real builds can be tested, or if they
cannot; then it says why, and those tests are left out.
"""

import sys
from functools import cache

from lab import packages
from lab.accounts import builder, ensure_subordinate_ids, ourselves
from lab.archive import architecture, release
from lab.chroot import ensure_chroot
from lab.commands import LabError
from lab.environment import ensure_environment


@cache
def real_builds() -> str:
    """Make ready for real builds; give why there can be none, or nothing."""
    try:
        who = builder()
        packages.ensure("build")
        ensure_subordinate_ids(who)
        ensure_environment(who)
        ensure_chroot(who, release(), architecture())
    except LabError as error:
        return str(error)
    return ""


def main() -> int:
    """Make ready; give the exit status."""
    try:
        ensure_environment(ourselves())
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    if why := real_builds():
        print(f"real builds are not tested here: {why}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
