"""Pictures that are quickly made, and look like no other of their kind."""

import io
import random

from PIL import Image


def blotches(dice: random.Random, width: int = 320, height: int = 240) -> bytes:
    """A JPEG of soft coloured spots."""
    spots = Image.frombytes("RGB", (9, 7), dice.randbytes(3 * 9 * 7))
    written = io.BytesIO()
    spots.resize((width, height), Image.Resampling.BICUBIC).save(written, "JPEG", quality=90)
    return written.getvalue()


def unlike(dice: random.Random, count: int, width: int = 96, height: int = 72) -> list[bytes]:
    """So many pictures, no two of one length: one may keep it from being seen that another has a copy."""
    found: dict[int, bytes] = {}
    while len(found) < count:
        add_unlike(found, blotches(dice, width, height))
    return list(found.values())


def add_unlike(found: dict[int, bytes], picture: bytes) -> bytes:
    """Add a picture to others by its length, with something behind its end where one has that length."""
    while len(picture) in found:
        picture += b"\0"
    found[len(picture)] = picture
    return picture


def no_pictures(picture: bytes) -> list[bytes]:
    """What has a picture's name and is none: nothing, words, half a picture."""
    return [b"", b"Notes.\n", picture[: len(picture) // 2]]
