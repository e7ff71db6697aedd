"""Every mode that Pillow knows becomes grey (``L``), ``RGB`` or ``YCbCr``, 8 bits deep."""

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from simd.imaging.recipe import GROUND

_WHITE_LEVELS = (1.0, 255.0, 65_535.0, 4_294_967_295.0)
_BITS_PER_SAMPLE = 258
_SCALES = (8, 4, 2)


def scale(width: int, height: int, side: int) -> int:
    """The factor 8, 4, 2 or 1 that a JPEG decode would take to leave ``side`` pixels."""
    room = min(width // side, height // side)
    return next((factor for factor in _SCALES if factor <= room), 1)


def shrink(image: Image.Image, side: int) -> Image.Image:
    """Reduce by the largest whole factor that leaves ``side`` pixels on the shorter side."""
    return _reduce(image, max(1, min(image.width, image.height) // side))


def flatten(image: Image.Image, side: int) -> Image.Image:
    """The picture in mode ``L`` or ``RGB``, scaled down, on the fixed ground where it is transparent.

    Args:
        image: a loaded picture in any mode.
        side: pixels that the shorter side keeps, see :func:`scale`.
    """
    factor = scale(image.width, image.height, side)
    if image.mode.startswith("I") or image.mode == "F":
        return _reduce(_from_levels(image), factor)
    if image.has_transparency_data:
        return _on_ground(_reduce(image.convert("RGBA"), factor))
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode not in {"L", "RGB"}:
        image = image.convert("RGB")
    return _reduce(image, factor)


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    return image if factor == 1 else image.reduce(factor)


def _on_ground(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, (GROUND, GROUND, GROUND))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _from_levels(image: Image.Image) -> Image.Image:
    """Scale a picture of deep or floating levels to 8 bits; Pillow itself would clip it."""
    levels = np.asarray(image).astype(np.float32)
    np.nan_to_num(levels, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode.startswith("I;16"):
        black, white = 0.0, float(_white_of_16_bits(image))
    else:
        black, white = _range(levels)
    levels -= black
    levels *= 255.0 / (white - black)
    return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))


def _white_of_16_bits(image: Image.Image) -> int:
    """White of a 16-bit picture: 65,535, or less where a TIFF says that it has fewer bits."""
    bits = 16
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = int(image.tag_v2.get(_BITS_PER_SAMPLE, (16,))[0])
    return (1 << min(max(bits, 8), 16)) - 1


def _range(levels: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Black and white of levels that carry no scale: the first usual white that holds them all."""
    darkest, brightest = float(levels.min()), float(levels.max())
    white = next((level for level in _WHITE_LEVELS if brightest <= level), brightest)
    return min(0.0, darkest), white
