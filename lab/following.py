"""What whoever waits for a build sees."""

import subprocess
import time
from typing import Any

from lab.farm import Farm


#: What a build ends as that has come to its end.
BUILT = "Fully built"

#: Seconds between looks.
PAUSE = 1.0

#: Characters of a line of a log.
_WIDTH = 100

#: Lines of the log of a build that has failed.
_LINES = 30


def tell(text: str, mark: str = "==>") -> None:
    """Say what is done next."""
    print(f"{mark} {text}", flush=True)


def tell_step(line: str) -> None:
    """Pass on what mmdebstrap says that it does, and nothing of what apt says."""
    if line.startswith("I: "):
        tell(line.removeprefix("I: "), mark="      ")


def follow(farm: Farm, number: int) -> Any:
    """
    Tell each state, and the last line of the log as it grows, until the end.

    :returns: What ``build show`` says then.
    """
    state = last = None
    while True:
        shown = farm.say("build", "show", str(number))
        if shown["state"] != state:
            state = shown["state"]
            tell(f"build {number}: {state}")
        line = _last_line(shown["log_tail"] or "")
        if line and line != last:
            last = line
            tell(line, mark="      ")
        if shown["final"]:
            return shown
        time.sleep(PAUSE)


def show(farm: Farm, shown: Any) -> bool:
    """Show how a build has ended, and where everything is; tell whether it is built."""
    built: bool = shown["state"] == BUILT
    if not built and shown["log"]:
        _show_end_of_log(farm, shown["id"])
    print(f"\n{shown['state']}: {shown['source']} {shown['version']} {shown['arch']}")
    for file in [shown["log"], *shown["files"]]:
        if file is not None:
            print(f"  {file['name']}, {file['size']:,} bytes")
            print(f"    {file['url']}\n    {file['path']}")
    print(flush=True)
    return built


def _show_end_of_log(farm: Farm, number: int) -> None:
    done = subprocess.run(
        [*farm.command, "build", "log", str(number)],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    for line in done.stdout.splitlines()[-_LINES:]:
        print(f"      {_printable(line)}")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return _printable(lines[-1])[:_WIDTH] if lines else ""


def _printable(line: str) -> str:
    """Leave out what a terminal would obey."""
    return "".join(c for c in line if c.isprintable())
