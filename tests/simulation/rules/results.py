"""What is recorded was made by who is said to have made it (I3, I14, I21)."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from attrs import define, field

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.results import Result
from tests.simulation.diary import Diary
from tests.simulation.facts import AttemptFact, Facts


@define
class Results:
    """
    Follows what builds have made, from the worker to the uploader.

    :ivar _contents: The librarian's bytes, by their SHA-256.
    :ivar _cancelled: Entries of the queue that are cancelled for good.
    :ivar _recorded: What was recorded for uploading, by the attempt.
    :ivar _uploaded: What was handed over, likewise.
    """

    _facts: Facts
    _contents: Mapping[str, bytes]
    _diary: Diary
    _cancelled: AbstractSet[int]
    _recorded: dict[int, Sequence[StoredFile]] = field(factory=dict)
    _uploaded: dict[int, Mapping[str, str]] = field(factory=dict)

    def recorded(self, attempt: int, result: Result) -> None:
        """Be told of a result that was accepted."""
        cookie = self._fact(attempt).cookie
        for file in result.files:
            content = self._contents[file.sha256]
            said = content.removeprefix(b"Maker: ")
            maker = said.split(maxsplit=1)[0].decode()
            if maker != cookie:
                what = f"{file.name} of {cookie} was made by {maker}"
                self._diary.violate("I3", what)
        if result.state is BuildState.UPLOADING:
            self._recorded[attempt] = result.files

    def uploaded(self, attempt: int, landed: Sequence[StoredFile] | None) -> None:
        """Be told of what an uploader was given."""
        files = {file.name: file.sha256 for file in landed or ()}
        wanted = {file.name: file.sha256 for file in self._recorded.get(attempt, ())}
        if not files or files != wanted:
            what = f"attempt {attempt} hands {sorted(files)} over"
            self._diary.violate("I14", f"{what}, recorded: {sorted(wanted)}")
        if self._uploaded.setdefault(attempt, files) != files:
            self._diary.violate("I14", f"attempt {attempt} hands two things over")
        if files and self._fact(attempt).queue in self._cancelled:
            self._diary.violate("I21", f"attempt {attempt}, cancelled, is handed over")

    def published(self, attempt: int) -> None:
        """Be told that an upload was recorded."""
        if attempt not in self._uploaded:
            self._diary.violate("I14", f"attempt {attempt} was never handed over")

    def _fact(self, attempt: int) -> AttemptFact:
        return next(fact for fact in self._facts.attempts() if fact.id == attempt)
