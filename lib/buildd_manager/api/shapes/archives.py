"""Archives as JSON."""

from typing import Any

from buildd_manager.domain.archives import Archive


def archive(value: Archive) -> dict[str, Any]:
    """Show an archive: of its secret and its key only whether there is one."""
    return {
        "name": value.name,
        "purpose": value.purpose.value,
        "distribution": value.distribution,
        "url": value.url,
        "enabled": value.enabled,
        "private": value.private,
        "secret": value.secret is not None,
        "signing_key": value.signing_key is not None,
        "require_virtualized": value.require_virtualized,
        "security": value.build_security,
        "obsolete": value.build_obsolete,
        "score": value.relative_score,
        "debug_symbols": value.build_debug_symbols,
        "external_lines": list(value.external_lines),
        "depends_on": [
            {
                "archive": one.archive,
                "pocket": one.pocket.value,
                "component": one.component,
            }
            for one in value.dependencies
        ],
    }
