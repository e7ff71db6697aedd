"""The eight rotations and mirror images of a picture, told from its thumbnails.

Mirroring a picture changes the sign of every second DCT coefficient, transposing it transposes
them: the hashes of all eight follow from what is stored, without the file.
"""

from dataclasses import replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from simd.core.dct import Matrix, hash_bits, low_frequencies
from simd.core.model import GREY_SIDE, RGB_SIDE, Thumbs

_FINE_HASH_SIDE = 16
_EPSILON = 1e-6

Array = npt.NDArray[np.uint8]


class Transform(StrEnum):
    """What was done to a picture; turns go against the clock."""

    IDENTITY = "identity"
    ROTATE90 = "rotate90"
    ROTATE180 = "rotate180"
    ROTATE270 = "rotate270"
    MIRROR = "mirror"
    FLIP = "flip"
    TRANSPOSE = "transpose"
    TRANSVERSE = "transverse"


# Each as: exchange rows and columns first?, then reverse the rows?, then reverse the columns?
_STEPS = {
    Transform.IDENTITY: (False, False, False),
    Transform.ROTATE90: (True, True, False),
    Transform.ROTATE180: (False, True, True),
    Transform.ROTATE270: (True, False, True),
    Transform.MIRROR: (False, False, True),
    Transform.FLIP: (False, True, False),
    Transform.TRANSPOSE: (True, False, False),
    Transform.TRANSVERSE: (True, True, True),
}


def variants(thumbs: Thumbs) -> list[tuple[Transform, Thumbs]]:
    """The picture under every transform, itself first.

    Thumbnails and the 64-bit hash are those of the transformed thumbnail: within two bits of
    a picture that was really transformed. The 256-bit hash is an estimate, usually within a
    dozen bits: its 64x64 source is not stored, so the coefficients are taken from the 32x32 grey
    and moved to the side of the median that the stored bits report.
    """
    grey = np.frombuffer(thumbs.grey, dtype=np.uint8).reshape(GREY_SIDE, GREY_SIDE)
    rgb = np.frombuffer(thumbs.rgb, dtype=np.uint8).reshape(RGB_SIDE, RGB_SIDE, 3)
    fine = _fine_coefficients(grey, thumbs.phash256)
    return [
        (transform, thumbs if transform is Transform.IDENTITY else _apply(transform, thumbs, grey, rgb, fine))
        for transform in Transform
    ]


def _apply(transform: Transform, thumbs: Thumbs, grey: Array, rgb: Array, fine: Matrix) -> Thumbs:
    transposed, rows, columns = _STEPS[transform]
    turned = _rearrange(grey, transposed=transposed, rows=rows, columns=columns)
    coefficients = low_frequencies(turned.astype(np.float64))
    return replace(
        thumbs,
        phash=int.from_bytes(_packed(coefficients), "big"),
        phash256=_packed(_change_signs(fine.T if transposed else fine, rows=rows, columns=columns)),
        grey=turned.tobytes(),
        rgb=_rearrange(rgb, transposed=transposed, rows=rows, columns=columns).tobytes(),
        width=thumbs.height if transposed else thumbs.width,
        height=thumbs.width if transposed else thumbs.height,
    )


def _rearrange(pixels: Array, *, transposed: bool, rows: bool, columns: bool) -> Array:
    turned = pixels.swapaxes(0, 1) if transposed else pixels
    return np.ascontiguousarray(turned[:: -1 if rows else 1, :: -1 if columns else 1])


def _change_signs(coefficients: Matrix, *, rows: bool, columns: bool) -> Matrix:
    signs = (-1.0) ** np.arange(len(coefficients))
    if rows:
        coefficients = coefficients * signs[:, None]
    return coefficients * signs[None, :] if columns else coefficients


def _fine_coefficients(grey: Array, phash256: bytes) -> Matrix:
    """The 16x16 lowest frequencies of the grey thumbnail, brought in line with the stored bits."""
    estimate = low_frequencies(grey.astype(np.float64), _FINE_HASH_SIDE)
    above = np.unpackbits(np.frombuffer(phash256, dtype=np.uint8)).reshape(estimate.shape).astype(np.bool_)
    median = float(np.median(estimate))
    found: Matrix = np.where(
        above, np.maximum(estimate, median + _EPSILON), np.minimum(estimate, median - _EPSILON)
    )
    return found


def _packed(coefficients: Matrix) -> bytes:
    bits, _ = hash_bits(coefficients)
    return np.packbits(bits).tobytes()
