"""From a path to a signature: the whole work on one file, done in a worker process."""

import imagehash
import numpy as np
from PIL import Image

from simd.core.dct import OVERSAMPLING, Matrix, hash_bits, low_frequencies
from simd.core.model import GREY_SIDE, RGB_SIDE, Signature, Thumbs
from simd.imaging.decode import Picture, decode
from simd.imaging.outcome import AlreadyKnown, Changed, Decoded, Outcome, Refusal, Refused, Vanished
from simd.imaging.recipe import RECIPE
from simd.imaging.source import Source

_FINE_SIDE = 64


def examine(path: bytes, known: frozenset[bytes] = frozenset(), size: int | None = None) -> Outcome:
    """Look into one file.

    Args:
        path: the file, as the filesystem spells it.
        known: SHA-256 digests whose pictures need no decode.
        size: the length in bytes that ``known`` is about, if it is: a file of another length has
            changed since, and may be one of those whose digests were not asked for.
    """
    try:
        with Source(path) as source:
            if size not in {None, source.stamp.size}:
                return Changed()
            outcome = _examine_open(source, known)
            return outcome if source.unchanged() else Changed()
    except Vanished:
        return Changed()
    except Refusal as refusal:
        return Refused(refusal.problem, refusal.reason, None)


def _examine_open(source: Source, known: frozenset[bytes]) -> Outcome:
    try:
        digest, stream = source.read()
        with stream:
            if digest in known:
                return AlreadyKnown(digest, source.stamp)
            return Decoded(sign(decode(stream), digest, source.stamp.size), source.stamp)
    except Refusal as refusal:
        return Refused(refusal.problem, refusal.reason, source.stamp)


def sign(picture: Picture, digest: bytes, size: int) -> Signature:
    """The signature of a decoded picture whose file has this digest and size in bytes."""
    return Signature(
        digest=digest,
        size=size,
        format=picture.format,
        thumbs=_thumbs(picture),
        taken_at=picture.metadata.taken_at,
        camera=picture.metadata.camera,
        recipe=RECIPE,
        has_position=picture.metadata.has_position,
        rating=picture.metadata.rating,
    )


def _thumbs(picture: Picture) -> Thumbs:
    # Resizing to the size that a picture has already copies it. imagehash therefore finds on
    # these two the very bits that it finds on the whole picture, and the 32x32 one is kept.
    grey = picture.grey.resize((GREY_SIDE, GREY_SIDE), Image.Resampling.LANCZOS)
    fine = picture.grey.resize((_FINE_SIDE, _FINE_SIDE), Image.Resampling.LANCZOS)
    rgb = picture.colour.resize((RGB_SIDE, RGB_SIDE), Image.Resampling.BOX, reducing_gap=1.0).convert("RGB")
    pixels = _pixels(grey)
    return Thumbs(
        phash=int.from_bytes(_hash(grey, pixels), "big"),
        phash256=_hash(fine, _pixels(fine)),
        grey=grey.tobytes(),
        rgb=rgb.tobytes(),
        deviation=float(pixels.std()),
        width=picture.width,
        height=picture.height,
    )


def _pixels(square: Image.Image) -> Matrix:
    levels = np.frombuffer(square.tobytes(), dtype=np.uint8).astype(np.float64)
    return levels.reshape(square.size)


def _hash(square: Image.Image, pixels: Matrix) -> bytes:
    """The phash of imagehash of a square grey picture, row by row, most significant bit first.

    The matrix product decides it in a sixth of the time. Where coefficients lie so close to
    their median that rounding could decide otherwise, imagehash itself is asked.
    """
    bits, sure = hash_bits(low_frequencies(pixels))
    if not sure:
        bits = imagehash.phash(square, square.width // OVERSAMPLING).hash
    return np.packbits(bits).tobytes()
