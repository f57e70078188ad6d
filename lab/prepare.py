"""
Make this machine fit for the tests that need a worker, as far as we may.

``python -m lab.prepare`` ends with status 0 if real builds can be tested, or if this
machine does not let us; then it says why, and those tests fail and say so, too.
"""

import sys

from lab import packages
from lab.accounts import (
    Account,
    builder,
    ensure_namespaces,
    ensure_subordinate_ids,
    ourselves,
)
from lab.archive import architecture, release
from lab.chroot import chroot_path, ensure_chroot
from lab.commands import ForbiddenError, LabError
from lab.environment import ensure_environment
from lab.following import tell_step


#: What makes ready.
COMMAND = "python -m lab.prepare"


def make_fit(who: Account) -> None:
    """
    Have all that real builds take, but for what belongs to one release.

    :raises ForbiddenError: If this machine does not let us.
    """
    packages.ensure("build")
    ensure_subordinate_ids(who)
    ensure_namespaces(who)


def lacking() -> str:
    """Tell what real builds lack, and what to do about it, or nothing; only looks."""
    if names := packages.missing("build"):
        return packages.advice(names)
    try:
        chroot = chroot_path(release(), architecture())
    except LabError as error:
        return str(error)
    if chroot.exists():
        return ""
    return f"there is no {chroot}; this makes it, or says why not:\n    {COMMAND}"


def main() -> int:
    """Make ready; give the exit status."""
    try:
        ensure_environment(ourselves())
        who, where = builder(), release()
        make_fit(who)
        ensure_environment(who)
        ensure_chroot(who, where, architecture(), heard=tell_step)
    except ForbiddenError as error:
        print(f"tests of real builds will fail: {error}", file=sys.stderr)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
