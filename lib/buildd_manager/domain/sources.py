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
    :ivar indep_hints: Where that may be built which is the same for all
        architectures; empty if anywhere.
    :ivar section: What it is about, such as ``libs``.
    """

    name: str
    version: str
    hints: tuple[str, ...]
    files: tuple[ListedFile, ...]
    indep_hints: tuple[str, ...] = ()
    section: str = "misc"
