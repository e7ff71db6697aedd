"""Thumbnails at chosen distances from one another, and a catalogue filled by hand."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simd.catalogue import Catalogue
from simd.core.model import GREY_SIDE, RGB_SIDE, Measures, Pair, Root, Signature, Thumbs
from simd.core.stamp import Stamp

RECIPE = 1
ROOT = b"/photos"


def picture(base: int, *, flipped: int = 0, noise: float = 0.0) -> Thumbs:
    """A picture with detail: one of a family that shares ``base``.

    Args:
        base: families have nothing in common with each other.
        flipped: so many bits of the family's 64-bit hash are turned over, the lowest first.
        noise: deviation of what is added to the family's grey levels.
    """
    family = np.random.default_rng(base)
    phash = int(family.integers(2**64, dtype=np.uint64))
    grey = family.normal(128, 40, (GREY_SIDE, GREY_SIDE))
    rgb = family.integers(0, 256, (RGB_SIDE, RGB_SIDE, 3), dtype=np.uint8)
    phash256 = family.bytes(32)
    grey += np.random.default_rng(1_000 * base + flipped).normal(0, noise, grey.shape)
    levels = np.clip(grey, 0, 255).astype(np.uint8)
    return Thumbs(
        phash=phash ^ ((1 << flipped) - 1),
        phash256=phash256,
        grey=levels.tobytes(),
        rgb=rgb.tobytes(),
        deviation=float(levels.std()),
        width=640,
        height=480,
    )


def plain(level: int, *, width: int = 640) -> Thumbs:
    """A picture of one grey level, too flat for its hash to mean anything."""
    grey, rgb = bytes([level]) * GREY_SIDE**2, bytes([level]) * (3 * RGB_SIDE**2)
    return Thumbs(0, bytes(32), grey, rgb, 0.0, width, 480)


def signature(
    thumbs: Thumbs, number: int, *, size: int = 1_000, recipe: int = RECIPE, pixels: int | None = None
) -> Signature:
    """The signature of the file content that ``number`` stands for; ``pixels`` replaces its width."""
    if pixels is not None:
        thumbs = replace(thumbs, width=pixels)
    digest = hashlib.sha256(b"%d" % number).digest()
    return Signature(digest, size, "JPEG", thumbs, None, None, recipe)


def stamp(number: int, *, size: int = 1_000, inode: int | None = None) -> Stamp:
    """The stamp of a file that was written at its own moment."""
    return Stamp(size, 10**18 + number, 10**18 + number, number if inode is None else inode)


def pair(a: int, b: int, distance: int = 2, correlation: float = 0.99, colour: float | None = 0.99) -> Pair:
    """A verified pair."""
    return Pair(min(a, b), max(a, b), Measures(distance, 4 * distance, correlation, colour, 0.1))


def enrol(catalogue: Catalogue, path: bytes = ROOT, device: int = 1, inode: int = 2) -> Root:
    """Have a root."""
    return catalogue.write(lambda to: to.enrol_root(path, device, inode, "ext4")).result()


def fill(
    catalogue: Catalogue,
    images: Sequence[tuple[int, Signature]],
    files: Sequence[tuple[bytes, Stamp, int | None]],
    pairs: Sequence[Pair] = (),
) -> None:
    """Write images, files and pairs."""
    catalogue.write(lambda to: to.put_images(images)).result()
    catalogue.write(lambda to: to.put_files(files)).result()
    catalogue.write(lambda to: to.put_pairs(pairs)).result()
