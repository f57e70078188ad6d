"""What the names of architectures mean, and the wildcards for them."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import astuple, frozen


ANY = "any"

#: The C library and the kernel of each system, by what stands before the processor.
_SYSTEMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "linux": ("gnu", "linux"),
        "musl-linux": ("musl", "linux"),
        "uclibc-linux": ("uclibc", "linux"),
        "uclinux": ("uclibc", "uclinux"),
        "hurd": ("gnu", "hurd"),
        "kfreebsd": ("gnu", "kfreebsd"),
        "knetbsd": ("gnu", "knetbsd"),
        "kopensolaris": ("gnu", "kopensolaris"),
        "darwin": ("bsd", "darwin"),
        "dragonflybsd": ("bsd", "dragonflybsd"),
        "freebsd": ("bsd", "freebsd"),
        "netbsd": ("bsd", "netbsd"),
        "openbsd": ("bsd", "openbsd"),
        "aix": ("sysv", "aix"),
        "solaris": ("sysv", "solaris"),
        "mint": ("tos", "mint"),
    }
)

#: Names that tell more than the processor: its calling conventions, too.
_CONVENTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "arm64ilp32": ("ilp32", "arm64"),
        "armel": ("eabi", "arm"),
        "armhf": ("eabihf", "arm"),
        "kfreebsd-armhf": ("eabihf", "arm"),
        "mips64": ("abi64", "mips64"),
        "mips64el": ("abi64", "mips64el"),
        "mips64r6": ("abi64", "mips64r6"),
        "mips64r6el": ("abi64", "mips64r6el"),
        "mipsn32": ("abin32", "mips64"),
        "mipsn32el": ("abin32", "mips64el"),
        "mipsn32r6": ("abin32", "mips64r6"),
        "mipsn32r6el": ("abin32", "mips64r6el"),
        "musl-linux-armhf": ("eabihf", "arm"),
        "powerpcspe": ("spe", "powerpc"),
        "uclibc-linux-armel": ("eabi", "arm"),
        "uclinux-armel": ("eabi", "arm"),
        "x32": ("x32", "amd64"),
    }
)


@frozen
class _Parts:
    """What an architecture is made of, or what a wildcard leaves open."""

    convention: str
    libc: str
    kernel: str
    processor: str


def is_of(architecture: str, word: str) -> bool:
    """
    Tell whether ``word``, perhaps a wildcard such as ``any-arm``, means it, too.

    ``all`` is no architecture, and means none.
    """
    if word in {ANY, architecture}:
        return True
    real = astuple(_parts_of(architecture))
    meant = astuple(_meant_by(word))
    return all(m in {ANY, r} for m, r in zip(meant, real, strict=True))


def _parts_of(architecture: str) -> _Parts:
    name = architecture.removeprefix("linux-")
    system, _, processor = name.rpartition("-")
    convention, processor = _CONVENTIONS.get(name, ("base", processor))
    libc, kernel = _SYSTEMS.get(system or "linux", ("", system))
    return _Parts(convention, libc, kernel, processor)


def _meant_by(word: str) -> _Parts:
    parts = word.split("-", 3)
    if ANY not in parts:
        return _parts_of(word)
    open_ = [ANY] * (4 - len(parts))
    return _Parts(*open_, *parts)
