"""Presets: which stored pairs count as near-duplicates, and what is said of them.

The thresholds come from measurements on photographs with forty edits each; see
``docs/decisions/0004-verified-pairs.md`` for the figures.
"""

from dataclasses import dataclass

from simd.core.model import Measures

STORED_RADIUS = 12
"""Pairs farther apart than this in the 64-bit hash are never stored."""

MOST_RADIUS = 16
"""The widest radius that can be asked for, in bits."""

STORED_CORRELATION = 0.80
"""Pairs that correlate less than this are never stored."""

RECOLOURED_BELOW = 0.80
EDITED_ABOVE = 1.2


@dataclass(frozen=True, slots=True)
class Preset:
    """A reading of the stored pairs.

    Attributes:
        radius: greatest Hamming distance of the 64-bit hashes.
        correlation: least gradient correlation.
        colour: least chroma cosine, where both pictures have colour; None asks nothing.
    """

    name: str
    radius: int
    correlation: float
    colour: float | None = None


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("strict", 6, 0.97, 0.95),
        Preset("default", 10, 0.95),
        Preset("loose", STORED_RADIUS, STORED_CORRELATION),
    )
}


def accepts(preset: Preset, measures: Measures) -> bool:
    """Whether a pair with these measures is a near-duplicate under the preset."""
    if measures.flat:
        return True
    if measures.distance > preset.radius or measures.correlation < preset.correlation:
        return False
    return preset.colour is None or measures.colour is None or measures.colour >= preset.colour


def tags(measures: Measures) -> tuple[str, ...]:
    """What a person should know about an accepted pair: ``recoloured``, ``edited``."""
    found = []
    if measures.colour is not None and measures.colour < RECOLOURED_BELOW:
        found.append("recoloured")
    if measures.worst_cell > EDITED_ABOVE:
        found.append("edited")
    return tuple(found)
