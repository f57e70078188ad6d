"""What was changed as JSON."""

from collections.abc import Mapping
from typing import Any, Final

from buildd_manager.api.shapes.files import time
from buildd_manager.domain.audit import Entry


#: What has another name where it is shown, or said.
_NAMES: Final[Mapping[str, str]] = {
    "architectures": "arches",
    "open_resources": "resources",
    "relative_score": "score",
    "build_debug_symbols": "debug_symbols",
    "dependencies": "depends_on",
    "nominated_architecture": "nominated_arch",
    "supports_virtualized": "virtualized",
    "supports_nonvirtualized": "nonvirtualized",
}


def entry(value: Entry) -> dict[str, Any]:
    """Show an entry, with the names that fields have elsewhere."""
    done = value.deed
    return {
        "id": value.id,
        "time": time(value.when),
        "who": value.who,
        "kind": done.kind.value,
        "name": done.name,
        "what": done.what,
        "changes": {
            _NAMES.get(field, field): {"from": before, "to": after}
            for field, (before, after) in done.changes.items()
        },
    }
