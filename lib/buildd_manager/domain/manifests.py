"""What a ``.changes`` lists, and whether that is what there is."""

import re
from collections.abc import Iterator, Mapping

from buildd_manager.domain.errors import BuilddManagerError
from buildd_manager.domain.files import StoredFile


#: Bytes and lines of a ``.changes``; one with 2,000 files has 700 KiB.
LARGEST = 2**20
MOST_LINES = 10_000

_FIELD = re.compile(r"(?P<name>[!-9;-~]+):(?P<value>.*)")

#: How many words a line has that lists a file; the size is the second, the name the
#: last one.
_FILES = ("Files", 5)
_SUMS = ("Checksums-Sha256", 3)


class BadManifestError(BuilddManagerError):
    """A ``.changes`` cannot be read, or lists what there is not."""


def check_manifest(changes: bytes, files: Mapping[str, StoredFile]) -> None:
    """
    See that a ``.changes`` lists all ``files`` that came with it, and nothing else.

    SHA-256 is compared where it is given, which dpkg has done since 2008.

    :param files: By their names, without the ``.changes`` itself.
    :raises BadManifestError: If it does not.
    """
    fields = _fields(_text(changes))
    _check_sizes(fields, _FILES, files)
    if _SUMS[0].lower() in fields:
        for name, words in _check_sizes(fields, _SUMS, files):
            if words[0] != files[name].sha256:
                raise BadManifestError(f"{_SUMS[0]}: {name} has another sum")


def _text(changes: bytes) -> str:
    if len(changes) > LARGEST:
        raise BadManifestError(f"it has more than {LARGEST} bytes")
    try:
        return changes.decode()
    except UnicodeDecodeError as error:
        raise BadManifestError(f"byte {error.start} is not UTF-8") from error


def _fields(text: str) -> Mapping[str, list[str]]:
    """Split it into fields, each a list of lines, by their names in lower case."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) > MOST_LINES:
        raise BadManifestError(f"it has more than {MOST_LINES} lines")
    fields: dict[str, list[str]] = {}
    field: list[str] | None = None
    for number, line in enumerate(lines, 1):
        if field is not None and line[:1] in {" ", "\t"}:
            field.append(line)
            continue
        found = _FIELD.fullmatch(line)
        if found is None or found["name"].lower() in fields:
            raise BadManifestError(f"line {number} is no new field: {line[:40]!a}")
        field = fields[found["name"].lower()] = [found["value"]]
    return fields


def _check_sizes(
    fields: Mapping[str, list[str]],
    kind: tuple[str, int],
    files: Mapping[str, StoredFile],
) -> list[tuple[str, list[str]]]:
    """Compare names and sizes with what there is; give the words of each line."""
    title = kind[0]
    listed: dict[str, list[str]] = {}
    for words in _words(fields, kind):
        name, size = words[-1], words[1]
        if name in listed:
            raise BadManifestError(f"{title}: {name[:80]!a} is there twice")
        if name not in files:
            raise BadManifestError(f"{title}: {name[:80]!a} did not come with it")
        if size != str(files[name].size):
            raise BadManifestError(f"{title}: {name} has another size")
        listed[name] = words
    for name in sorted(files.keys() - listed.keys()):
        raise BadManifestError(f"{title}: {name} is not in it")
    return list(listed.items())


def _words(
    fields: Mapping[str, list[str]], kind: tuple[str, int]
) -> Iterator[list[str]]:
    title, count = kind
    first, *lines = fields.get(title.lower(), [""])
    if first.strip():
        raise BadManifestError(f"{title} begins in its first line")
    for line in lines:
        words = line.split()
        if len(words) != count:
            raise BadManifestError(f"{title}: {line[:80]!a} is no file")
        yield words
