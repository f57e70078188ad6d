"""What a build can see."""

from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Archive, Dependency, Purpose
from buildd_manager.domain.components import COMPONENTS
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.sources_list import Need, lines
from buildd_manager.domain.visibility import sees


PRIMARY = Archive(
    id=1, name="debian", purpose=Purpose.PRIMARY, distribution="debian", url="http://p"
)
PPA = Archive(
    id=2, name="ppa", purpose=Purpose.PPA, distribution="debian", url="http://a"
)
OTHER = evolve(PPA, id=3, name="other", url="http://o")

NEED = Need(
    archive=PRIMARY,
    primary=PRIMARY,
    others={"other": OTHER},
    series="trixie",
    pocket=Pocket.RELEASE,
    component="main",
    components=COMPONENTS,
)

_COMPONENT = st.sampled_from([*COMPONENTS, "contrib"])

_DEPENDENCIES = st.lists(
    st.builds(
        Dependency,
        st.sampled_from(["debian", "other"]),
        st.sampled_from(Pocket),
        st.none() | _COMPONENT,
    ),
    unique_by=lambda one: one.archive,
).map(tuple)


@st.composite
def needs(draw: st.DrawFn) -> Need:
    """Make builds in archives of every kind, which depend on anything."""
    purpose = draw(st.sampled_from(Purpose))
    archive = PRIMARY if purpose is Purpose.PRIMARY else evolve(PPA, purpose=purpose)
    depends_on = tuple(
        one for one in draw(_DEPENDENCIES) if one.archive != archive.name
    )
    other = evolve(OTHER, purpose=draw(st.sampled_from([Purpose.PPA, Purpose.COPY])))
    return Need(
        archive=evolve(archive, dependencies=depends_on),
        primary=PRIMARY,
        others={"other": other},
        series="trixie",
        pocket=draw(st.sampled_from(Pocket)),
        component=draw(_COMPONENT),
        components=COMPONENTS,
        strict=draw(st.booleans()),
        in_primary=draw(st.none() | _COMPONENT),
    )


class SeesTests(SynchronousTestCase):
    """Archives, pockets and components."""

    def seen(self, **details: Any) -> set[tuple[str, str, str]]:
        """Tell what a build sees, as words."""
        return {
            (archive, pocket.value, component)
            for (archive, pocket), components in sees(evolve(NEED, **details)).items()
            for component in components
        }

    def test_release(self) -> None:
        """A build in main of a release sees main of that, and nothing else."""
        self.assertEqual(self.seen(), {("debian", "release", "main")})

    def test_updates(self) -> None:
        """An update sees what was let through before."""
        self.assertEqual(
            {pocket for _, pocket, _ in self.seen(pocket=Pocket.UPDATES)},
            {"release", "security", "updates"},
        )

    def test_ppa(self) -> None:
        """A build in a PPA sees that, and all of the distribution, updated."""
        seen = self.seen(archive=PPA)
        self.assertIn(("ppa", "release", "main"), seen)
        self.assertIn(("debian", "updates", "multiverse"), seen)
        self.assertNotIn(("debian", "proposed", "main"), seen)
        self.assertNotIn("other", {archive for archive, _, _ in seen})

    def test_dependency(self) -> None:
        """What an archive depends on is seen, and so is nothing of it that is not."""
        archive = evolve(PPA, dependencies=(Dependency("other", Pocket.PROPOSED),))
        seen = self.seen(archive=archive)
        self.assertIn(("other", "proposed", "main"), seen)
        archive = evolve(PPA, dependencies=(Dependency("debian", component="main"),))
        self.assertEqual(
            self.seen(archive=archive),
            {("ppa", "release", "main"), ("debian", "release", "main")},
        )

    @given(needs())
    def test_as_apt(self, need: Need) -> None:
        """A build is taken to see just what apt is told, if apt is told anything."""
        urls = {"debian": "http://p", "ppa": "http://a", "other": "http://o"}
        seen = {
            (urls[archive], f"trixie{pocket.suffix}", component)
            for (archive, pocket), components in sees(need).items()
            for component in components
        }
        told = set()
        for line in lines(need, lambda *_: True) or ():
            _, url, suite, *components = line.text().split()
            told |= {(url, suite, component) for component in components}
        self.assertEqual(seen, told)
