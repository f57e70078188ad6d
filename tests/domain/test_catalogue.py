"""What people may add to a farm."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.catalogue import NewBuilder, NewSeries
from buildd_manager.domain.checks import (
    check_archive_line,
    check_identifier,
    check_url,
    check_worker_url,
)
from buildd_manager.domain.errors import InvalidError
from tests.bad_inputs import cases


def new_builder(**changes: object) -> NewBuilder:
    """Make a good builder, but for ``changes``."""
    good: dict[str, object] = {
        "name": "bob",
        "url": "http://bob:8221",
        "architectures": ("amd64",),
    }
    return NewBuilder(**(good | changes))  # type: ignore[arg-type]


class Refusals(SynchronousTestCase):
    """A way to say what is refused, and why."""

    def refused(
        self,
        field: str,
        make: Callable[..., object],
        *args: object,
        says: str = "",
    ) -> None:
        """Check that ``make`` names ``field`` in one printable line."""
        error = self.assertRaises(InvalidError, make, *args)
        self.assertEqual(error.field, field)
        self.assertIn(says, str(error))
        self.assertTrue(str(error).isprintable())


class ComponentTests(Refusals):
    """The components of a series."""

    def test_none_of_them(self) -> None:
        """Sources are in one of those that there are."""
        new = {"name": "trixie", "components": ("contrib",), "component": "main"}
        self.refused("component", lambda: NewSeries(**new))  # type: ignore[arg-type]


class UrlTests(Refusals):
    """The address of a worker."""

    def test_good(self) -> None:
        """Scheme, host and port are taken; one place is always written alike."""
        for url in (
            "http://bob:8221",
            "https://bos-1.example",
            "http://127.0.0.1:8221",
            "http://[::1]:8221",
            "http://2.example",
        ):
            self.assertEqual(check_worker_url(url, "url"), url)
            self.assertEqual(check_worker_url(url + "/", "url"), url)
        for url, same in (
            ("http://BOB:8221", "http://bob:8221"),
            ("http://bob:80", "http://bob"),
            ("https://bob:443", "https://bob"),
            ("http://[0:0::1]:8221", "http://[::1]:8221"),
        ):
            self.assertEqual(check_worker_url(url, "url"), same)

    def test_bad(self) -> None:
        """Anything else is refused."""
        for case in cases("http/addresses"):
            self.refused("url", check_worker_url, case["url"], "url", says=case["says"])

    @given(st.text(max_size=60))
    def test_any_text(self, url: str) -> None:
        """Any text is an address that stays as it is, or is refused."""
        try:
            good = check_url(url, "url")
        except InvalidError:
            return
        self.assertEqual(check_url(good, "url"), good)


class NameTests(Refusals):
    """Names of series, architectures, components and builders."""

    def test_good(self) -> None:
        """Names are made as Debian's are."""
        for name in ("bookworm", "amd64", "bos02-arm64-001", "a" * 63, "c++.x"):
            self.assertEqual(check_identifier(name, "name"), name)

    def test_bad(self) -> None:
        """Other names are refused."""
        for name in ("", "Bookworm", "-x", "a/b", "a b", "a\n", "a" * 64, "é"):
            self.refused("name", check_identifier, name, "name")


class SeriesTests(Refusals):
    """A series to be added."""

    def test_good(self) -> None:
        """A series may bring its own archive lines."""
        lines = (
            "deb http://deb.debian.org/debian bookworm main contrib",
            "deb [trusted=yes arch=amd64] http://x/ ./",
        )
        self.assertEqual(NewSeries(name="x", archive_lines=lines).archive_lines, lines)

    def test_bad(self) -> None:
        """Each value is checked, and named."""
        self.refused("series", lambda: NewSeries(name="X"))
        self.refused("distribution", lambda: NewSeries(name="x", distribution=""))
        self.refused("component", lambda: NewSeries(name="x", component=""))
        self.refused("components", lambda: NewSeries(name="x", components=("A",)))
        self.refused("component", lambda: NewSeries(name="x", components=("contrib",)))
        self.refused(
            "nominated-arch", lambda: NewSeries(name="x", nominated_architecture="a b")
        )
        bad = ("", "deb", "deb-src http://x y z", "deb http://x y\ndeb z", "rm -rf")
        for line in bad:
            self.refused("archive line", check_archive_line, line, "archive line")
        self.refused("archive line", lambda: NewSeries(name="x", archive_lines=("",)))


class BuilderTests(Refusals):
    """A builder to be added."""

    def test_good(self) -> None:
        """A virtual builder names its host."""
        new_builder()
        new_builder(virtualized=True, vm_host="host1")

    def test_bad(self) -> None:
        """Each value is checked, and named."""
        self.refused("builder", lambda: new_builder(name="Bob!"))
        self.refused("url", lambda: new_builder(url="http://bob/"))
        self.refused("url", lambda: new_builder(url="gopher://bob"))
        self.refused("arch", lambda: new_builder(architectures=()))
        self.refused("arch", lambda: new_builder(architectures=("amd64", "$(id)")))
        self.refused("vm-host", lambda: new_builder(virtualized=True))
        self.refused("vm-host", lambda: new_builder(virtualized=True, vm_host="-oX"))
