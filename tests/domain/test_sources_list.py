"""From where a worker gets what a build needs."""

from collections import Counter

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Archive, Dependency, Purpose
from buildd_manager.domain.checks import check_archive_line
from buildd_manager.domain.components import COMPONENTS, everything, visible
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import REDACTED, SHORTEST, Secret, redact
from buildd_manager.domain.sources_list import Line, Need, lines
from tests.domain.test_visibility import needs


#: Of archives, as no line has them by chance.
passwords = st.text("xyz%@/: ", min_size=SHORTEST, max_size=20)

DEBIAN = ("main", "contrib", "non-free")

PRIMARY = Archive(
    id=1,
    name="ubuntu",
    purpose=Purpose.PRIMARY,
    distribution="ubuntu",
    url="http://p/ubuntu",
)
PPA = evolve(PRIMARY, id=2, name="ppa", purpose=Purpose.PPA, url="https://ppa/x")
OTHER = evolve(PPA, id=3, name="other", url="https://ppa/other")
PARTNER = evolve(
    PRIMARY, id=4, name="partner", purpose=Purpose.PARTNER, url="http://p/partner"
)
COPY = evolve(PRIMARY, id=5, name="copy", purpose=Purpose.COPY, url="http://p/copy")

NEED = Need(
    archive=PRIMARY,
    primary=PRIMARY,
    others={one.name: one for one in (OTHER, PARTNER)},
    series="s",
    pocket=Pocket.RELEASE,
    component="main",
    components=COMPONENTS,
)


class OgreTests(SynchronousTestCase):
    """Which components a build may use packages of. Case 95."""

    def see(
        self, component: str, pocket: Pocket = Pocket.RELEASE, *, strict: bool = True
    ) -> str:
        """Write the components in one line."""
        return " ".join(visible(component, pocket, COMPONENTS, strict=strict))

    def test_strict(self) -> None:
        """Main uses main, universe uses main too, multiverse uses all. Case 95."""
        self.assertEqual(self.see("main"), "main")
        self.assertEqual(self.see("restricted"), "main restricted")
        self.assertEqual(self.see("universe"), "main universe")
        self.assertEqual(self.see("multiverse"), " ".join(COMPONENTS))

    def test_lax(self) -> None:
        """Where it is not strict, main counts as universe. Case 95."""
        self.assertEqual(self.see("main", strict=False), "main universe")
        self.assertEqual(self.see("restricted", strict=False), " ".join(COMPONENTS))
        self.assertEqual(self.see("universe", strict=False), "main universe")

    def test_backports(self) -> None:
        """Backports use all. Case 95."""
        for component in COMPONENTS:
            self.assertEqual(
                self.see(component, Pocket.BACKPORTS), " ".join(COMPONENTS)
            )

    def test_partner(self) -> None:
        """A partner's packages see each other only."""
        mixed = (*COMPONENTS, "partner")
        for pocket in Pocket:
            self.assertEqual(visible("partner", pocket, mixed), ("partner",))
        self.assertEqual(everything(mixed), COMPONENTS)

    def test_debian(self) -> None:
        """Debian's main uses main; its other components use all."""
        self.assertEqual(visible("main", Pocket.RELEASE, DEBIAN), ("main",))
        self.assertEqual(visible("contrib", Pocket.RELEASE, DEBIAN), DEBIAN)

    @given(
        st.sampled_from([*COMPONENTS, "partner", "contrib"]),
        st.sampled_from(Pocket),
        st.lists(st.sampled_from([*COMPONENTS, "partner", "contrib"]), unique=True),
        st.booleans(),
    )
    def test_law(
        self, component: str, pocket: Pocket, available: list[str], strict: bool
    ) -> None:
        """What is seen is there, and with it what the source itself is in."""
        seen = visible(component, pocket, tuple(available), strict=strict)
        self.assertEqual(len(set(seen)), len(seen))
        self.assertLessEqual(set(seen), set(available))
        self.assertEqual(component in seen, component in available)


