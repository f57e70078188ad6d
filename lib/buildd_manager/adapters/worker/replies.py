"""
What a worker says becomes what it means, or is refused: the one door.

Workers of 2005 answer with lists, today's with structs; both are understood.
"""

from collections.abc import Mapping, Sequence

from buildd_manager.adapters.worker.decoding import Value
from buildd_manager.domain.errors import (
    BadReplyError,
    InvalidError,
    NotStartedError,
    UnknownSumError,
    UnsuitableError,
    UntrustworthyError,
    WorkerError,
)
from buildd_manager.domain.files import check_name, is_sha1
from buildd_manager.domain.log_tails import LONGEST as LONGEST_TAIL
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Garbled,
    Idle,
    Report,
    Verdict,
    Waiting,
)


MOST_FILES = 2_000
LONGEST_COOKIE = 200
LONGEST_VERSION = 100
LONGEST_DEPENDENCIES = 8 * 1024
LONGEST_REASON = 512

#: What a build may produce; nothing else is fetched, least of all a source.
_SUFFIXES = (
    ".deb",
    ".udeb",
    ".ddeb",
    ".changes",
    ".buildinfo",
    ".tar.gz",
    ".tar.xz",
    ".tar.bz2",
    ".tar.zst",
)


def report(said: Value) -> Report:
    """
    Read the answer to ``status``.

    :raises BadReplyError: If it is no status; names the key that is at fault.
    :raises UntrustworthyError: If it can only be meant to do harm.
    """
    match said:
        case dict():
            return _struct_report(said)
        case list():
            return _struct_report(_struct_of_2005(said))
        case _:
            raise BadReplyError("status is neither a struct nor a list")


def _struct_report(said: Mapping[str, Value]) -> Report:
    match _text(said, "builder_status", 100):
        case "BuilderStatus.IDLE":
            return Idle(_version(said))
        case "BuilderStatus.BUILDING":
            return Building(_cookie(said), _tail(said))
        case "BuilderStatus.ABORTING":
            return Aborting(_cookie(said))
        case "BuilderStatus.ABORTED":
            return Aborted(_cookie(said))
        case "BuilderStatus.WAITING":
            return _waiting(said)
        case unknown:
            raise BadReplyError(f"builder_status {unknown[:100]!a} is unknown")


#: What each place of 2005's lists is called today, by the first one.
_PLACES: Mapping[str, Sequence[str]] = {
    "BuilderStatus.IDLE": (),
    "BuilderStatus.BUILDING": ("build_id", "logtail"),
    "BuilderStatus.ABORTING": ("build_id",),
    "BuilderStatus.ABORTED": ("build_id",),
    "BuilderStatus.WAITING": ("build_status", "build_id", "filemap", "dependencies"),
}


def _struct_of_2005(said: Sequence[Value]) -> Mapping[str, Value]:
    status = said[0] if said else None
    if not isinstance(status, str) or (places := _PLACES.get(status)) is None:
        raise BadReplyError("the list begins with no builder_status that we know")
    if len(said) - 1 > len(places):
        raise BadReplyError(f"{status} with {len(said) - 1} more values")
    return {"builder_status": status, **dict(zip(places, said[1:], strict=False))}


def _waiting(said: Mapping[str, Value]) -> Waiting | Garbled:
    """Read what a job has come to; it has ended, even if that makes no sense."""
    cookie = _cookie(said)
    try:
        return Waiting(
            cookie=cookie,
            verdict=_verdict(said),
            files=_files(said.get("filemap", {})),
            dependencies=_dependencies(said.get("dependencies", "")),
        )
    except UntrustworthyError:
        raise
    except BadReplyError as error:
        return Garbled(cookie, str(error))


def _verdict(said: Mapping[str, Value]) -> Verdict:
    try:
        return Verdict(_text(said, "build_status", 100))
    except ValueError as error:
        raise BadReplyError("build_status is none that we know") from error


def _files(said: Value) -> Mapping[str, str]:
    if not isinstance(said, dict):
        raise BadReplyError("filemap is no struct")
    if len(said) > MOST_FILES:
        raise BadReplyError(f"filemap has more than {MOST_FILES} files")
    if len({name.casefold() for name in said}) < len(said):
        raise BadReplyError("filemap has two names that differ only in case")
    return {_file_name(name): _sha1(sha1) for name, sha1 in said.items()}


