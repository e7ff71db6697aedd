"""Conditions in SQL on the table of pairs: which of them a preset accepts, and of images that are there."""

from typing import Any, Final

from simd.core.presets import Preset

ACCEPTED: Final = """(match.flat OR (
    match.distance <= :radius AND match.correlation >= :correlation
    AND (:colour IS NULL OR match.colour IS NULL OR match.colour >= :colour)
))"""
"""What :func:`simd.core.presets.accepts` says; :func:`thresholds` gives the values."""

A_LIVES: Final = "EXISTS (SELECT 1 FROM file WHERE image_id = match.a AND missing_since IS NULL)"
B_LIVES: Final = "EXISTS (SELECT 1 FROM file WHERE image_id = match.b AND missing_since IS NULL)"
"""One image has a file that is not missing; for reading a few pairs."""


def thresholds(preset: Preset) -> dict[str, Any]:
    """The values of :data:`ACCEPTED`."""
    return {"radius": preset.radius, "correlation": preset.correlation, "colour": preset.colour}