class LineTests(SynchronousTestCase):
    """One line, and its secret."""

    def test_public(self) -> None:
        """Without a secret there is nothing to hide."""
        line = Line.read("deb [arch=amd64] http://h/x s main")
        self.assertEqual(line.text(), "deb [arch=amd64] http://h/x s main")
        self.assertEqual(str(line), line.text())
        self.assertEqual(line.secrets(), ())

    def test_private(self) -> None:
        """The secret of an archive is told to the worker, and to nobody else."""
        private = evolve(PPA, private=True, secret=Secret("p@ss/word"))
        line = Line.of(private, "s", ("main",))
        self.assertEqual(line.text(), "deb https://buildd:p%40ss%2Fword@ppa/x s main")
        self.assertEqual(str(line), f"deb https://buildd:{REDACTED}@ppa/x s main")
        self.assertNotIn("word", repr(line))
        self.assertEqual(line.secrets(), (private.secret,))

    def test_read(self) -> None:
        """A secret in a line that somebody wrote is found, however it is written."""
        for secret in ("pass", "p%40ss", "pa/ss", "p@w", "a:b"):
            line = Line.read(f"deb http://user:{secret}@h/x s main")
            self.assertEqual(line.text(), f"deb http://user:{secret}@h/x s main")
            self.assertEqual(str(line), f"deb http://user:{REDACTED}@h/x s main")
        token = Line.read("deb http://token@h/x s main")
        self.assertEqual(str(token), f"deb http://{REDACTED}@h/x s main")

    @example("0000000%")
    @example("0000000&")
    @given(st.text(st.characters(codec="ascii"), min_size=SHORTEST, max_size=20))
    def test_law(self, word: str) -> None:
        """What is written is read back, and redacted wherever it is seen."""
        line = Line.of(evolve(PPA, private=True, secret=Secret(word)), "s", ("main",))
        self.assertEqual(Line.read(line.text()), line)
        self.assertEqual(redact(line.text(), line.secrets()), str(line))


@st.composite
def secret_needs(draw: st.DrawFn) -> Need:
    """Make builds that use public and private archives, and lines given by hand."""
    need = draw(needs())

    def hidden(archive: Archive) -> Archive:
        secret = draw(st.none() | passwords.map(Secret))
        return evolve(archive, private=secret is not None, secret=secret)

    by_hand = draw(st.lists(st.just("deb http://e %(series)s x"), max_size=2))
    return evolve(
        need,
        archive=hidden(evolve(need.archive, external_lines=tuple(by_hand))),
        primary=hidden(need.primary),
        others={name: hidden(one) for name, one in need.others.items()},
    )


class AnyLinesTests(SynchronousTestCase):
    """Whatever is built, and wherever."""

    @given(secret_needs())
    def test_as_apt_takes_them(self, need: Need) -> None:
        """Each line is one that apt takes, and shows no secret to anybody else."""
        for line in lines(need, lambda *_: True) or ():
            self.assertEqual(check_archive_line(line.text(), "line"), line.text())
            self.assertEqual(Line.read(line.text()), line)
            for secret in line.secrets():
                self.assertNotIn(secret.reveal(), str(line))

    @given(secret_needs(), st.sets(st.sampled_from(Pocket)))
    def test_only_published(self, need: Need, full: set[Pocket]) -> None:
        """A pocket in which nothing is published only has fewer lines."""
        everything = lines(need, lambda *_: True) or ()
        some = lines(need, lambda _, pocket: pocket in full) or ()
        self.assertLessEqual(Counter(some), Counter(everything))


