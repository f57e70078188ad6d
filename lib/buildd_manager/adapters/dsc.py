"""
Read a ``.dsc``, which a stranger may have written.

debian-inspector splits the text into fields, once each line was found to be one that
its expressions read in linear time. Armour is taken off here: its own way of doing so
needs exponential time for lines that end in CRLF.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from debian_inspector.deb822 import get_paragraphs_as_field_groups

from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.files import check_name, is_sha256
from buildd_manager.domain.sources import ListedFile, Source


#: Bytes of a ``.dsc``; the largest of Debian have some 200 KiB.
LARGEST_DSC = 2**20

#: Bytes of one file that a ``.dsc`` lists.
LARGEST_FILE = 2**40

_MOST_FILES = 1000
_MOST_HINTS = 500

_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"

_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}:|[ \t]+\S")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9+.-]{1,199}", re.ASCII)
_VERSION = re.compile(
    r"(?:[0-9]{1,9}:)?[0-9](?:[A-Za-z0-9.+~]*|[A-Za-z0-9.+~-]*-[A-Za-z0-9.+~]+)",
    re.ASCII,
)
_LONGEST_VERSION = 200
_HINT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_SECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9+./-]{0,62}", re.ASCII)
# Name, type, section and priority.
_PACKAGE = re.compile(rf"\S+ \S+ (?P<section>{_SECTION.pattern}) \S", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,13}", re.ASCII)

_SUMS = "Checksums-Sha256"
#: The same files, with sums that we do not read; dpkg-source on a worker does.
_OTHER_SUMS = ("Files", "Checksums-Sha1", "Checksums-Sha512")

_INDEP = "Build-Indep-Architecture"


def parse_dsc(name: str, data: bytes) -> Source:
    """
    Read the ``.dsc`` called ``name``, perhaps in signed armour.

    Nobody's signature is checked: who may submit is for whoever calls to know.

    :raises InvalidError: If there is any fault in it; names the field.
    """
    check_name(name, "dsc")
    if not name.endswith(".dsc"):
        raise InvalidError(name, "it is no .dsc", "give a file that ends in .dsc")
    fields = _fields(name, _without_armour(name, _text(name, data)))
    package = _matching(_SOURCE, "Source", _required(fields, "Source"))
    source = Source(
        name=package,
        version=_version(_required(fields, "Version")),
        hints=_hints("Architecture", _required(fields, "Architecture")),
        files=tuple(_files(_required(fields, _SUMS), name, f"{package}_")),
        indep_hints=_hints(_INDEP, fields.get(_INDEP.lower(), "")),
        section=_section(fields),
    )
    _check_others(fields, source.files)
    return source


def _text(name: str, data: bytes) -> str:
    if len(data) > LARGEST_DSC:
        raise InvalidError(
            name, f"it is larger than {LARGEST_DSC} bytes", "give a .dsc"
        )
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _unreadable(name, f"byte {error.start} is not UTF-8") from error
    if (found := _CONTROL.search(text)) is not None:
        raise _unreadable(name, f"it has the control character {found[0]!a}")
    return text.strip("\n")


def _without_armour(name: str, text: str) -> str:
    """Take signed armour off; what stands outside of it is not signed, and refused."""
    if not text.startswith(_BEGIN):
        return text
    _, _, message = text.partition("\n\n")
    body, found, signature = message.partition(f"\n{_SIGNATURE}\n")
    if not found or not signature.endswith(_END) or signature.count(_END) != 1:
        raise _unreadable(name, "its signed armour has no end, or goes on after it")
    lines = (line.removeprefix("- ") for line in body.split("\n"))
    return "\n".join(lines).strip("\n")


def _fields(name: str, text: str) -> Mapping[str, str]:
    """Split one paragraph into fields, named in lower case."""
    for number, line in enumerate(text.split("\n"), 1):
        if _LINE.match(line) is None or (number == 1 and line[0] in " \t"):
            raise _unreadable(name, f"line {number} is no field: {line[:40]!a}")
    fields: dict[str, str] = {}
    for field in next(get_paragraphs_as_field_groups(text)):
        if field.name in fields:
            raise InvalidError(field.name, "it is there twice", "give it once")
        fields[field.name] = field.text
    return fields


def _required(fields: Mapping[str, str], field: str) -> str:
    value = fields.get(field.lower(), "").strip()
    if not value:
        raise InvalidError(field, "it is missing", "give a .dsc made by dpkg-source")
    return value


def _matching(pattern: re.Pattern[str], field: str, value: str) -> str:
    if pattern.fullmatch(value) is None:
        raise InvalidError(
            field,
            f"{value[:80]!a} is not made as Debian's policy says",
            "give a .dsc made by dpkg-source",
        )
    return value


def _version(value: str) -> str:
    if len(value) > _LONGEST_VERSION:
        raise InvalidError(
            "Version", f"it is longer than {_LONGEST_VERSION}", "give a shorter one"
        )
    return _matching(_VERSION, "Version", value)


def _hints(field: str, value: str) -> tuple[str, ...]:
    words = value.split()
    if len(words) > _MOST_HINTS:
        raise InvalidError(field, f"it has {len(words)} words", "name fewer")
    return tuple(_matching(_HINT, field, word) for word in words)


def _section(fields: Mapping[str, str]) -> str:
    """Give the section of the source, or else that of its first package."""
    if section := fields.get("section", "").strip():
        return _matching(_SECTION, "Section", section)
    package = _PACKAGE.match(fields.get("package-list", "").strip())
    return "misc" if package is None else package["section"]


def _files(value: str, dsc: str, prefix: str) -> Iterator[ListedFile]:
    """Read ``sha256 size name`` lines; each name once, and never that of the .dsc."""
    lines = value.split("\n")
    if len(lines) > _MOST_FILES:
        raise InvalidError(_SUMS, f"it lists {len(lines)} files", "list fewer")
    seen = {dsc}
    for line in lines:
        file = _file(line)
        if file.name in seen:
            raise InvalidError(_SUMS, f"{file.name} is there twice", "list it once")
        if not file.name.startswith(prefix):
            raise InvalidError(
                _SUMS, f"{file.name} does not begin with {prefix}", "rename it"
            )
        seen.add(file.name)
        yield file


def _file(line: str) -> ListedFile:
    words = line.split()
    if len(words) != 3 or not is_sha256(words[0]):  # noqa: PLR2004 - sum, size, name
        raise InvalidError(
            _SUMS, f"{line[:80]!a} is not SHA-256, size and name", "give those three"
        )
    sha256, size, name = words
    if _SIZE.fullmatch(size) is None or int(size) > LARGEST_FILE:
        raise InvalidError(
            _SUMS,
            f"{size[:40]!a} is not the size of a file",
            f"give a number of bytes, {LARGEST_FILE} at most",
        )
    return ListedFile(name=check_name(name, _SUMS), size=int(size), sha256=sha256)


def _check_others(fields: Mapping[str, str], files: Sequence[ListedFile]) -> None:
    """See that whoever reads other sums than ours finds the same files."""
    wanted = sorted((file.name, str(file.size)) for file in files)
    for title in _OTHER_SUMS:
        if (value := fields.get(title.lower())) is None:
            continue
        lines = [line.split() for line in value.strip().split("\n")]
        if sorted(tuple(words[:0:-1]) for words in lines) != wanted:
            raise InvalidError(
                title,
                f"it does not list the same files and sizes as {_SUMS}",
                "give a .dsc made by dpkg-source",
            )


def _unreadable(name: str, fault: str) -> InvalidError:
    return InvalidError(name, fault, "give a .dsc made by dpkg-source")
