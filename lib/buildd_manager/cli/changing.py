"""``buildd-manager build retry`` and its like: what people say to builds."""

from collections.abc import Sequence
from typing import Any

import click

from buildd_manager.cli.choosing import choosing
from buildd_manager.cli.errors import (
    CONFLICT,
    NOT_FOUND,
    OK,
    CommandLineError,
)
from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given
from buildd_manager.cli.showing import SUMMARY, show, show_json, show_table


_numbers = click.argument("numbers", type=int, nargs=-1, required=True)


@click.command("retry")
@click.argument("numbers", type=int, nargs=-1)
@choosing
@click.option("--dry-run", is_flag=True, help="Only say what would be retried.")
@click.option("--yes", is_flag=True, help="All that are meant, however many.")
@as_json
@click.pass_context
def retry(
    context: click.Context,
    /,
    numbers: Sequence[int],
    dry_run: bool,
    yes: bool,
    json: bool,
    **options: Any,
) -> None:
    """
    Have builds attempted once more: some by NUMBERS, or all that are meant.

    Without --state, those are meant that have failed.
    """
    wanted = given(options)
    if bool(numbers) == bool(wanted):
        raise click.UsageError("give numbers, or say which builds are meant")
    if wanted and not (yes or dry_run):
        raise click.UsageError("many may be meant: add --yes, or --dry-run to see them")
    named = {"build": [str(number) for number in numbers]} if numbers else wanted

    async def work(farm: Any, _: Any) -> int:
        told = await _retry(farm, {**named, "dry_run": dry_run})
        known = {one["id"] for one in (*told["retried"], *told["refused"])}
        told["refused"] += [_nobody(one) for one in numbers if one not in known]
        show_json(told) if json else _show(told)
        return CONFLICT if numbers and told["refused"] else OK

    run(context, work)


async def _retry(farm: Any, said: dict[str, Any]) -> dict[str, Any]:
    """Retry piece by piece, until there is no more."""
    retried: list[Any] = []
    refused: list[Any] = []
    piece: dict[str, Any] = {}
    while True:
        told = await farm.post("builds", "retry", said={**said, **piece})
        retried += told["retried"]
        refused += told["refused"]
        if told["rest"] is None:
            break
        piece = {"before": told["rest"]}
    return {"dry_run": said["dry_run"], "retried": retried, "refused": refused}


def _nobody(number: int) -> dict[str, Any]:
    return {"id": number, "fault": "there is no such build", "mend": "see build list"}


def _show(told: dict[str, Any]) -> None:
    if told["retried"]:
        show_table(SUMMARY, told["retried"])
    if told["refused"]:
        show_table(("id", "fault", "mend"), told["refused"])
    what = "would be retried" if told["dry_run"] else "retried"
    click.echo(f"{len(told['retried'])} {what}, {len(told['refused'])} refused")


@click.command("cancel")
@_numbers
@as_json
@click.pass_context
def cancel(context: click.Context, numbers: Sequence[int], json: bool) -> None:
    """Cancel builds that wait, or are being built."""
    _say_to_each(context, numbers, "cancel", {}, json)


@click.command("supersede")
@_numbers
@as_json
@click.pass_context
def supersede(context: click.Context, numbers: Sequence[int], json: bool) -> None:
    """Want the sources of builds no more, as if newer ones had come."""
    _say_to_each(context, numbers, "supersede", {}, json)


@click.command("rescore")
@_numbers
@click.option("--score", type=int, help="The highest goes first.")
@click.option("--automatic", is_flag=True, help="Ours again.")
@as_json
@click.pass_context
def rescore(
    context: click.Context,
    numbers: Sequence[int],
    score: int | None,
    automatic: bool,
    json: bool,
) -> None:
    """Have builds that wait go sooner, or later."""
    if (score is None) is not automatic:
        raise click.UsageError("give --score or --automatic")
    said = {"automatic": True} if automatic else {"score": score}
    _say_to_each(context, numbers, "rescore", said, json)


def _say_to_each(
    context: click.Context,
    numbers: Sequence[int],
    what: str,
    said: dict[str, Any],
    json: bool,
) -> None:
    """Say the same to some builds; what cannot be done to one stops no other."""

    async def work(farm: Any, _: Any) -> int:
        if len(numbers) == 1:
            show(await farm.post("builds", *numbers, what, said=said), as_json=json)
            return OK
        done, refused = [], []
        for number in numbers:
            try:
                done.append(await farm.post("builds", number, what, said=said))
            except CommandLineError as error:
                if error.status not in {CONFLICT, NOT_FOUND}:
                    raise
                fault = {"fault": error.fault, "mend": error.mend}
                refused.append({"id": number, **fault})
        if json:
            show_json({"done": done, "refused": refused})
        else:
            show_table(SUMMARY, done)
            if refused:
                show_table(("id", "fault", "mend"), refused)
        return CONFLICT if refused else OK

    run(context, work)
