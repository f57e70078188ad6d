"""The hand-over of results to whoever publishes them."""

from attrs import frozen


@frozen
class PendingUpload:
    """
    Results that have landed and are recorded, but not yet uploaded.

    :ivar attempt: Names the hand-over: the same number is the same upload.
    """

    attempt: int
    build: int


@frozen
class UploadReport:
    """
    How an upload ended.

    :ivar output: What the uploader printed, at most 64 KiB of it, made readable.
    """

    ok: bool
    output: str = ""
