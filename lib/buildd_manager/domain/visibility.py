"""What a build can see: packages of which archives, pockets and components."""

from collections.abc import Iterator, Mapping

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.components import PARTNER, everything, visible
from buildd_manager.domain.pockets import Pocket, expansion
from buildd_manager.domain.sources_list import Need


def sees(need: Need) -> Mapping[tuple[str, Pocket], frozenset[str]]:
    """
    Tell which components a build can see, by archive and pocket.

    It is what :func:`~buildd_manager.domain.sources_list.lines` would tell apt, had
    every archive an address: where apt looks is told by other means, too.
    """
    seen: dict[tuple[str, Pocket], frozenset[str]] = {}
    for archive, pocket, components in _views(need):
        for one in expansion(pocket) if components else ():
            place = (archive, one)
            seen[place] = seen.get(place, frozenset()) | frozenset(components)
    return seen


def _views(need: Need) -> Iterator[tuple[str, Pocket, tuple[str, ...]]]:
    archive, primary = need.archive, need.primary
    if archive.purpose is not Purpose.PRIMARY:
        seen = _components(need, archive, need.component, need.pocket)
        yield archive.name, need.pocket, seen
    for one in archive.dependencies:
        other = primary if one.archive == primary.name else need.others[one.archive]
        component = one.component or need.in_primary or "universe"
        seen = _components(need, other, component, one.pocket)
        yield other.name, one.pocket, seen
    if any(one.archive == primary.name for one in archive.dependencies):
        return
    if archive.purpose is Purpose.PRIMARY:
        seen = _components(need, primary, need.component, need.pocket)
        yield primary.name, need.pocket, seen
    else:
        yield primary.name, Pocket.UPDATES, everything(need.components)


def _components(
    need: Need, archive: Archive, component: str, pocket: Pocket
) -> tuple[str, ...]:
    match archive.purpose:
        case Purpose.PPA:
            return ("main",)
        case Purpose.PARTNER:
            return (PARTNER,)
        case _:
            return visible(component, pocket, need.components, strict=need.strict)
