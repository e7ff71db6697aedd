"""How far the colours of two pictures are apart, as an eye sees it: in CIE L*a*b*, under D65."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_KNEE = 0.04045
_LEVELS = np.arange(256, dtype=np.float64) / 255
_LINEAR = np.where(_LEVELS <= _KNEE, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
"""The light of every level of sRGB (IEC 61966-2-1), 0 to 1."""

_WHITE = np.array([0.95047, 1.0, 1.08883])
_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_TO_XYZ = (_XYZ / _WHITE[:, None]).T.astype(np.float32)
"""From linear sRGB to X, Y and Z as shares of those of white."""

_DELTA = 6 / 29


@dataclass(frozen=True, slots=True)
class ColourGap:
    """Differences of two pictures, as means over their pixels, in units of L*a*b*; an eye sees 2.3.

    Attributes:
        total: of lightness and colour, CIE76.
        tint: of the colour alone, a* and b*.
        lightness: by how much the second is lighter, negative where it is darker.
        contrast: of the lightness, whichever is lighter at each pixel.
    """

    total: float
    tint: float
    lightness: float
    contrast: float


def colour_gap(a: Rgb, b: Rgb) -> ColourGap:
    """Compare two pictures pixel by pixel.

    Args:
        a: levels of sRGB, (rows, columns, 3).
        b: the same of the other picture, of one size with ``a``.
    """
    apart = lab(b) - lab(a)
    squares = apart * apart
    tint = squares[..., 1] + squares[..., 2]
    return ColourGap(
        total=float(np.sqrt(squares[..., 0] + tint).mean()),
        tint=float(np.sqrt(tint).mean()),
        lightness=float(apart[..., 0].mean()),
        contrast=float(np.abs(apart[..., 0]).mean()),
    )


def lab(rgb: Rgb) -> Floats:
    """L* (0 to 100), a* and b* of every pixel (CIE 15)."""
    light = _LINEAR[rgb] @ _TO_XYZ
    bent = np.where(light > _DELTA**3, np.cbrt(light), light / (3 * _DELTA**2) + np.float32(4 / 29))
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    found: Floats = np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1).astype(np.float32)
    return found
