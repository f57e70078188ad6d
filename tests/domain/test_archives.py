"""Archives, pockets and series."""

from functools import partial

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archive_checks import (
    check_archive_url,
    check_external_line,
    check_key,
)
from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
    Purpose,
)
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.pockets import Pocket, chroot_order, expansion
from buildd_manager.domain.secrets import Secret
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.suites import is_embargoed, is_over, may_build_in
from tests.domain.test_catalogue import Refusals


def new_archive(**changes: object) -> NewArchive:
    """Make a good archive, but for ``changes``."""
    good: dict[str, object] = {"name": "ppa", "url": "https://ppa.invalid/x"}
    return NewArchive(**(good | changes))  # type: ignore[arg-type]


def change(**changes: object) -> ArchiveChange:
    """Make a change of an archive."""
    return ArchiveChange(**changes)  # type: ignore[arg-type]


class PocketTests(SynchronousTestCase):
    """The pockets of a series."""

    def names(self, pockets: tuple[Pocket, ...]) -> str:
        """Write the names of pockets in one line."""
        return " ".join(pocket.value for pocket in pockets)

    def test_suffix(self) -> None:
        """All but the release are called after their pocket."""
        self.assertEqual(Pocket.RELEASE.suffix, "")
        self.assertEqual(Pocket.PROPOSED.suffix, "-proposed")

    def test_expansion(self) -> None:
        """A pocket is used together with those that it is built upon. Case 93."""
        rows = {
            Pocket.RELEASE: "release",
            Pocket.SECURITY: "release security",
            Pocket.UPDATES: "release security updates",
            Pocket.PROPOSED: "release security updates proposed",
            Pocket.BACKPORTS: "release security updates backports",
        }
        for pocket in Pocket:
            self.assertEqual(self.names(expansion(pocket)), rows[pocket])

    def test_chroot(self) -> None:
        """The nearest chroot serves: its own, at last the release's. Case 96."""
        rows = {
            Pocket.RELEASE: "release",
            Pocket.SECURITY: "security release",
            Pocket.UPDATES: "updates security release",
            Pocket.PROPOSED: "proposed updates security release",
            Pocket.BACKPORTS: "backports updates security release",
        }
        for pocket in Pocket:
            self.assertEqual(self.names(chroot_order(pocket)), rows[pocket])


class SuiteTests(SynchronousTestCase):
    """When something may be built for a pocket of a series."""

    #: R and S and U and P and B, as far as they are open.
    table = (
        (SeriesStatus.EXPERIMENTAL, "release proposed backports"),
        (SeriesStatus.DEVELOPMENT, "release proposed backports"),
        (SeriesStatus.FUTURE, "release proposed backports"),
        (SeriesStatus.FROZEN, "release security updates proposed backports"),
        (SeriesStatus.CURRENT, "security updates proposed backports"),
        (SeriesStatus.SUPPORTED, "security updates proposed backports"),
        (SeriesStatus.OBSOLETE, "security updates proposed backports"),
    )

    def test_primary(self) -> None:
        """What is released changes by its other pockets only. Cases 91, 110."""
        self.assertEqual({status for status, _ in self.table}, set(SeriesStatus))
        for status, expected in self.table:
            open_now = [
                pocket.value
                for pocket in Pocket
                if may_build_in(status, pocket, Purpose.PRIMARY)
            ]
            self.assertEqual(" ".join(open_now), expected)

    def test_others(self) -> None:
        """Other archives are always open."""
        for purpose in set(Purpose) - {Purpose.PRIMARY}:
            for status in SeriesStatus:
                for pocket in Pocket:
                    self.assertTrue(may_build_in(status, pocket, purpose))

    def test_embargo(self) -> None:
        """Only what is for security is embargoed, unless it is allowed. Case 91."""
        for pocket in Pocket:
            secret = pocket is Pocket.SECURITY
            self.assertIs(is_embargoed(pocket, build_security=False), secret)
            self.assertFalse(is_embargoed(pocket, build_security=True))

    def test_obsolete(self) -> None:
        """Only what is obsolete is over, unless it is allowed. Case 70."""
        for status in SeriesStatus:
            obsolete = status is SeriesStatus.OBSOLETE
            self.assertIs(is_over(status, build_obsolete=False), obsolete)
            self.assertFalse(is_over(status, build_obsolete=True))


