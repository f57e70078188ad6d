"""Sources and chroots that are sent to us, checked before anything of them is kept."""

from collections.abc import Mapping, Sequence
from typing import IO

from attrs import frozen
from twisted.internet.defer import Deferred

from buildd_manager.adapters.dsc import LARGEST_DSC, parse_dsc
from buildd_manager.adapters.threads import Threads
from buildd_manager.api.tars import PIECE, Member, members_of, read_at
from buildd_manager.api.wishes import Wish, place_of, submission_of
from buildd_manager.domain.creation import builds_for
from buildd_manager.domain.errors import InvalidError, NotFoundError
from buildd_manager.domain.files import StoredFile, check_name
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildSummary
from buildd_manager.domain.sources import Source
from buildd_manager.ports import ICatalogue, ILibrarian, IQueue


#: What sources and chroots are kept as.
MIMETYPE = "application/octet-stream"


@frozen
class Submissions:
    """Takes what is sent, off the reactor's thread, and never all of it in memory."""

    _catalogue: ICatalogue
    _queue: IQueue
    _librarian: ILibrarian
    _threads: Threads

    async def source(self, body: IO[bytes], wish: Wish) -> Sequence[BuildSummary]:
        """
        Take a tar of a ``.dsc`` and all that it lists, and have it built.

        :raises InvalidError: If anything of it is missing, superfluous or wrong.
        :raises NotFoundError: If there is no such series or archive.
        """
        place = await place_of(wish, self._catalogue)
        members = await self._threads.run(members_of, body)
        name, dsc = await self._threads.run(_dsc, body, members)
        source = await self._threads.run(parse_dsc, name, dsc)
        _check_files(source, members, name)
        builds = builds_for(source, place)
        order = [name, *(file.name for file in source.files)]
        private = place.archive.private
        files = [
            await self._keep(body, members[one], one, restricted=private)
            for one in order
        ]
        submission = submission_of(source, place, wish, builds, files)
        return await self._queue.submit(submission)

    async def chroot(
        self,
        body: IO[bytes],
        series: str,
        architecture: str,
        pocket: Pocket,
        name: str,
    ) -> None:
        """
        Take a chroot's tarball.

        :raises InvalidError: If it is empty or its name is none.
        :raises NotFoundError: If there is no such series or architecture.
        """
        check_name(name, "chroot")
        found = await self._catalogue.find_series(series)
        if architecture not in {one.architecture for one in found.architectures}:
            raise NotFoundError(
                "arch",
                f"{series} has no {architecture}",
                "add the architecture first",
            )
        size = await self._threads.run(body.seek, 0, 2)
        if size == 0:
            raise InvalidError("chroot", "it is empty", "send the tarball")
        chroot = await self._keep(body, Member(0, size, ""), name)
        await self._catalogue.set_chroot(series, architecture, chroot, pocket)

    async def _keep(
        self, body: IO[bytes], member: Member, name: str, *, restricted: bool = False
    ) -> StoredFile:
        incoming = self._librarian.receive()
        try:
            for offset in range(0, member.size, PIECE):
                size = min(PIECE, member.size - offset)
                piece = await self._read(body, member.offset + offset, size)
                await incoming.write(piece)
            return await incoming.keep(name, MIMETYPE, restricted=restricted)
        finally:
            await incoming.drop()

    def _read(self, body: IO[bytes], offset: int, size: int) -> Deferred[bytes]:
        return self._threads.run(read_at, body, offset, size)


def _dsc(body: IO[bytes], members: Mapping[str, Member]) -> tuple[str, bytes]:
    names = [name for name in members if name.endswith(".dsc")]
    if len(names) != 1:
        raise InvalidError("dsc", f"there are {len(names)} of them", "send one")
    (name,) = names
    if members[name].size > LARGEST_DSC:
        raise InvalidError("dsc", "it is too large", f"{LARGEST_DSC} bytes are taken")
    return name, read_at(body, members[name].offset, members[name].size)


def _check_files(source: Source, members: Mapping[str, Member], dsc: str) -> None:
    """Make sure that just what the ``.dsc`` lists is there."""
    for listed in source.files:
        if (member := members.get(listed.name)) is None:
            raise InvalidError(
                listed.name, "the .dsc lists it, it is missing", "send it"
            )
        if (member.size, member.sha256) != (listed.size, listed.sha256):
            raise InvalidError(
                listed.name,
                "its size or SHA-256 is not as the .dsc says",
                "send the file that the .dsc was made for",
            )
    extra = members.keys() - {file.name for file in source.files} - {dsc}
    for name in sorted(extra):
        raise InvalidError(name, "the .dsc does not list it", "leave it out")
