"""Pictures drawn in code, for the demonstration library."""

import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

Picture = Image.Image

ORIENTATION_TAG = 0x0112
ROTATED_FOR_TAG_6 = Image.Transpose.ROTATE_90
"""Pixels turned like this are shown upright again by EXIF orientation 6."""


def landscape(seed: int, width: int = 1600, height: int = 1200) -> Picture:
    """A made-up landscape: sky, sun, hills and a few houses, different for every seed."""
    dice = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    picture = _sky(dice, width, height)
    draw = ImageDraw.Draw(picture)
    _sun(dice, draw, width, height)
    for layer in range(3):
        _hills(dice, draw, width, height, layer)
    for _ in range(dice.randint(3, 9)):
        _house(dice, draw, width, height)
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def save(picture: Picture, path: Path, **options: object) -> None:
    """Write a picture in the format that the name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)  # type: ignore[arg-type]  # options are those of Pillow's writers


def save_turned(picture: Picture, path: Path) -> None:
    """Write a picture as a camera held on its side does: turned pixels, and an EXIF tag that says so."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    save(picture.transpose(ROTATED_FOR_TAG_6), path, quality=88, exif=exif)


def resized(picture: Picture, factor: float) -> Picture:
    """The picture at another size."""
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)


def mirrored(picture: Picture) -> Picture:
    """The picture as in a mirror."""
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def flat(width: int = 800, height: int = 600) -> Picture:
    """A picture of nothing, like the photograph of a wall."""
    return Image.new("RGB", (width, height), (201, 198, 190))


def _colour(dice: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return (dice.randint(low, high), dice.randint(low, high), dice.randint(low, high))


def _sky(dice: random.Random, width: int, height: int) -> Picture:
    corners = Image.new("RGB", (2, 2))
    for x in range(2):
        for y in range(2):
            corners.putpixel((x, y), _colour(dice, 90, 250))
    return corners.resize((width, height), Image.Resampling.BICUBIC)


def _sun(dice: random.Random, draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    radius = dice.uniform(0.04, 0.14) * width
    x, y = dice.uniform(0.1, 0.9) * width, dice.uniform(0.05, 0.4) * height
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(dice, 200, 255))


def _hills(dice: random.Random, draw: ImageDraw.ImageDraw, width: int, height: int, layer: int) -> None:
    base = 0.35 + 0.2 * layer
    steps = dice.randint(4, 8)
    crest = [
        (width * step / steps, height * min(0.97, base + dice.uniform(-0.18, 0.18)))
        for step in range(steps + 1)
    ]
    draw.polygon(
        [(0, height), *crest, (width, height)], fill=_colour(dice, 20 + 10 * layer, 190 - 40 * layer)
    )


def _house(dice: random.Random, draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    side = dice.uniform(0.05, 0.16) * width
    x, y = dice.uniform(0.0, 0.9) * width, dice.uniform(0.55, 0.85) * height
    draw.rectangle((x, y, x + side, y + side), fill=_colour(dice, 60, 240))
    draw.polygon([(x, y), (x + side / 2, y - side / 2), (x + side, y)], fill=_colour(dice, 40, 160))
    draw.rectangle((x + side * 0.4, y + side * 0.5, x + side * 0.6, y + side), fill=_colour(dice, 0, 90))


def opened(path: Path) -> Picture:
    """A picture of ours, to make a variant of; close it, or use it as a context."""
    return Image.open(path)
