"""What an operator may choose."""

import tomllib
from pathlib import Path

from attrs import asdict
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.config import ConfigError, Settings
from buildd_manager.tap import Options
from tests.bad_inputs import cases


SAMPLE = Path(__file__).parents[1] / "etc" / "buildd-manager.toml"


class SettingsTests(SynchronousTestCase):
    """The options, read from a file."""

    def read(self, text: str) -> Settings:
        path = Path(self.mktemp())
        path.write_text(text)
        return Settings.from_toml(path)

    def test_sample(self) -> None:
        """The sample file has every option, at its default."""
        with SAMPLE.open("rb") as file:
            sample = tomllib.load(file)
        defaults = asdict(
            Settings(),
            value_serializer=lambda *of: list(of[2]) if of[2] == () else of[2],
        )
        self.assertEqual(sample, defaults)
        self.assertEqual(Settings.from_toml(SAMPLE), Settings())

    def test_empty(self) -> None:
        """All may be left out."""
        self.assertEqual(self.read(""), Settings())

    def test_values(self) -> None:
        """What is said is taken; whole numbers do for seconds."""
        settings = self.read(
            '[scan]\ninterval = 5\n[uploader]\ncommand = ["x", "BUILDID"]\n'
        )
        self.assertEqual(settings.scan.interval, 5.0)
        self.assertEqual(settings.uploader.command, ("x", "BUILDID"))

    def test_bad(self) -> None:
        """What nobody can mean is refused in a line, with the file and the option."""
        for case in cases("config/options"):
            path = Path(self.mktemp())
            path.write_bytes(case.bytes_of("config"))
            error = self.assertRaises(ConfigError, Settings.from_toml, path)
            told = str(error)
            self.assertTrue(told.startswith(f"{path}: "), f"{case}: {told}")
            self.assertIn(case["says"], told, str(case))
            self.assertTrue(told.isprintable(), f"{case}: {told!r}")

    def test_missing(self) -> None:
        """A file that is not there is named."""
        error = self.assertRaises(ConfigError, Settings.from_toml, Path("/nonexistent"))
        self.assertIn("/nonexistent", str(error))

    def test_no_secrets(self) -> None:
        """The words for a database, which may hold a password, are not shown."""
        settings = self.read('[database]\ndsn = "password=hunter2"\n')
        self.assertNotIn("hunter2", repr(settings))


class OptionsTests(SynchronousTestCase):
    """The options, on the command line of twistd."""

    def parse(self, *words: str) -> Settings:
        options = Options()
        options.parseOptions(list(words))
        return options.settings

    def test_none(self) -> None:
        """Without any, the defaults hold, and the state directory is absolute."""
        settings = self.parse()
        self.assertEqual(settings.scan, Settings().scan)
        self.assertTrue(Path(settings.manager.state).is_absolute())

    def test_over_the_file(self) -> None:
        """What is said here goes before what the file says."""
        path = Path(self.mktemp())
        path.write_text('[scan]\ninterval = 5\n[api]\nlisten = "tcp:1"\n')
        settings = self.parse(
            "--config", str(path), "--scan-interval", "2", "--state", "here"
        )
        self.assertEqual(settings.scan.interval, 2.0)
        self.assertEqual(settings.api.listen, "tcp:1")
        self.assertEqual(settings.state, Path("here").absolute())

    def test_usage(self) -> None:
        """A bad value is an error of usage."""
        for words in (
            ("--config", "/nonexistent"),
            ("--scan-interval", "soon"),
            ("--scan-interval", "-1"),
        ):
            self.assertRaises(UsageError, self.parse, *words)
