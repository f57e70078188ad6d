"""``twistd buildd-manager``: options, and the service that they describe."""

import atexit
import os
import time
from pathlib import Path
from typing import Any, ClassVar

from attrs import evolve
from twisted.application.service import IService
from twisted.python.usage import Options as BaseOptions
from twisted.python.usage import UsageError

from buildd_manager.config import ConfigError, Settings


class Options(BaseOptions):
    """Options of the manager; what is not given here is as the file says."""

    longdesc = "Drive a farm of launchpad-buildd package builders."

    optParameters: ClassVar[list[list[Any]]] = [
        ["config", "c", None, "TOML file with options; /etc is not looked at"],
        ["state", "s", None, "directory of all that is kept outside the database"],
        ["dsn", "d", None, "PostgreSQL to use, instead of one of our own"],
        ["scan-interval", None, None, "seconds between looks at a builder"],
        ["api-listen", None, None, "endpoint of the HTTP interface"],
        ["librarian-listen", None, None, "endpoint from which files are served"],
    ]

    settings: Settings

    def postOptions(self) -> None:
        """Read the configuration, so that a bad one is a usage error."""
        try:
            path = self["config"]
            settings = Settings() if path is None else Settings.from_toml(Path(path))
            self.settings = self._changed(settings)
        except ConfigError as error:
            raise UsageError(str(error)) from error

    def _changed(self, settings: Settings) -> Settings:
        """Put what the command line says over what the file says."""
        said = {
            ("manager", "state"): self["state"],
            ("database", "dsn"): self["dsn"],
            ("scan", "interval"): _seconds(self["scan-interval"]),
            ("api", "listen"): self["api-listen"],
            ("librarian", "listen"): self["librarian-listen"],
        }
        for (section, option), value in said.items():
            if value is not None:
                changed = evolve(getattr(settings, section), **{option: value})
                settings = evolve(settings, **{section: changed})
        # A daemon changes its directory: relative paths are those of now.
        state = evolve(settings.manager, state=str(settings.state))
        return evolve(settings, manager=state)


def makeService(options: Options) -> IService:
    """Make the manager that ``options`` describe."""
    # Chosen by now, and not before; what the house stands on imports it, too.
    from twisted.internet import reactor  # noqa: PLC0415

    from buildd_manager.house import manager_service  # noqa: PLC0415

    _steady(reactor)
    service: IService = manager_service(
        reactor, options.settings, failed=lambda _: _give_up(reactor)
    )
    return service


def _steady(reactor: Any) -> None:
    """
    Have a reactor count the seconds, whatever anybody sets the clock to.

    Of its own it goes by the clock: set back by an hour, it calls nobody for an hour.
    """
    reactor.seconds = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError as error:
        raise ConfigError(f"--scan-interval {text}: give a number") from error


def _give_up(reactor: Any) -> None:
    """End the process with status 1, so that whoever started it knows."""
    # Neither twistd nor twist lets a service choose how the process is to end.
    atexit.register(os._exit, 1)
    # It may not run yet, if the very first thing went wrong.
    reactor.callWhenRunning(reactor.stop)
