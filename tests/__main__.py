"""
Run tests under trial, and count them in one last line.

``python -m tests`` runs all; names of modules, cases or tests run just those.
The last line is ``N passed, N failed``; the exit status is 0 only if none failed
and none was skipped.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.trial.reporter import TreeReporter
from twisted.trial.runner import TestLoader, TrialRunner


def run(names: list[str]) -> tuple[int, int]:
    """Run the tests called ``names``; count those that passed, and all others."""
    loader = TestLoader()
    suite = loader.loadByNames(names or ["tests"], recurse=True)
    # In a place of its own, so that two runs at once do not meet.
    with tempfile.TemporaryDirectory(prefix="trial-") as place:
        runner = TrialRunner(
            TreeReporter,
            workingDirectory=str(Path(place) / "run"),
            uncleanWarnings=False,
        )
        result: Any = runner.run(suite)
    failed = [
        *result.failures,
        *result.errors,
        *result.skips,
        *result.unexpectedSuccesses,
    ]
    return result.successes, len(failed)


def tell(passed: int, failed: int) -> int:
    """Say the last line, and give the exit status."""
    print(f"{passed} passed, {failed} failed", flush=True)  # noqa: T201 - for CI
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(tell(*run(sys.argv[1:])))
