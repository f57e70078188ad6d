"""Programs of the operator's."""

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.uploads import PendingUpload, UploadReport


class IResetter(Interface):
    """Makes virtual machines anew."""

    def reset(builder: Builder) -> Deferred[None]:
        """
        Make the machine of ``builder`` anew; it answers when the Deferred fires.

        :raises CommandError: If that fails, with what the command has printed.
        """


class IUploader(Interface):
    """Hands the results of builds over to whoever publishes them."""

    def land(attempt: int, files: Sequence[StoredFile]) -> Deferred[None]:
        """
        Put files, all at once, where the uploader looks for the attempt.

        Again is harmless: the attempt's number is the identity of the hand-over.
        """

    def upload(upload: PendingUpload) -> Deferred[UploadReport]:
        """Run the uploader, if there is one; its failure is a report, not an error."""
