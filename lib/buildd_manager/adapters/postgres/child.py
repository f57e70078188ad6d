"""
Become another program that dies with its parent.

Run as ``python -I -S child.py PARENT UID GID PROGRAM ARGUMENT...``. PostgreSQL does
not run as root, must not hear the ^C meant for the manager, and must not outlive it.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence


_PR_SET_PDEATHSIG = 1

#: What the exit status says when the program could not be begun.
NO_PARENT, NO_PROGRAM = 125, 126


def command(uid: int, gid: int, program: Sequence[str]) -> list[str]:
    """
    Say how to start ``program`` as a child of this process.

    It has to be started from a thread that lives as long as it is to live.

    :param uid: As whom, if we are root.
    """
    words = [sys.executable, "-I", "-S", os.path.abspath(__file__)]  # noqa: PTH100
    return [*words, str(os.getpid()), str(uid), str(gid), *program]


def main(parent: int, uid: int, gid: int, program: list[str]) -> int:
    """
    Turn into ``program``; return only if that cannot be done.

    :param parent: The process that has started us and must still be there.
    """
    # Loaded first: the other user may not be able to reach Python's libraries.
    libc = ctypes.CDLL(None)
    os.setsid()
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    # Only now, as a change of user forgets it. SIGINT is PostgreSQL's fast shutdown.
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        return NO_PARENT
    try:
        os.execv(program[0], program)  # noqa: S606 - there is no shell to be had
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
    return NO_PROGRAM


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:4]]
    sys.exit(main(numbers[0], numbers[1], numbers[2], sys.argv[4:]))
