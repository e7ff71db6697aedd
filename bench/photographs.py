"""Photographs for the benchmarks: made from the pictures that ship with scikit-image and scikit-learn.

Enlarged to camera size, cropped differently each time and given sensor noise, they cost a
decoder what camera files cost: about one byte of JPEG for every four pixels.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data as pictures
from sklearn.datasets import load_sample_images

SIZES = ((4000, 3000), (4032, 3024), (3264, 2448), (5184, 3456))
QUALITIES = (85, 90, 92)


def photographs(folder: Path, count: int) -> list[Path]:
    """``count`` multi-megapixel JPEGs, made once and kept in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:04d}.jpg" for number in range(count)]
    bases = None
    for number, path in enumerate(paths):
        if not path.exists():
            bases = bases or _bases()
            _save(bases[number % len(bases)], number, path)
    return paths


def small_pictures(folder: Path, count: int, *, first: int = 0) -> list[Path]:
    """``count`` small JPEGs that differ from each other."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(first, first + count):
        noise = np.random.default_rng(number).integers(0, 255, (6, 8, 3), dtype=np.uint8)
        path = folder / f"small-{number:06d}.jpg"
        Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC).save(path, quality=85)
        paths.append(path)
    return paths


def _bases() -> list[Image.Image]:
    shipped = [pictures.astronaut(), pictures.coffee(), pictures.chelsea(), pictures.rocket()]
    return [Image.fromarray(array) for array in (*load_sample_images().images, *shipped)]


def _save(base: Image.Image, number: int, path: Path) -> None:
    dice = np.random.default_rng(number)
    size = SIZES[number % len(SIZES)]
    margin = dice.uniform(0.0, 0.2, 4) * (base.width, base.height, base.width, base.height)
    box = (margin[0], margin[1], base.width - margin[2], base.height - margin[3])
    picture = np.asarray(base.resize(size, Image.Resampling.BICUBIC, box=box), dtype=np.int16)
    grain = dice.normal(0.0, 5.0, (size[1], size[0], 1)).astype(np.int16)
    noisy = np.clip(picture + grain, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(path, quality=QUALITIES[number % len(QUALITIES)])
