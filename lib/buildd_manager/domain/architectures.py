"""Which architectures of a series a source wants to be built for."""

from collections.abc import Iterable, Sequence

from attrs import frozen


@frozen
class Wanted:
    """
    One build that a source wants.

    :ivar arch_indep: Whether the ``Architecture: all`` packages come from it.
    """

    architecture: str
    arch_indep: bool


def wanted(hints: Iterable[str], available: Sequence[str]) -> tuple[Wanted, ...]:
    """
    Match a source's ``Architecture`` field with the architectures that there are.

    Packages for ``all`` are built once, on the first architecture available.

    :param hints: The words of the field: ``any``, ``all``, ``amd64``,
        ``linux-any``, ``any-arm64``.
    :param available: Architectures in order of preference, Linux ones.
    """
    words = frozenset(hints)
    matching = [arch for arch in available if any(_suits(w, arch) for w in words)]
    if "all" not in words:
        return tuple(Wanted(arch, arch_indep=False) for arch in matching)
    if available and available[0] not in matching:
        matching.insert(0, available[0])
    return tuple(
        Wanted(arch, arch_indep=(number == 0)) for number, arch in enumerate(matching)
    )


def _suits(word: str, architecture: str) -> bool:
    return word in {
        "any",
        "linux-any",
        architecture,
        f"any-{architecture}",
        f"linux-{architecture}",
    }
