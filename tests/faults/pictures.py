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


def no_pictures(picture: bytes) -> list[bytes]:
    """What has a picture's name and is none: nothing, words, half a picture."""
    return [b"", b"Notes.\n", picture[: len(picture) // 2]]
