"""Photographs for the benchmarks: made from the pictures that ship with scikit-image and scikit-learn.

Enlarged to camera size, cropped differently each time and given sensor noise, they cost a
decoder what camera files cost: about one byte of JPEG for every five pixels.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageChops
from skimage import data as pictures
from sklearn.datasets import load_sample_images

KEPT = Path(__file__).parents[1] / ".run" / "bench"
"""Where what takes long to make is kept from one run to the next; not under version control."""

SIZES = ((4000, 3000), (4032, 3024), (3264, 2448), (5184, 3456))
QUALITIES = (85, 90, 92)
SHEET = (5900, 4000)
"""Size of the enlarged pictures, and of the noise, that every photograph is cut from."""

NOISE = 5.0
"""Standard deviation of the noise, in levels."""

MIDDLE = 128


def photographs(folder: Path, count: int) -> list[Path]:
    """``count`` multi-megapixel JPEGs, made once and kept in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:04d}.jpg" for number in range(count)]
    absent = [number for number, path in enumerate(paths) if not path.exists()]
    if absent:
        noise, bases = _noise(), _bases()
        for turn, base in enumerate(bases):
            sheet = base.resize(SHEET, Image.Resampling.BICUBIC)
            for number in absent:
                if number % len(bases) == turn:
                    _photograph(sheet, noise, number, paths[number])
    return paths


def small_pictures(folder: Path, count: int, *, first: int = 0) -> list[Path]:
    """``count`` small JPEGs that differ from each other."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(first, first + count):
        path = folder / f"small-{number:06d}.jpg"
        small_picture(number).save(path, quality=85)
        paths.append(path)
    return paths


def small_picture(number: int) -> Image.Image:
    """A picture of a few soft blots, another one for every number."""
    noise = np.random.default_rng(number).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC)


def _bases() -> list[Image.Image]:
    shipped = [getattr(pictures, name)() for name in ("astronaut", "coffee", "chelsea", "rocket")]
    return [Image.fromarray(array) for array in (*load_sample_images().images, *shipped)]


def _noise() -> Image.Image:
    levels = np.random.default_rng(5).normal(MIDDLE, NOISE, SHEET[::-1]).astype(np.uint8)
    return Image.merge("RGB", [Image.fromarray(levels)] * 3)


def _photograph(sheet: Image.Image, noise: Image.Image, number: int, path: Path) -> None:
    dice = np.random.default_rng(number)
    size = SIZES[number % len(SIZES)]
    view, grain = (_cut(source, size, dice) for source in (sheet, noise))
    photograph = ImageChops.add(view, grain, offset=-MIDDLE)
    unfinished = path.with_suffix(".part")
    photograph.save(unfinished, "JPEG", quality=QUALITIES[number % len(QUALITIES)])
    unfinished.rename(path)


def _cut(sheet: Image.Image, size: tuple[int, int], dice: np.random.Generator) -> Image.Image:
    left, top = (int(dice.integers(0, whole - part + 1)) for whole, part in zip(SHEET, size, strict=True))
    return sheet.crop((left, top, left + size[0], top + size[1]))
