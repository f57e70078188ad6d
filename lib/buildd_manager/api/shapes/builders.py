"""Builders as JSON."""

from typing import Any

from buildd_manager.api.shapes.builds import summary
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.queue import BuildSummary


def builder(value: Builder, building: BuildSummary | None = None) -> dict[str, Any]:
    """Show a builder, and what it builds."""
    return {
        "name": value.name,
        "url": value.url,
        "arches": list(value.architectures),
        "virtualized": value.virtualized,
        "vm_host": value.vm_host,
        "reset_protocol": value.reset_protocol.value,
        "resources": list(value.open_resources),
        "restricted_resources": list(value.restricted_resources),
        "ok": value.ok,
        "manual": value.manual,
        "on_trial": value.on_trial,
        "clean": value.clean.value,
        "failures": value.failures,
        "version": value.version,
        "fail_notes": value.fail_notes,
        "build": None if building is None else summary(building),
    }
