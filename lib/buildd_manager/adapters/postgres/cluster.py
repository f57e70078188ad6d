"""What an embedded PostgreSQL has on disk; everything here blocks."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from buildd_manager.adapters.durability import sync_directory
from buildd_manager.adapters.postgres.accounts import Account, ourselves
from buildd_manager.adapters.postgres.processes import occupants, postmasters
from buildd_manager.domain.errors import StartError


#: Name of its socket; there is nobody else in the directory, so the port is free.
_SOCKET = ".s.PGSQL.5432"

#: The longest path of a socket on Linux, in bytes.
_LONGEST = 107

# Only we, by the word of the kernel, are let in: as the owner or as the runtime role.
_HBA = "local all all peer map=manager\n"
_IDENT = 'manager "{us}" "buildd"\nmanager "{us}" "fiera"\n'


@frozen
class Cluster:
    """
    A directory with the data of a PostgreSQL and what goes with them.

    The directory is ours; ``data`` and ``socket`` in it are the account's, who
    therefore cannot make us write elsewhere.

    :ivar place: The directory; absolute.
    :ivar account: As whom PostgreSQL runs.
    """

    place: Path
    account: Account

    @property
    def data(self) -> Path:
        """Where the tables are."""
        return self.place / "data"

    @property
    def draft(self) -> Path:
        """Where they are made."""
        return self.place / "data.new"

    @property
    def socket(self) -> Path:
        """Where the socket is: short, and without what libpq takes for a list."""
        usual = self.place / "socket"
        path = str(usual / _SOCKET)
        if len(os.fsencode(path)) <= _LONGEST and "," not in path:
            return usual
        name = hashlib.sha256(os.fsencode(self.place)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"buildd-manager-{name}"

    @property
    def authentication(self) -> tuple[Path, Path]:
        """The files that say who is let in, and as whom."""
        return self.place / "pg_hba.conf", self.place / "pg_ident.conf"

    def open(self) -> int:
        """
        Make the directory, and lock it against everybody else.

        :returns: The descriptor that holds the lock, to be closed.
        :raises StartError: If it is locked already, or if the account has no way in.
        """
        try:
            self.place.mkdir(mode=0o711, parents=True, exist_ok=True)
            lock = os.open(
                self.place / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise unusable(self.place, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.place.chmod(0o711)
            self._refuse_closed()
            self._write_authentication()
            self._make_socket()
        except OSError as error:
            os.close(lock)
            raise unusable(self.place, error) from error
        except StartError:
            os.close(lock)
            raise
        return lock

    def close(self, lock: int) -> None:
        """Leave nothing outside of the directory, and let others have it."""
        if self.socket.parent != self.place:
            shutil.rmtree(self.socket, ignore_errors=True)
        os.close(lock)

    def major(self) -> str | None:
        """Tell for which version of PostgreSQL the data are; ``None`` without data."""
        try:
            return (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def begin(self) -> Path:
        """Make room for new data; what was left unfinished before goes away."""
        if self.draft.exists():
            shutil.rmtree(self.draft)
        self.draft.mkdir(mode=0o700)
        self.account.own(self.draft)
        return self.draft

    def finish(self) -> None:
        """Take the new data for good."""
        self.draft.rename(self.data)
        sync_directory(self.place)

    def occupants(self) -> list[int]:
        """Find all processes of PostgreSQL that are at work on the data."""
        return occupants(self.data)

    def postmasters(self) -> list[int]:
        """Find those of the occupants that have started others of them."""
        return postmasters(self.data)

    def forget_postmaster(self) -> None:
        """
        Let the next postmaster take over from one that is gone.

        PostgreSQL does not start while the process that its pid file names exists,
        be it a zombie, or somebody else's by now. Of its own parent it knows better,
        so the file shall name us. It is not removed, because it also names the shared
        memory, by which PostgreSQL tells that nobody is left.
        """
        for name in (_SOCKET, f"{_SOCKET}.lock"):
            (self.socket / name).unlink(missing_ok=True)
        path = self.data / "postmaster.pid"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        if not lines or not lines[0].isdigit():
            path.unlink()  # torn: the server had not come up
            return
        draft = self.place / "postmaster.pid.new"
        draft.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))
        draft.chmod(0o600)
        self.account.own(draft)
        draft.rename(path)

    def is_ready(self, pid: int | None) -> bool:
        """Tell whether the postmaster ``pid`` takes connections."""
        with suppress(OSError, ValueError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == pid and lines[7].strip() == "ready"
        return False

    def _refuse_closed(self) -> None:
        for path in (self.place, self.socket.parent):
            if (closed := self.account.closed(path)) is not None:
                raise StartError(
                    f"{closed} is closed to {self.account.name}, as whom PostgreSQL"
                    f" runs; choose another state directory, or chmod a+x {closed}"
                )

    def _write_authentication(self) -> None:
        ident = _IDENT.format(us=ourselves().name)
        for path, text in zip(self.authentication, (_HBA, ident), strict=True):
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)

    def _make_socket(self) -> None:
        with suppress(FileExistsError):
            self.socket.mkdir(mode=0o700)
            self.account.own(self.socket)
        # Outside of our directory, somebody may have been there before us.
        found = self.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid:
            raise StartError(f"{self.socket} is somebody else's; remove it")
        self.socket.chmod(0o700)


def unusable(place: Path, error: OSError) -> StartError:
    """Say why ``place`` cannot be used."""
    if isinstance(error, BlockingIOError):
        return StartError(
            f"{place} is in use by another PostgreSQL of ours; end its manager"
        )
    return StartError(
        f"{place} cannot be used: {error.strerror or error};"
        " choose another state directory"
    )
