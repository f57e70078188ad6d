"""Run other programs to their end; nothing here is but Python's own library."""

import os
import subprocess
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path


#: Seconds that a program may take to tidy up when we are interrupted.
TIDYING = 30.0


class LabError(Exception):
    """The lab cannot be set up; says why, and what to do."""


class ForbiddenError(LabError):
    """Something this machine does not let us; says who could change that, and how."""


def run(
    *words: str,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path("/"),
    heard: Callable[[str], object] = lambda _: None,
) -> str:
    """
    Run a program, and give what it says on both its streams.

    :param heard: Called with each line of it, as it comes.
    :raises LabError: If it fails, with the last that it said; or if it is not there.
    """
    said: list[str] = []
    try:
        with subprocess.Popen(
            words,
            env={**(environment or os.environ), "LC_ALL": "C.UTF-8"},
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C is for us; we tell it, and wait until it has tidied up.
            start_new_session=True,
        ) as process:
            _listen(process, said, heard)
    except OSError as error:
        raise LabError(f"{words[0]} cannot be run: {error.strerror}") from error
    if process.returncode:
        last = "".join(deque(said, 30))
        raise LabError(f"{' '.join(words)[:300]} failed:\n{last.strip()}")
    return "".join(said)


def _listen(
    process: "subprocess.Popen[str]", said: list[str], heard: Callable[[str], object]
) -> None:
    assert process.stdout is not None  # noqa: S101 - a pipe, as asked for
    try:
        for line in process.stdout:
            said.append(line)
            heard(line.rstrip("\n"))
        process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(TIDYING)
        except subprocess.TimeoutExpired:
            process.kill()
        raise
