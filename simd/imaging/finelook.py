"""A closer look at two files, for the few pairs of which a person asks: ``simctl compare``.

Both pictures are scaled to at most 512 pixels on the longer side and then to one frame: the
smaller of both widths and the smaller of both heights.
"""

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from simd.core.model import ProblemCode
from simd.imaging.decode import load
from simd.imaging.outcome import FineLook, Refusal, Refused, Vanished
from simd.imaging.source import Source

Grey = npt.NDArray[np.float64]

_LONGEST_SIDE = 512
_SHORTEST_SIDE = 16
_WINDOW = 7
_BLOCKS = 16
_WHITE = 255.0
# The constants that the authors of SSIM recommend: stabilisers against division by nearly nothing.
_LUMINANCE_TERM = (0.01 * _WHITE) ** 2
_CONTRAST_TERM = (0.03 * _WHITE) ** 2


def look(a: bytes, b: bytes) -> FineLook | Refused:
    """Compare two files; the first that cannot be read is refused, with its name in the reason."""
    pictures = []
    for path in (a, b):
        picture = _read(path)
        if isinstance(picture, Refused):
            return picture
        pictures.append(picture)
    return compare(*pictures)


def compare(a: Image.Image, b: Image.Image) -> FineLook:
    """Compare two loaded pictures in mode ``RGB``."""
    frame = (
        max(_SHORTEST_SIDE, min(a.width, b.width)),
        max(_SHORTEST_SIDE, min(a.height, b.height)),
    )
    one, other = _fit(a, frame), _fit(b, frame)
    difference = _difference(one, other)
    return FineLook(
        ssim=structural_similarity(_levels(one.convert("L")), _levels(other.convert("L"))),
        mean_difference=float(difference.mean()),
        worst_block=_worst_block(difference),
        dhash=int(imagehash.dhash(a) - imagehash.dhash(b)),
        ahash=int(imagehash.average_hash(a) - imagehash.average_hash(b)),
        whash=int(imagehash.whash(a) - imagehash.whash(b)),
        colorhash=int(imagehash.colorhash(a) - imagehash.colorhash(b)),
    )


def structural_similarity(a: Grey, b: Grey) -> float:
    """SSIM of two grey pictures of one size, levels 0 to 255.

    Wang, Bovik, Sheikh and Simoncelli (2004), with a uniform window of 7x7 pixels and sample
    covariances; windows that reach over the border are left out.
    """
    mean_a, mean_b = _window_means(a), _window_means(b)
    pixels = _WINDOW * _WINDOW
    sample = pixels / (pixels - 1)
    variance_a = sample * (_window_means(a * a) - mean_a * mean_a)
    variance_b = sample * (_window_means(b * b) - mean_b * mean_b)
    covariance = sample * (_window_means(a * b) - mean_a * mean_b)
    likeness = (2 * mean_a * mean_b + _LUMINANCE_TERM) * (2 * covariance + _CONTRAST_TERM)
    scale = (mean_a**2 + mean_b**2 + _LUMINANCE_TERM) * (variance_a + variance_b + _CONTRAST_TERM)
    return float((likeness / scale).mean())


def _window_means(levels: Grey) -> Grey:
    """Means of every window that lies within the picture, by a table of running sums."""
    sums = np.pad(levels.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    w = _WINDOW
    found: Grey = (sums[w:, w:] - sums[:-w, w:] - sums[w:, :-w] + sums[:-w, :-w]) / (w * w)
    return found


def _read(path: bytes) -> Image.Image | Refused:
    name = path.decode("utf-8", "backslashreplace")
    stamp = None
    try:
        with Source(path) as source:
            stamp = source.stamp
            _, stream = source.read()
            with stream:
                loaded = load(stream, _LONGEST_SIDE)
    except Vanished:
        return Refused(ProblemCode.IO, f"{name}: It is no longer there.", stamp)
    except Refusal as refusal:
        return Refused(refusal.problem, f"{name}: {refusal.reason}", stamp)
    picture = loaded.image.convert("RGB")
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    return picture


def _fit(picture: Image.Image, frame: tuple[int, int]) -> Image.Image:
    return picture if picture.size == frame else picture.resize(frame, Image.Resampling.LANCZOS)


def _levels(picture: Image.Image) -> Grey:
    return np.asarray(picture).astype(np.float64)


def _difference(a: Image.Image, b: Image.Image) -> Grey:
    """Absolute difference of every pixel, as the mean over red, green and blue."""
    found: Grey = np.abs(_levels(a) - _levels(b)).mean(axis=2)
    return found


def _worst_block(difference: Grey) -> float:
    rows = np.array_split(difference, _BLOCKS, axis=0)
    return max(float(block.mean()) for row in rows for block in np.array_split(row, _BLOCKS, axis=1))
