"""Real builds: a genuine launchpad-buildd with a genuine sbuild."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.accounts import builder
from lab.archive import architecture, hello, release
from lab.chroot import chroot_path
from lab.environment import ensure_environment
from lab.prepare import lacking
from lab.worker import GenuineWorker
from tests.adapters.processes import family_of, is_there
from tests.integration.genuine import FarmCase
from tests.integration.naps import nap


#: What hello says.
GREETING = "Hello, world!"

#: Installs the package $1 in the chroot $0, and runs what is in it.
INSTALL = """
root=$(mktemp --directory)
trap 'rm --recursive "$root"' EXIT
tar --directory "$root" --exclude './dev/*' --extract --file "$0"
cp "$1" "$root/hello.deb"
chroot "$root" dpkg --install hello.deb
chroot "$root" hello
"""


class RealCase(FarmCase):
    """
    A farm of one that compiles.

    If this machine cannot, that is a failure, which says what to do.
    """

    patience = 900.0

    def setUp(self) -> None:
        if why := lacking():
            self.fail(why)
        self.who, self.where = builder(), release()
        self.series = self.where.suite
        super().setUp()

    def make_place(self) -> Path:
        place = Path(tempfile.mkdtemp(prefix="buildd-manager-test-"))
        self.addCleanup(shutil.rmtree, place)
        place.chmod(0o711)  # for the worker's user, and PostgreSQL's
        return place

    def make_worker(self) -> GenuineWorker:
        root, environment = self.place / "worker", ensure_environment(self.who)
        return GenuineWorker(root, "unshare", environment, self.who, architecture())

    def chroot(self) -> Path:
        return chroot_path(self.where, architecture())

    def until_said(self, words: str) -> None:
        """Wait until the build that runs says something."""
        log = self.worker.cache / "buildlog"
        self.wait(lambda: log.exists() and words in log.read_text(errors="replace"))


class HelloTests(RealCase):
    """Debian's hello."""

    def test_hello(self) -> None:
        """It is built though the manager is killed meanwhile; and it can be used."""
        number = self.submit_file(hello(self.place / "apt", self.where))
        self.until_said("dpkg-buildpackage: info: source package hello")
        self.farm.kill()
        directory = self.until_compiling()
        self.farm.start()
        build = self.until(number, "Fully built")
        (attempt,) = build["attempts"]
        self.assertEqual(directory.name, f"build-{attempt['cookie']}")
        packages = [one for one in build["files"] if one["name"].startswith("hello_")]
        (deb,) = [one for one in packages if one["name"].endswith(".deb")]
        path = self.place / deb["name"]
        path.write_bytes(self.fetch(deb))
        self.assertEqual(self.unpack(path), GREETING)
        self.assertEqual(self.install(path), GREETING)

    def unpack(self, deb: Path) -> str:
        """Unpack it, and give what it says."""
        tree = self.place / "unpacked"
        subprocess.run(["dpkg-deb", "--extract", deb, tree], check=True)
        words = [tree / "usr" / "bin" / "hello"]
        said = subprocess.run(
            words, check=True, capture_output=True, text=True, env={"LC_ALL": "C"}
        )
        return said.stdout.rstrip("\n")

    def install(self, deb: Path) -> str:
        """Install it in a chroot such as it was built in, and give what it says."""
        words = ["mmdebstrap", "--unshare-helper", "sh", "-e", "-c", INSTALL]
        said = self.who.run(*words, str(self.chroot()), str(deb))
        return said.splitlines()[-1]


class CancelTests(RealCase):
    """A build that is cancelled."""

    def test_cancelled(self) -> None:
        """It ends, with all that it has begun, and the builder goes on. Case 119."""
        sources = self.place / "sources"
        number = self.submit_file(nap(sources, "1", seconds=100_000))
        self.until_said("sleep 100000")
        sbuild = int((self.until_compiling() / "in-chroot.pid").read_text())
        self.wait(lambda: "sleep 100000" in family_of(sbuild).values())
        family = family_of(sbuild)
        self.tell("POST", f"builds/{number}/cancel")
        build = self.until(number, "Cancelled build")
        self.assertEqual([pid for pid in family if is_there(pid)], [])
        (attempt,) = build["attempts"]
        self.assertIsNotNone(attempt["log"])
        self.until_builder(ok=True, clean="clean", failures=0)
        self.assertEqual([*self.worker.home.glob("build-*")], [])
        self.until(self.submit_file(nap(sources, "2")), "Fully built")
