"""
Run tests as ``python -m tests`` does, and measure what they cover.

Of all tests together, it is told how much that is; and unless they take every branch
of the domain, that is one more failure.
"""

import io
import sys

from coverage import Coverage

from tests.__main__ import run, tell


def main(names: list[str]) -> int:
    """Run the tests called ``names``, or all."""
    measured = Coverage(data_suffix=False)
    measured.erase()
    measured.start()
    passed, failed = run(names)
    measured.stop()
    measured.save()
    if not names and not covered(measured):
        failed += 1
    return tell(passed, failed)


def covered(measured: Coverage) -> bool:
    """Tell people what is covered; find out whether all of the domain is."""
    said = io.StringIO()
    domain = measured.report(
        include="*/buildd_manager/domain/*", skip_covered=True, file=said
    )
    if domain < 100:
        print(said.getvalue())  # noqa: T201 - for people
    total = measured.report(file=io.StringIO())
    print(f"covered: {total:.1f} %, domain {domain:.1f} %")  # noqa: T201 - for people
    return domain == 100


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