def _file_name(name: str) -> str:
    try:
        check_name(name, "filemap")
    except InvalidError as error:
        raise UntrustworthyError(str(error)) from error
    if not name.endswith(_SUFFIXES):
        raise BadReplyError(f"filemap: a build does not produce {name[:100]}")
    return name


def _sha1(said: Value) -> str:
    if not isinstance(said, str) or not is_sha1(said):
        raise UntrustworthyError("filemap: a SHA-1 that is none")
    return said


def _cookie(said: Mapping[str, Value]) -> str:
    return _text(said, "build_id", LONGEST_COOKIE)


def _version(said: Mapping[str, Value]) -> str | None:
    if "builder_version" not in said:
        return None
    return _readable(_text(said, "builder_version", LONGEST_VERSION))


def _tail(said: Mapping[str, Value]) -> bytes:
    match said.get("logtail", b""):
        case bytes(tail):
            return tail[-LONGEST_TAIL:]
        case str(text):
            return text[-LONGEST_TAIL:].encode()[-LONGEST_TAIL:]
        case _:
            raise BadReplyError("logtail is no text")


def _dependencies(said: Value) -> str:
    if said is None:
        return ""
    if not isinstance(said, str):
        raise BadReplyError("dependencies is no text")
    return _readable(said[:LONGEST_DEPENDENCIES])


def _text(said: Mapping[str, Value], key: str, longest: int) -> str:
    text = said.get(key)
    if not isinstance(text, str):
        raise BadReplyError(
            f"{key} is missing" if text is None else f"{key} is no text"
        )
    if len(text) > longest:
        raise BadReplyError(f"{key} has more than {longest} characters")
    return text


def _readable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def check_present(said: Value) -> None:
    """
    Read the answer to ``ensurepresent``: ``[present, info]``; 2005's: ``present``.

    :raises NotStartedError: If the file is not there; says why.
    """
    match said:
        case True | [True, str()]:
            return
        case [False, str(info)]:
            reason = _readable(info[:LONGEST_REASON])
            raise NotStartedError(f"the worker cannot get a file: {reason}")
        case False:
            raise NotStartedError("the worker cannot get a file")
        case _:
            raise BadReplyError("ensurepresent answers neither yes nor no")


def check_acknowledged(said: Value, cookie: str) -> None:
    """
    Read the answer to ``build``: only our own cookie, BUILDING, will do.

    :raises UnsuitableError: If it does not build what is of this kind.
    :raises UnknownSumError: If it has not got one of the files.
    :raises NotStartedError: For anything else.
    """
    match said:
        case ["BuilderStatus.BUILDING", str(name)] if name == cookie:
            return
        case [str(status), str(why)]:
            reason = _readable(f"{status} {why}"[:LONGEST_REASON])
            refusal = _REFUSALS.get(status, NotStartedError)
            raise refusal(f"build was answered with: {reason}")
        case _:
            raise NotStartedError("build was answered with nothing that makes sense")


_REFUSALS: Mapping[str, type[WorkerError]] = {
    "BuilderStatus.UNKNOWNBUILDER": UnsuitableError,
    "BuilderStatus.UNKNOWNSUM": UnknownSumError,
}


def check_status(said: Value, wanted: str, method: str) -> None:
    """
    Read the answer to ``abort`` or ``clean``; 2005's may have been a list of one.

    :raises BadReplyError: If it is not the state that the worker is in then.
    """
    if said not in (wanted, [wanted]):
        raise BadReplyError(f"{method} is not answered with {wanted}")


def texts(said: Value, method: str) -> tuple[str, ...]:
    """
    Read a list of texts.

    :raises BadReplyError: If it is anything else.
    """
    if not isinstance(said, list):
        raise BadReplyError(f"{method} is not answered with a list")
    return tuple(_text({method: text}, method, LONGEST_REASON) for text in said)


def info(said: Value) -> tuple[str, str, tuple[str, ...]]:
    """
    Read the answer to ``info``: protocol, architecture, build tags.

    :raises BadReplyError: If it is anything else.
    """
    match said:
        case [str(protocol), str(architecture), list(tags)]:
            checked = texts([protocol, architecture], "info")
            return checked[0], checked[1], texts(tags, "info")
        case _:
            raise BadReplyError("info is not answered with protocol, arch and tags")


def struct(said: Value, method: str) -> Mapping[str, object]:
    """
    Read a struct.

    :raises BadReplyError: If it is anything else.
    """
    if not isinstance(said, dict):
        raise BadReplyError(f"{method} is not answered with a struct")
    return said
