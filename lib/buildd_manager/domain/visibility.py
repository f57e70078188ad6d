"""What a build can see: packages of which archives, pockets and components."""

from collections.abc import Mapping

from buildd_manager.domain.pockets import Pocket, expansion
from buildd_manager.domain.sources_list import Need, of_archive, of_others, of_primary


def sees(need: Need) -> Mapping[tuple[str, Pocket], frozenset[str]]:
    """
    Tell which components a build can see, by archive and pocket.

    It is what :func:`~buildd_manager.domain.sources_list.lines` would tell apt, had
    every archive an address: where apt looks is told by other means, too.
    """
    seen: dict[tuple[str, Pocket], frozenset[str]] = {}
    for view in (*of_archive(need), *of_others(need), *of_primary(need)):
        for pocket in expansion(view.pocket) if view.components else ():
            place = (view.archive.name, pocket)
            seen[place] = seen.get(place, frozenset()) | frozenset(view.components)
    return seen
