"""Passwords that open one restricted file each, while somebody is to fetch it."""

from secrets import token_urlsafe

from attrs import Factory, frozen

from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.secrets import Secret


@frozen
class Passwords:
    """
    Who is let in just now.

    Nothing of it is kept: whoever had been let in when a manager ends was a worker
    that it talked to, and is asked again by the next one.
    """

    _open: dict[str, int] = Factory(dict)

    def grant(self, file: StoredFile) -> Secret:
        """Make a password that opens ``file``, until it is taken back."""
        password = token_urlsafe(32)
        self._open[password] = file.alias
        return Secret(password)

    def take_back(self, password: Secret) -> None:
        """Let a password open nothing any more."""
        self._open.pop(password.reveal(), None)

    def opens(self, password: str, file: StoredFile) -> bool:
        """Tell whether a password opens ``file``."""
        return self._open.get(password) == file.alias