class LinesTests(SynchronousTestCase):
    """The whole list."""

    def list(self, need: Need, *unpublished: tuple[Archive, Pocket]) -> list[str]:
        """Compose the list; all is published but for ``unpublished``."""
        made = lines(need, lambda archive, one: (archive, one) not in unpublished)
        assert made is not None
        return [line.text() for line in made]

    def test_release(self) -> None:
        """A build for the release sees the release."""
        self.assertEqual(self.list(NEED), ["deb http://p/ubuntu s main"])

    def test_proposed(self) -> None:
        """A build for proposed sees all pockets but backports. Case 93."""
        need = evolve(NEED, pocket=Pocket.PROPOSED, component="universe")
        self.assertEqual(
            self.list(need),
            [
                "deb http://p/ubuntu s main universe",
                "deb http://p/ubuntu s-security main universe",
                "deb http://p/ubuntu s-updates main universe",
                "deb http://p/ubuntu s-proposed main universe",
            ],
        )

    def test_backports(self) -> None:
        """A build for backports sees all components. Case 93."""
        all_of_them = " ".join(COMPONENTS)
        self.assertEqual(
            self.list(evolve(NEED, pocket=Pocket.BACKPORTS))[-1],
            f"deb http://p/ubuntu s-backports {all_of_them}",
        )

    def test_ppa(self) -> None:
        """A build for a PPA sees it, and all of the primary archive. Case 93."""
        all_of_them = " ".join(COMPONENTS)
        self.assertEqual(
            self.list(evolve(NEED, archive=PPA, component="universe")),
            [
                "deb https://ppa/x s main",
                f"deb http://p/ubuntu s {all_of_them}",
                f"deb http://p/ubuntu s-security {all_of_them}",
                f"deb http://p/ubuntu s-updates {all_of_them}",
            ],
        )

    def test_other_purposes(self) -> None:
        """A partner has a component of its own, a copy has those of the series."""
        partner = self.list(evolve(NEED, archive=PARTNER, component="partner"))
        self.assertEqual(partner[0], "deb http://p/partner s partner")
        copy = self.list(evolve(NEED, archive=COPY, component="universe"))
        self.assertEqual(copy[0], "deb http://p/copy s main universe")

    def test_external(self) -> None:
        """Lines given by hand come behind the archive's first, the build's first."""
        by_hand = ("deb http://e/%(series)s %(series)s x",)
        ppa = evolve(PPA, external_lines=by_hand)
        need = evolve(
            NEED, archive=ppa, pocket=Pocket.UPDATES, own_lines=("deb http://b s x",)
        )
        self.assertEqual(
            self.list(need)[:5],
            [
                "deb https://ppa/x s main",
                "deb http://b s x",
                "deb http://e/s s x",
                "deb https://ppa/x s-security main",
                "deb https://ppa/x s-updates main",
            ],
        )
        primary = evolve(PRIMARY, external_lines=by_hand)
        updates = evolve(NEED, archive=primary, pocket=Pocket.UPDATES)
        self.assertEqual(
            self.list(updates)[:2], ["deb http://p/ubuntu s main", "deb http://e/s s x"]
        )

    def test_external_alone(self) -> None:
        """Where the archive has no line yet, they come first, and nothing crashes."""
        ppa = evolve(PPA, external_lines=("deb http://e s x",))
        need = evolve(NEED, archive=ppa, components=())
        self.assertEqual(self.list(need, (ppa, Pocket.RELEASE)), ["deb http://e s x"])

    def test_unpublished(self) -> None:
        """A pocket without packages is left out, save of the primary archive."""
        need = evolve(NEED, archive=PPA, pocket=Pocket.SECURITY)
        listed = self.list(
            need, (PPA, Pocket.SECURITY), *((PRIMARY, pocket) for pocket in Pocket)
        )
        self.assertEqual(listed[0], "deb https://ppa/x s main")
        self.assertTrue(listed[1].startswith("deb http://p/ubuntu s main"))
        self.assertEqual(len(listed), 4)

    def test_dependencies(self) -> None:
        """What the archive depends on comes between it and the primary archive."""
        depends = (
            Dependency("other", Pocket.RELEASE, "universe"),
            Dependency("partner", Pocket.SECURITY),
        )
        listed = self.list(evolve(NEED, archive=evolve(PPA, dependencies=depends)))
        self.assertEqual(
            listed[1:4],
            [
                "deb https://ppa/other s main",
                "deb http://p/partner s partner",
                "deb http://p/partner s-security partner",
            ],
        )
        self.assertEqual(len(listed), 7)

    def test_explicit(self) -> None:
        """A dependency on the primary archive stands for it. Case 95."""
        rows = [
            (None, None, "main universe"),
            (None, "restricted", "main restricted"),
            ("main", "restricted", "main"),
        ]
        for component, in_primary, expected in rows:
            depends = (Dependency("ubuntu", Pocket.SECURITY, component),)
            ppa = evolve(PPA, dependencies=depends)
            self.assertEqual(
                self.list(evolve(NEED, archive=ppa, in_primary=in_primary)),
                [
                    "deb https://ppa/x s main",
                    f"deb http://p/ubuntu s {expected}",
                    f"deb http://p/ubuntu s-security {expected}",
                ],
            )

    def test_private(self) -> None:
        """Each private archive has its own secret in its lines."""
        other = evolve(OTHER, private=True, secret=Secret("others-secret"))
        ppa = evolve(
            PPA,
            private=True,
            secret=Secret("its-secret"),
            dependencies=(Dependency("other"),),
        )
        listed = self.list(evolve(NEED, archive=ppa, others={"other": other}))
        self.assertEqual(listed[0], "deb https://buildd:its-secret@ppa/x s main")
        self.assertEqual(listed[1], "deb https://buildd:others-secret@ppa/other s main")

    def test_nowhere(self) -> None:
        """Without an address of the primary archive the chroot keeps its own list."""
        primary = evolve(PRIMARY, url=None)
        for archive in (primary, PPA):
            need = evolve(NEED, archive=archive, primary=primary)
            self.assertIsNone(lines(need, lambda *_: True))

    def test_series(self) -> None:
        """The lines of the series serve while the primary archive has no address."""
        own = ("deb http://u:hush@d/debian s main",)
        primary = evolve(PRIMARY, url=None)
        need = evolve(NEED, archive=primary, primary=primary, series_lines=own)
        self.assertEqual(self.list(need), list(own))
        depends = evolve(PPA, dependencies=(Dependency("ubuntu"),))
        self.assertEqual(
            self.list(evolve(need, archive=depends)),
            ["deb https://ppa/x s main", *own],
        )
        made = lines(need, lambda *_: True) or ()
        self.assertNotIn("hush", "".join(str(line) for line in made))

    def test_no_address(self) -> None:
        """An archive without an address has no lines."""
        need = evolve(NEED, archive=evolve(PPA, url=None))
        self.assertEqual(len(self.list(need)), 3)