class ArchiveTests(SynchronousTestCase):
    """An archive."""

    archive = Archive(id=1, name="ppa", purpose=Purpose.PPA, distribution="debian")

    def test_virtual(self) -> None:
        """Archive or architecture may ask for virtual builders. Case 72."""
        strict = evolve(self.archive, require_virtualized=True)
        self.assertFalse(self.archive.needs_virtual(supports_nonvirtualized=True))
        self.assertTrue(self.archive.needs_virtual(supports_nonvirtualized=False))
        self.assertTrue(strict.needs_virtual(supports_nonvirtualized=True))

    def test_silence(self) -> None:
        """It does not show its secret."""
        private = evolve(self.archive, private=True, secret=Secret("hush-hush"))
        self.assertNotIn("hush", f"{private} {private!r}")


class NewArchiveTests(Refusals):
    """An archive to be added, or changed."""

    def test_good(self) -> None:
        """All that may be said of one is taken."""
        new_archive(
            private=True,
            secret=Secret("hush-hush"),
            relative_score=-1_000_000,
            external_lines=("deb http://x/%(series)s %(series)s-backports main",),
            signing_key="YQ==",
            dependencies=(
                Dependency("debian", Pocket.UPDATES, "main"),
                Dependency("other"),
            ),
        )
        new_archive(url=None)
        change()
        change(external_lines=(), relative_score=0)

    def test_bad(self) -> None:
        """Each value is checked, and named."""
        self.refused("archive", lambda: new_archive(name="P P A"))
        self.refused("distribution", lambda: new_archive(distribution=""))
        bad: list[tuple[str, str, object]] = [
            ("url", "url", "x"),
            ("external-line", "external_lines", ("rm -rf",)),
            ("external-line", "external_lines", ("deb http://x y z",) * 101),
            ("signing-key", "signing_key", ""),
            ("score", "relative_score", 1_000_001),
            ("score", "relative_score", -1_000_001),
        ]
        for field, name, value in bad:
            self.refused(field, partial(new_archive, **{name: value}))
            self.refused(field, partial(change, **{name: value}))

    def test_secret(self) -> None:
        """A private archive has a secret, a public one has none."""
        self.refused("secret", lambda: new_archive(private=True))
        self.refused("secret", lambda: new_archive(secret=Secret("hush-hush")))
        short = Secret("hush")
        self.refused("secret", lambda: new_archive(private=True, secret=short))
        self.refused("secret", lambda: change(secret=short))

    def test_dependencies(self) -> None:
        """An archive depends on others, on each of them once."""
        for bad in (
            (Dependency("A"),),
            (Dependency("ppa"),),
            (Dependency("a"), Dependency("a", Pocket.UPDATES)),
        ):
            self.refused("depends-on", partial(new_archive, dependencies=bad))
        component = (Dependency("a", component="Main"),)
        self.refused("component", lambda: new_archive(dependencies=component))
        many = tuple(Dependency(f"a{number}") for number in range(101))
        self.refused("depends-on", lambda: new_archive(dependencies=many))

    def test_url(self) -> None:
        """An address has host and path, and nothing to be let in by."""
        for url in (
            "http://deb.debian.org/debian",
            "https://h:8443/a~b/",
            "http://[::1]",
        ):
            self.assertEqual(check_archive_url(url, "url"), url)
        for url in (
            "",
            "deb.debian.org",
            "file:///srv",
            "http://",
            "http:///x",
            "http://h:0/",
            "http://h:x/",
            "http://h/?q",
            "http://h/#f",
            "http://h/a b",
            "http://h/a\tb",
            "http://h/\n",
            "http://h/é",
            "http://[h/",
            "http://h/" + "x" * 1000,
            "http://u:hush@h/",
        ):
            self.refused("url", check_archive_url, url, "url")
        error = self.assertRaises(
            InvalidError, check_archive_url, "http://u:hush@h/", "url"
        )
        self.assertNotIn("hush", str(error))

    def test_external_line(self) -> None:
        """A line given by hand may name the series, and has no secret in it."""
        line = "deb [arch=amd64] http://h/%(series)s %(series)s main"
        self.assertEqual(check_external_line(line, "line"), line)
        for bad in (
            "",
            "deb http://h %(arch)s main",
            "deb http://h %(%(series)sseries)s main",
            "deb http://u:hush@h x main",
            "deb http://h x\ndeb http://h y",
        ):
            self.refused("line", check_external_line, bad, "line")

    def test_key(self) -> None:
        """A key is base64."""
        self.assertEqual(check_key("YQ==", "key"), "YQ==")
        for bad in ("", "====", "a b=", "YQ==\n", "é", "YQ", "A" * (128 * 1024 + 4)):
            self.refused("key", check_key, bad, "key")
