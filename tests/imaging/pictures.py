"""Pictures for the tests: drawn in code, or shipped with scikit-image."""

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import skimage
from PIL import Image

SHIPPED = Path(skimage.__file__).parent / "data"
PHOTOGRAPHS = (
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "rocket.jpg",
    "retina.jpg",
    "motorcycle_left.png",
)


def photograph(name: str) -> Image.Image:
    """One of scikit-image's pictures, loaded, in its own mode."""
    return _photograph(name).copy()


@lru_cache(maxsize=len(PHOTOGRAPHS))
def _photograph(name: str) -> Image.Image:
    with Image.open(SHIPPED / name) as image:
        image.load()
        return image.copy()


def landscape(seed: int, size: tuple[int, int]) -> Image.Image:
    """A smooth random picture in RGB with detail at every scale, as a photograph has it."""
    return _landscape(seed, size).copy()


@lru_cache(maxsize=64)
def _landscape(seed: int, size: tuple[int, int]) -> Image.Image:
    rng = np.random.default_rng(seed)
    picture = np.zeros((size[1], size[0], 3))
    for cells in (3, 7, 17, 61):
        noise = rng.uniform(0, 255, (cells, cells, 3)).astype(np.uint8)
        layer = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
        picture += np.asarray(layer, dtype=np.float64) / cells
    picture -= picture.min()
    return Image.fromarray((picture * (255 / picture.max())).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def saved(folder: Path, name: str, data: bytes) -> bytes:
    """A new file with these bytes; its path as the pool takes it."""
    path = folder / name
    path.write_bytes(data)
    return str(path).encode()


def difference(one: int, other: int) -> int:
    """Bits in which two hashes differ."""
    return (one ^ other).bit_count()
