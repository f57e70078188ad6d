"""Which components of an archive a build may use packages of: the ogre model."""

from collections.abc import Mapping
from types import MappingProxyType

from buildd_manager.domain.pockets import Pocket


#: The components of Ubuntu, in the order in which they are listed.
COMPONENTS = ("main", "restricted", "universe", "multiverse")

#: The only one of a partner's archive.
PARTNER = "partner"

_STRICT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "main": ("main",),
        "restricted": ("main", "restricted"),
        "universe": ("main", "universe"),
        "multiverse": COMPONENTS,
        PARTNER: (PARTNER,),
    }
)

#: As what a component counts where main may use universe.
_LAX: Mapping[str, str] = MappingProxyType(
    {"main": "universe", "restricted": "multiverse"}
)


def visible(
    component: str,
    pocket: Pocket,
    available: tuple[str, ...],
    *,
    strict: bool = True,
) -> tuple[str, ...]:
    """
    Name the components that a build in one may use, as far as there are such.

    Of a component that Ubuntu has not, such as Debian's ``contrib``, all is seen.

    :param available: What the archive has.
    :param strict: Whether main uses only main.
    """
    if pocket is Pocket.BACKPORTS and component != PARTNER:
        return everything(available)
    counted = component if strict else _LAX.get(component, component)
    seen = _STRICT.get(counted)
    if seen is None or seen == COMPONENTS:
        return everything(available)
    return tuple(one for one in seen if one in available)


def everything(available: tuple[str, ...]) -> tuple[str, ...]:
    """Name all components of an archive but for a partner's, in order."""
    known = tuple(one for one in COMPONENTS if one in available)
    others = (one for one in available if one not in COMPONENTS)
    return (*known, *(one for one in others if one != PARTNER))
