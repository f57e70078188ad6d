"""A source package, as its ``.dsc`` describes it."""

from attrs import frozen


@frozen(kw_only=True)
class ListedFile:
    """A file that a ``.dsc`` lists; at least one strong checksum is there."""

    name: str
    size: int
    sha256: str


@frozen(kw_only=True)
class Source:
    """
    What is read from a ``.dsc``, every value checked.

    :ivar hints: The words of its ``Architecture`` field.
    """

    name: str
    version: str
    hints: tuple[str, ...]
    files: tuple[ListedFile, ...]
