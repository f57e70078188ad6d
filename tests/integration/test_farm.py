"""A manager with a PostgreSQL of its own, and a genuine launchpad-buildd."""

import gzip
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from buildd_manager.testing.postgres import throw_away_directory
from tests.adapters.processes import at_work_in, is_there
from tests.integration.genuine import FarmCase


#: What the uploader does with a directory, unless it is told otherwise.
PUBLISH = 'cp "$2"/* .'

#: Repeats a word, which may change, for as long as it is there.
REPEAT = "while cat $HOME/word; do sleep 0.1; done 2>/dev/null"


class DaemonCase(FarmCase):
    """
    A farm whose manager has nothing but its state directory.

    :ivar pool: Directory that the uploader works in.
    """

    def make_place(self) -> Path:
        place = throw_away_directory()
        self.addCleanup(shutil.rmtree, place)
        place.chmod(0o711)  # PostgreSQL and its worker may be somebody else
        self.pool = place / "pool"
        self.pool.mkdir()
        self.tell_uploader(PUBLISH)
        return place

    def options(self) -> Sequence[str]:
        command = ["sh", "-c", f"cd {self.pool}; . ../uploader", "uploader", "BUILDID"]
        config = self.place / "farm.toml"
        config.write_text(f"[uploader]\ncommand = {json.dumps(command)}\n")
        return ("--config", str(config))

    def tell_uploader(self, script: str) -> None:
        """Tell the uploader what to do from now on, with build $1 in directory $2."""
        (self.pool.parent / "uploader").write_text(script)


class ResultTests(DaemonCase):
    """What comes of a build."""

    def test_built(self) -> None:
        """Log and packages are fetched by HTTP; the uploader had the same. Case 98."""
        build = self.until(self.submit(lines=["compiling"]), "Fully built")
        log = gzip.decompress(self.fetch(build["log"])).decode()
        for line in ("compiling", "Status: successful"):
            self.assertIn(f"\n{line}\n", log)
        names = {f"stub_1.0_{build['arch']}.{kind}" for kind in ("changes", "deb")}
        fetched = {file["name"]: self.fetch(file) for file in build["files"]}
        self.assertEqual(set(fetched), names)
        uploaded = {path.name: path.read_bytes() for path in self.pool.iterdir()}
        self.assertEqual(fetched, uploaded)

    def test_not_uploaded(self) -> None:
        """If the uploader fails, what it said is kept, and so are log and packages."""
        self.tell_uploader('echo "no room for build $1"; exit 75')
        build = self.until(self.submit(), "Failed to upload")
        said = f"no room for build {build['id']}\n\n(exit 75)"
        self.assertEqual(build["upload_output"], said)
        for file in (build["log"], *build["files"]):
            self.fetch(file)
        self.tell_uploader(PUBLISH)
        self.until(self.submit(version="2.0"), "Fully built")


class RestartTests(DaemonCase):
    """A manager that ends while something is under way, and is started again."""

    def say(self, word: str) -> None:
        """Have the build say something else from now on."""
        (self.worker.home / "word").write_text(f"{word}\n")

    def until_heard(self, number: int, word: str) -> None:
        """Wait until the manager knows that a build says something."""
        self.wait(lambda: word in (self.build(number)["log_tail"] or ""))

    def manager(self) -> set[int]:
        """Name the processes of the manager, its database and its uploader."""
        return set(at_work_in(self.place / "manager"))

    def check(self, end: Callable[[], None]) -> None:
        """Make sure that the next manager goes on where the one that ends was."""
        self.say("before")
        number = self.submit(run=REPEAT)
        self.until_heard(number, "before")
        end()
        self.say("after")
        self.farm.start()
        self.until_heard(number, "after")
        self.assertEqual(self.build(number)["state"], "Currently building")
        (self.worker.home / "word").unlink()
        self.check_built(number)

    def check_built(self, number: int) -> None:
        """Make sure that a build ends well, and that in the end nobody is there."""
        (attempt,) = self.until(number, "Fully built")["attempts"]
        self.assertEqual(attempt["state"], "recorded")
        self.until_builder(ok=True, clean="clean", failures=0)
        self.farm.stop()
        self.worker.stop()
        self.assertEqual(at_work_in(self.place), {})

    def test_killed(self) -> None:
        """Killed, it follows the build again, which is still at its first attempt."""
        self.check(self.farm.kill)

    def test_stopped(self) -> None:
        """Told to end, it leaves nobody but the worker, which builds on."""

        def end() -> None:
            self.assertGreater(len(self.manager()), 1)
            self.farm.stop()
            self.assertEqual(self.manager(), set())

        self.check(end)

    def test_killed_uploading(self) -> None:
        """Killed while the uploader runs, it has that end, and run again."""
        note = self.place / "note"
        begun = f"echo $$ > {note}.new; mv {note}.new {note}"
        self.tell_uploader(f"{begun}; exec sleep 600")
        number = self.submit()
        self.wait(note.exists)
        uploader = int(note.read_text())
        self.tell_uploader(PUBLISH)
        self.farm.kill()
        self.wait(lambda: not is_there(uploader))
        self.farm.start()
        self.check_built(number)
