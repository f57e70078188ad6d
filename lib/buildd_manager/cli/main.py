"""``buildd-manager``: what people say to a manager, and see of it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from buildd_manager import __version__
from buildd_manager.cli.archives import archive
from buildd_manager.cli.asking import queue, why_build, why_builder
from buildd_manager.cli.auditing import audit
from buildd_manager.cli.builders import builder
from buildd_manager.cli.builds import build
from buildd_manager.cli.changing import cancel, rescore, retry, supersede
from buildd_manager.cli.errors import INTERRUPTED, CommandLineError, invalid
from buildd_manager.cli.publishing import publish
from buildd_manager.cli.running import tell
from buildd_manager.cli.series import series
from buildd_manager.cli.submitting import submit


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="buildd-manager")
@click.option("--state", type=click.Path(path_type=Path), help="Manager's directory.")
@click.option("--url", help="The manager's address, if it is not on this machine.")
@click.option(
    "--token-file", type=click.Path(path_type=Path), help="File with its secret."
)
@click.pass_context
def program(
    context: click.Context, state: Path | None, url: str | None, token_file: Path | None
) -> None:
    r"""
    Drive a farm of package builders.

    The manager is found by its state directory: --state, $BUILDD_MANAGER_STATE, or
    the one that it takes by itself.

    \b
    Exit status:  0  done               4  unauthorised
                  1  a bug              5  not found
                  2  invalid            6  conflict
                  3  unreachable       10  not fully built
    """
    context.obj = {"state": state, "url": url, "token_file": token_file}


_COMMANDS: Final[Mapping[click.Group, Sequence[click.Command]]] = {
    program: (archive, series, builder, submit, build, queue, audit),
    archive: (publish,),
    builder: (why_builder,),
    build: (retry, cancel, rescore, supersede, why_build),
}

for group, commands in _COMMANDS.items():
    for command in commands:
        group.add_command(command)


def main() -> None:
    """Do what the command line says, and exit."""
    try:
        program.main(prog_name="buildd-manager", standalone_mode=False)
    except click.ClickException as error:
        sys.exit(tell(_misused(error)))
    except click.Abort:
        sys.exit(INTERRUPTED)


def _misused(error: click.ClickException) -> CommandLineError:
    """Say in one line what click says in three."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "buildd-manager"
    field, fault = command, error.format_message()
    if isinstance(error, click.BadParameter) and error.param is not None:
        field = error.param.get_error_hint(context).split(" / ")[0].strip("'")
        fault = error.message or "it is missing"
    elif isinstance(error, click.UsageError) and not error.message:
        fault = "it needs more words"
    return invalid(field, fault.rstrip("."), f"see {command} --help")
