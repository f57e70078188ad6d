"""``buildd-manager archive publish``: what others have published."""

import gzip
import lzma
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

import click

from buildd_manager.cli.errors import invalid
from buildd_manager.cli.reading import PATH
from buildd_manager.cli.running import as_json, run
from buildd_manager.cli.saying import given
from buildd_manager.cli.showing import show


#: Packages that are told at a time.
_PIECE: Final = 2000

#: Characters of a line; descriptions may be long, what we look for is not.
_LONGEST: Final = 64 * 1024

#: A file that is read line by line.
_Index: TypeAlias = IO[bytes] | gzip.GzipFile | lzma.LZMAFile

_FIELDS: Final = ("Package", "Version", "Architecture")


@click.command("publish")
@click.argument("name")
@click.option("--series", required=True)
@click.option("--pocket", help="release, unless another is said.")
@click.option("--component", help="main, unless another is said.")
@click.option(
    "--package", "packages", multiple=True, help='"NAME VERSION ARCH"; repeatable.'
)
@click.argument("indices", type=PATH, nargs=-1)
@as_json
@click.pass_context
def publish(
    context: click.Context,
    /,
    packages: tuple[str, ...],
    indices: tuple[Path, ...],
    name: str,
    json: bool,
    **options: Any,
) -> None:
    """
    Say what is published in archive NAME: builds may wait for it.

    INDICES are files called Packages, as apt has them; .gz and .xz are read, too.
    """
    if not (packages or indices):
        raise click.UsageError("name a file called Packages, or give --package")

    async def work(farm: Any, _: Any) -> None:
        total = {"told": 0, "news": 0}
        for piece in _pieces([*packages, *_all_of(indices)]):
            said = {"archive": name, "packages": piece, **given(options)}
            told = await farm.post("binaries", said=said)
            total = {key: total[key] + told[key] for key in total}
        show(total, as_json=json)

    run(context, work)


def _pieces(packages: list[str]) -> Iterator[list[str]]:
    for begin in range(0, max(1, len(packages)), _PIECE):
        yield packages[begin : begin + _PIECE]


def _all_of(indices: Iterable[Path]) -> Iterator[str]:
    for index in indices:
        try:
            with _open(index) as lines:
                for stanza in _stanzas(lines):
                    yield _package(stanza, index)
        except (OSError, EOFError, lzma.LZMAError) as error:
            mend = "name a file called Packages"
            raise invalid("indices", f"{index}: {error}", mend) from error


def _open(index: Path) -> _Index:
    match index.suffix:
        case ".gz":
            return gzip.open(index)
        case ".xz":
            return lzma.open(index)
    return click.open_file(str(index), "rb")


def _stanzas(lines: _Index) -> Iterator[Mapping[str, str]]:
    """Read what we look for of each package; the rest is passed over."""
    stanza: dict[str, str] = {}
    while line := lines.readline(_LONGEST):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon and name in _FIELDS:
            stanza[name] = value.strip()
        elif not line.strip() and stanza:
            yield stanza
            stanza = {}
    if stanza:
        yield stanza


def _package(stanza: Mapping[str, str], index: Path) -> str:
    words = [stanza.get(field, "") for field in _FIELDS]
    if not all(words):
        fault = f"{index}: a package has no {_FIELDS[words.index('')]}"
        raise invalid("indices", fault, "name a file called Packages")
    return " ".join(words)
