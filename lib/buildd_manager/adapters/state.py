"""The state directory: whose it is, and what the command line finds there."""

import fcntl
import json
import os
import secrets
import uuid
from pathlib import Path

from buildd_manager.adapters.durability import sync_directory
from buildd_manager.domain.errors import StartError


class StateDirectory:
    """
    One manager's place on disk, locked while the manager lives.

    The lock is the kernel's: it ends with the process, however that ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def open(self) -> None:
        """
        Make the directory ours.

        It may be passed through by everybody, since PostgreSQL and the uploader may
        run as other users; what is secret in it has a mode of its own.

        :raises StartError: If it cannot be made, or is another manager's.
        """
        try:
            _make(self.path)
            self._lock = _lock(self.path / "lock")
        except BlockingIOError as error:
            raise StartError(
                f"{self.path} is in use by another manager;"
                " stop that one, or choose another state directory"
            ) from error
        except OSError as error:
            raise StartError(
                f"{self.path} cannot be used: {error.strerror};"
                " choose another state directory"
            ) from error

    def close(self) -> None:
        """Let another manager have it."""
        if self._lock is not None:
            (self.path / "api.json").unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def identity(self) -> str:
        """Read the UUID of the manager that lives here; make one the first time."""
        path = self.path / "manager-id"
        if not path.exists():
            _write(path, str(uuid.uuid4()), 0o644)
        try:
            return str(uuid.UUID(path.read_text(encoding="ascii").strip()))
        except ValueError as error:
            raise StartError(f"{path} is not a UUID; remove it") from error

    def token(self) -> str:
        """Read the secret of the HTTP interface; make one the first time."""
        path = self.path / "api.token"
        if not path.exists():
            _write(path, secrets.token_urlsafe(32), 0o600)
        return path.read_text(encoding="ascii").strip()

    def announce(self, url: str) -> None:
        """Tell the command line where the HTTP interface is."""
        told = json.dumps({"url": url, "token_file": "api.token"})
        _write(self.path / "api.json", told, 0o644)


def _make(directory: Path) -> None:
    if not directory.is_dir():
        directory.mkdir(parents=True)
        directory.chmod(0o711)  # whatever the umask, which is twistd's for a daemon


def _lock(path: Path) -> int:
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _write(path: Path, text: str, mode: int) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_directory(path.parent)
