"""``buildd-manager``: what people say to a manager, and see of it."""

from pathlib import Path

import click

from buildd_manager import __version__
from buildd_manager.cli.builders import builder
from buildd_manager.cli.builds import build, submit
from buildd_manager.cli.series import series


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--state", type=click.Path(path_type=Path), help="Manager's directory.")
@click.option("--url", help="The manager's address, if it is not on this machine.")
@click.option(
    "--token-file", type=click.Path(path_type=Path), help="File with its secret."
)
@click.pass_context
def main(
    context: click.Context, state: Path | None, url: str | None, token_file: Path | None
) -> None:
    """Drive a farm of package builders."""
    context.obj = {"state": state, "url": url, "token_file": token_file}


for command in (series, builder, submit, build):
    main.add_command(command)
