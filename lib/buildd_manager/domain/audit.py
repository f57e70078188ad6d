"""What was changed on a farm, by whom, and from what to what."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any, Final, TypeAlias

from attrs import AttrsInstance, asdict, fields_dict, frozen

from buildd_manager.domain.archives import Archive, Dependency
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import Submission
from buildd_manager.domain.retrying import Situation
from buildd_manager.domain.secrets import REDACTED, Secret
from buildd_manager.domain.sources_list import Line


#: Who does what nobody asks for.
MANAGER: Final = "manager"

#: Whoever knows the secret of the HTTP interface.
OPERATOR: Final = "operator"

#: From what to what, each as JSON has it.
Change: TypeAlias = tuple[Any, Any]


class Kind(Enum):
    """Of what kind a thing is that was changed."""

    ARCHIVE = "archive"
    SERIES = "series"
    BUILDER = "builder"
    BUILD = "build"
    SOURCE = "source"


@frozen
class Deed:
    """
    Something that was done to a thing.

    :ivar name: Its name; of a build, its number.
    :ivar what: In words of the command line, as in ``chroot-set amd64 updates``.
    :ivar changes: By field, never with a secret in it.
    """

    kind: Kind
    name: str
    what: str
    changes: Mapping[str, Change]


@frozen(kw_only=True)
class Entry:
    """A deed, and who has done it when."""

    id: int
    when: datetime
    who: str
    deed: Deed


def deed(kind: Kind, name: object, what: str, /, **changes: tuple[Any, Any]) -> Deed:
    """Tell of a deed; what is as it was is left out."""
    told = {
        field: (_told(field, before), _told(field, after))
        for field, (before, after) in changes.items()
        if before != after
    }
    return Deed(kind, str(name), what, told)


def added(kind: Kind, name: str, new: AttrsInstance) -> Deed:
    """Tell that something was added, and all that was said of it."""
    said = asdict(new, recurse=False)
    del said["name"]
    told = {field: (None, value) for field, value in said.items() if value != ()}
    return deed(kind, name, "add", **told)


def edited(
    kind: Kind, name: str, before: Any, after: Any, by: type, what: str = "edit"
) -> Deed:
    """
    Tell that something was changed.

    :param by: A change; what is said of a thing is told, not what follows from that.
    """
    changes = {
        field: (getattr(before, field), getattr(after, field))
        for field in fields_dict(by)
    }
    return deed(kind, name, what, **changes)


def redirected(before: Archive, after: Archive) -> Deed:
    """Tell that an archive depends on others now."""
    dependencies = (before.dependencies, after.dependencies)
    return deed(Kind.ARCHIVE, after.name, "depend", dependencies=dependencies)


def made_anew(builder: str) -> Deed:
    """Tell that somebody has said that a builder was reset."""
    clean = (CleanState.CLEANING, CleanState.CLEAN)
    return deed(Kind.BUILDER, builder, "set-clean", clean=clean)


def rebased(
    series: str,
    architecture: str,
    pocket: Pocket,
    before: StoredFile | None,
    after: StoredFile | None,
) -> Deed:
    """Tell that a pocket is built in another chroot, or in the next pocket's."""
    verb = "chroot-unset" if after is None else "chroot-set"
    what = f"{verb} {architecture} {pocket.value}"
    return deed(Kind.SERIES, series, what, chroot=(before, after))


def submitted(
    submission: Submission, builds: Sequence[int], superseded: Sequence[str]
) -> Deed:
    """
    Tell that a source was submitted.

    :param builds: Their numbers.
    :param superseded: Older versions, which are wanted no more.
    """
    said: dict[str, Any] = {
        "version": submission.source.version,
        "archive": submission.archive,
        "series": submission.series,
        "pocket": submission.pocket,
        "component": submission.component,
        "urgency": submission.urgency,
        "resources": submission.resources,
        "score": submission.score if submission.manual_score else None,
        "builds": tuple(builds),
        "supersedes": tuple(superseded),
    }
    told = {field: (None, value) for field, value in said.items() if value != ()}
    return deed(Kind.SOURCE, submission.source.name, "submit", **told)


def told_of_packages(archive: str, news: int) -> Deed:
    """Tell that others have published so many packages that we did not know."""
    return deed(Kind.ARCHIVE, archive, "publish", packages=(None, news))


def retried(situation: Situation, score: tuple[int, int]) -> Deed:
    """Tell that a build waits once more; its score may be another."""
    state = (situation.state, BuildState.NEEDS_BUILD)
    wanted = (situation.published, True)
    build = situation.build
    return deed(Kind.BUILD, build, "retry", state=state, score=score, wanted=wanted)


def cancelled(situation: Situation, after: BuildState) -> Deed:
    """Tell that a build is cancelled, or to be."""
    state = (situation.state, after)
    return deed(Kind.BUILD, situation.build, "cancel", state=state)


def rescored(build: int, score: tuple[int, int], manual: tuple[bool, bool]) -> Deed:
    """Tell that a build has another score, or one that somebody else has said."""
    return deed(Kind.BUILD, build, "rescore", score=score, manual_score=manual)


def given_up(build: int) -> Deed:
    """Tell that the source of a build is wanted no more."""
    return deed(Kind.BUILD, build, "supersede", wanted=(True, False))


def _told(field: str, value: Any) -> Any:
    """Put a value in words and numbers that everybody may see."""
    match value:
        case tuple():
            return [_told(field, one) for one in value]
        case str():
            return _said(field, value)
        case Secret():
            return REDACTED
        case Dependency(archive, pocket, component):
            return " ".join(filter(None, (archive, pocket.value, component)))
        case StoredFile(name=name, sha256=digest):
            return f"{name} sha256:{digest}"
    return value.value if isinstance(value, Enum) else value


def _said(field: str, text: str) -> str:
    """Show a text: of a key only which it is, of an address no password."""
    if field == "signing_key":
        return f"sha256:{sha256(b64decode(text)).hexdigest()}"
    return str(Line.read(text))
