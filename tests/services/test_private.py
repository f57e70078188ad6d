"""What is private stays so, wherever a build passes."""

from urllib.parse import quote

from twisted.logger import eventAsText

from buildd_manager.domain.archives import ArchiveChange, NewArchive
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.secrets import Secret
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_worker import fetch_from
from tests.services.attentive import Attentive
from tests.services.scene import Scene


SECRET = "open/sesame+please"


class PrivateTests(Scene):
    """A build for a private archive, of a source of which a part is for everybody."""

    def setUp(self) -> None:
        super().setUp()
        change = ArchiveChange(url="http://deb")
        self.now(self.store.catalogue.change_archive("debian", change))
        secret = Secret(SECRET)
        new = NewArchive(name="ppa", url="http://ppa", private=True, secret=secret)
        self.now(self.store.catalogue.add_archive(new))
        self.dsc = self.file("hello_1.dsc", b"private", restricted=True)
        self.tarball = self.file("hello_1.orig.tar.gz", b"as everywhere")

    def dispatch(self) -> int:
        """Submit a source, and have it given to a builder."""
        files = (self.dsc, self.tarball)
        build = self.submit("hello", archive="ppa", files=files)
        self.add_builder()
        self.start()
        return build

    def make_buildd(self) -> SimulatedBuildd:
        """Make a worker that remembers what it was told."""
        fetch = fetch_from(self.librarian, self.store.files)
        self.attentive = Attentive(self.clock, lambda _: self.plan, fetch)
        return self.attentive

    def password(self) -> str:
        """Give the password that went with the private file, and with no other."""
        (told,) = (one for one in self.attentive.fetched if any(one[1:]))
        sha1, name, password = told
        self.assertEqual((sha1, name), (self.dsc.sha1, "buildd"))
        return password

    def test_login(self) -> None:
        """
        A worker is let in to fetch what is private, and nobody else is. Case 90.

        It is told a name, which many need, and a password that it has not been told
        before; of what is for everybody, neither.
        """
        build = self.dispatch()
        self.assertIs(self.state(build), BuildState.BUILDING)
        fetched = [sha1 for sha1, *_ in self.attentive.fetched]
        self.assertEqual(fetched[1:], [self.dsc.sha1, self.tarball.sha1])
        self.assertFalse(self.librarian.lets_in(self.dsc, self.password()))

    def test_not_fetched(self) -> None:
        """If a worker could not fetch it, nobody is let in afterwards either."""
        del self.librarian.contents[self.dsc.sha256]
        build = self.dispatch()
        self.assertIs(self.state(build), BuildState.NEEDS_BUILD)
        self.assertFalse(self.librarian.lets_in(self.dsc, self.password()))

    def test_said(self) -> None:
        """
        The worker is told what it needs, and no log of ours shows a secret. Case 85.

        It has the chroot first, then the files, and then it builds.
        """
        package = NewBinary(
            archive="ppa",
            series="bookworm",
            pocket=Pocket.RELEASE,
            component="main",
            architecture="amd64",
            name="libx",
            version="1",
        )
        self.now(self.store.queue.publish([package]))
        self.dispatch()
        order = [call for call in self.network.calls if call != "status"]
        self.assertEqual(order[-4:], [*["ensure_present"] * 3, "build"])
        ((chroot, files, told),) = self.attentive.built
        self.assertEqual(chroot, self.attentive.fetched[0][0])
        names = {"hello_1.dsc": self.dsc.sha1, "hello_1.orig.tar.gz": self.tarball.sha1}
        self.assertEqual(files, names)
        self.assertIn(f":{quote(SECRET, safe='')}@ppa ", str(told))
        self.assertTrue(self.events)
        logged = "".join(f"{eventAsText(one)} {one}" for one in self.events)
        self.assertIn("started", logged)
        for secret in (SECRET, quote(SECRET, safe=""), self.password()):
            self.assertNotIn(secret, logged)

    def test_kept(self) -> None:
        """Its log and its results are for few people, too. Case 105."""
        private, public = self.dispatch(), self.submit()
        self.scans(16)
        for build, restricted in ((private, True), (public, False)):
            detail = self.detail(build)
            self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
            kept: list[StoredFile | None] = [detail.log, *detail.files]
            self.assertEqual(len(kept), 3)
            for file in kept:
                assert file is not None
                self.assertIs(file.restricted, restricted)
