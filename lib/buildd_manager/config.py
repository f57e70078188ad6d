"""Everything that an operator may choose, read once, into a value that is checked."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, Self

from attrs import Attribute, asdict, field, fields, frozen

from buildd_manager.domain.errors import StartError
from buildd_manager.domain.policy import Policy
from buildd_manager.places import state_directory


class ConfigError(StartError):
    """The configuration cannot be used: which option, why, and what would do."""


def _seconds(default: float) -> Any:
    """Make an option in seconds: more than 0, at most a day."""

    def check(_: object, attribute: "Attribute[float]", value: float) -> None:
        if not (isfinite(value) and 0 < value <= 86400):  # noqa: PLR2004 - a day
            raise ConfigError(
                f"{attribute.name} = {value}: give seconds, more than 0, at most 86400"
            )

    return field(default=default, validator=check)


#: More than any disk has bytes.
_MOST = 2**60


def _count(default: int, most: int = _MOST) -> Any:
    """Make an option that counts: 1 or more, and not more than makes sense."""

    def check(_: object, attribute: "Attribute[int]", value: int) -> None:
        if not 1 <= value <= most:
            raise ConfigError(f"{attribute.name} = {value}: give 1 to {most}")

    return field(default=default, validator=check)


@frozen(kw_only=True)
class ManagerOptions:
    """
    The manager itself.

    :ivar state: Directory of all that it keeps outside the database; nobody else's.
    :ivar name: How it is called among several; the host's name if empty.
    """

    state: str = ""
    name: str = ""


@frozen(kw_only=True)
class DatabaseOptions:
    """
    PostgreSQL.

    :ivar dsn: libpq's words for a server; empty starts one of our own.
    :ivar owner_dsn: Who may change tables, when that is somebody else.
    :ivar bindir: Where ``postgres`` is, for our own; empty looks for one.
    """

    dsn: str = field(default="", repr=False)
    owner_dsn: str = field(default="", repr=False)
    bindir: str = ""
    connections: int = _count(5, most=100)
    statement_timeout: float = _seconds(10.0)


@frozen(kw_only=True)
class ApiOptions:
    """The HTTP interface for people and programs."""

    listen: str = "tcp:8220:interface=127.0.0.1"


@frozen(kw_only=True)
class LibrarianOptions:
    """
    Files for workers and for everybody.

    :ivar url: The address under which workers reach it; empty takes the host and
        port on which it listens.
    """

    listen: str = "tcp:8222:interface=127.0.0.1"
    url: str = ""


@frozen(kw_only=True)
class ScanOptions:
    """
    How often builders are looked at, and how long a lease of one lasts.

    :ivar dep_waits: Between looks at what builds wait for.
    """

    interval: float = _seconds(15.0)
    lease_time: float = _seconds(60.0)
    dep_waits: float = _seconds(600.0)


@frozen(kw_only=True)
class WorkerOptions:
    """
    Seconds that a worker may take: see ``docs/operating.md``.

    :ivar slowest: Bytes in a second.
    """

    call: float = _seconds(30.0)
    call_virtual: float = _seconds(30.0)
    ensure_present: float = _seconds(600.0)
    idle: float = _seconds(60.0)
    slowest: int = _count(16 * 2**10)
    fetch: float = _seconds(3600.0)


@frozen(kw_only=True)
class LimitOptions:
    """The most bytes that are taken: of a worker's files, and of a submission."""

    log: int = _count(512 * 2**20)
    file: int = _count(8 * 2**30)
    build: int = _count(32 * 2**30)
    submission: int = _count(4 * 2**30)


@frozen(kw_only=True)
class JudgementOptions:
    """By what builders and builds are judged: see ``docs/operating.md``."""

    scans: int = _count(5)
    requeue_at: int = _count(3)
    fail_builder_at: int = _count(5)
    attempts: int = _count(5)
    stopping: float = _seconds(180.0)
    resetting: float = _seconds(1800.0)
    trial_after: float = _seconds(300.0)
    trial_at_most: float = _seconds(86400.0)
    wall_floor: float = _seconds(14400.0)
    silence_floor: float = _seconds(9600.0)
    learning: int = _count(5)
    trouble_of: int = _count(3)
    amnesty: float = _seconds(900.0)

    def policy(self) -> Policy:
        """Give it as the domain knows it."""
        return Policy(**asdict(self))


@frozen(kw_only=True)
class UploaderOptions:
    """
    The command that takes results over.

    :ivar command: Words; ``BUILDID`` becomes the build's number, the directory is
        added. Empty: results stay where they land.
    """

    command: tuple[str, ...] = ()
    deadline: float = _seconds(600.0)


@frozen(kw_only=True)
class ResetOptions:
    """
    The command that makes a virtual builder anew.

    :ivar command: Words, with ``%(vm_host)s`` and ``%(buildd_name)s``.
    """

    command: tuple[str, ...] = ()
    deadline: float = _seconds(300.0)


@frozen(kw_only=True)
class Settings:
    """All options, by section."""

    manager: ManagerOptions = ManagerOptions()
    database: DatabaseOptions = DatabaseOptions()
    api: ApiOptions = ApiOptions()
    librarian: LibrarianOptions = LibrarianOptions()
    scan: ScanOptions = ScanOptions()
    worker: WorkerOptions = WorkerOptions()
    limits: LimitOptions = LimitOptions()
    judgement: JudgementOptions = JudgementOptions()
    uploader: UploaderOptions = UploaderOptions()
    reset: ResetOptions = ResetOptions()

    @property
    def state(self) -> Path:
        """The state directory, chosen or default."""
        return Path(self.manager.state or state_directory()).absolute()

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """
        Read a file.

        :raises ConfigError: If it cannot be read, or says what nobody understands.
        """
        try:
            with path.open("rb") as file:
                return cls.from_mapping(tomllib.load(file))
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"{path}: {error}") from error
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from error

    @classmethod
    def from_mapping(cls, said: Mapping[str, Any]) -> Self:
        """
        Take sections of options.

        :raises ConfigError: For an unknown word, a wrong type, or a wrong value.
        """
        known = {section.name: section for section in fields(cls)}
        sections: dict[str, Any] = {}
        for name, options in said.items():
            _refuse_unknown(name, known, "section")
            if not isinstance(options, Mapping):
                raise ConfigError(f"{name}: write it as a section, [{name}]")
            sections[name] = _section(known[name].type, name, options)
        return cls(**sections)


def _section(kind: Any, name: str, said: Mapping[str, Any]) -> object:
    known = {option.name: option for option in fields(kind)}
    values = {}
    for word, value in said.items():
        _refuse_unknown(word, known, "option")
        values[word] = _value(f"{name}.{word}", value, known[word].default)
    try:
        return kind(**values)
    except ConfigError as error:
        raise ConfigError(f"{name}.{error}") from error


def _value(word: str, value: object, default: object) -> object:
    """Accept ``value`` if it is of the kind of the default."""
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise ConfigError(f"{word}: give a list of words")
    if isinstance(default, float) and type(value) is int:
        return float(value)
    if type(value) is not type(default):
        wanted = {str: "a text", int: "a whole number", float: "a number"}
        raise ConfigError(f"{word} = {value!r:.80}: give {wanted[type(default)]}")
    return value


def _refuse_unknown(word: str, known: Mapping[str, object], kind: str) -> None:
    if word not in known:
        close = get_close_matches(word, known, 1)
        hint = f"did you mean {close[0]}" if close else f"there are {', '.join(known)}"
        raise ConfigError(f"there is no {kind} {word!r:.80}: {hint}")
