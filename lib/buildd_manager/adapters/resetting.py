"""Have virtual machines made anew, by a command of the operator's."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import frozen
from twisted.internet.defer import Deferred, fail
from zope.interface import implementer

from buildd_manager.adapters.commands import Commands, Ended
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import CommandError
from buildd_manager.ports import IResetter


@implementer(IResetter)
@frozen
class ResetCommand:
    """
    Runs a command that ends when the machine is back.

    :ivar argv: Words in which ``%(vm_host)s`` and ``%(buildd_name)s`` (the host in
        the builder's address; of a name, the first label) are replaced; never a
        shell's.
    :ivar deadline: Seconds.
    """

    _argv: Sequence[str]
    _commands: Commands
    _deadline: float

    def reset(self, builder: Builder) -> Deferred[None]:
        if not builder.virtualized or builder.vm_host is None:
            return fail(CommandError(f"{builder.name} has no machine to be reset"))
        host = urlsplit(builder.url).hostname or ""
        values = {"vm_host": builder.vm_host, "buildd_name": _short(host)}
        argv = [_filled(word, values) for word in self._argv]
        return self._commands.run(argv, self._deadline).addCallback(_check)


@implementer(IResetter)
@frozen
class NoReset:
    """There is no command: virtual builders cannot be made anew."""

    def reset(self, builder: Builder) -> Deferred[None]:
        return fail(
            CommandError(
                f"there is no command to reset {builder.name}: set [reset] command"
            )
        )


def _short(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        return host.split(".", maxsplit=1)[0]


def _filled(word: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(f"%({name})s", value)
    return word


def _check(ended: Ended) -> None:
    if not ended.ok:
        raise CommandError(f"Resuming failed ({ended.how}):\n{ended.output}")
