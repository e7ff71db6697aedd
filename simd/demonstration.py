"""A small photo library, drawn in code, with every kind of duplicate that people have."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from simd.imaging import drawing

PICTURES = 12


@dataclass(frozen=True, slots=True)
class Library:
    """What was drawn.

    Attributes:
        groups: the names, relative to the folder, that belong together; the keeper first.
        single: pictures without a duplicate.
        unreadable: files that only look like pictures.
        mirrored: pairs that only a search with transforms finds.
    """

    folder: Path
    groups: tuple[tuple[str, ...], ...]
    single: tuple[str, ...]
    unreadable: tuple[str, ...]
    mirrored: tuple[tuple[str, str], ...]


def draw_library(folder: Path) -> Library:
    """Draw the library into ``folder``, replacing an earlier one of the same names."""
    pictures = [drawing.landscape(seed) for seed in range(PICTURES)]
    for number, picture in enumerate(pictures):
        drawing.save(picture, folder / _original(number), quality=90)
    groups = (
        _resized(folder, 0, pictures[0]),
        _recompressed(folder, 1, pictures[1]),
        _converted(folder, 2, pictures[2]),
        _turned(folder, 3, pictures[3]),
        _renamed(folder, 4),
        _everything(folder, 5, pictures[5]),
    )
    drawing.save(drawing.mirrored(pictures[6]), folder / "edited/mirror-06.jpg", quality=90)
    drawing.save(drawing.flat(), folder / "camera/wall.png")
    original = (folder / _original(7)).read_bytes()
    (folder / "recovered").mkdir(exist_ok=True)
    (folder / "recovered/half-a-picture.jpg").write_bytes(original[: len(original) // 2])
    (folder / "recovered/notes.jpg").write_text("These are notes, not a picture.\n")
    return Library(
        folder=folder,
        groups=groups,
        single=(
            *(_original(number) for number in range(6, PICTURES)),
            "edited/mirror-06.jpg",
            "camera/wall.png",
        ),
        unreadable=("recovered/half-a-picture.jpg", "recovered/notes.jpg"),
        mirrored=((_original(6), "edited/mirror-06.jpg"),),
    )


def _original(number: int) -> str:
    return f"camera/DSC_{number:04d}.jpg"


def _resized(folder: Path, number: int, picture: drawing.Picture) -> tuple[str, ...]:
    names = ("phone/half.jpg", "phone/quarter.jpg")
    for name, factor in zip(names, (0.5, 0.25), strict=True):
        drawing.save(drawing.resized(picture, factor), folder / name, quality=88)
    return (_original(number), *names)


def _recompressed(folder: Path, number: int, picture: drawing.Picture) -> tuple[str, ...]:
    names = ("mailed/good.jpg", "mailed/poor.jpg")
    for name, quality in zip(names, (70, 25), strict=True):
        drawing.save(picture, folder / name, quality=quality)
    return (_original(number), *names)


def _converted(folder: Path, number: int, picture: drawing.Picture) -> tuple[str, ...]:
    drawing.save(picture, folder / "web/converted.webp", quality=80)
    drawing.save(picture, folder / "web/converted.png")
    return ("web/converted.png", _original(number), "web/converted.webp")


def _turned(folder: Path, number: int, picture: drawing.Picture) -> tuple[str, ...]:
    drawing.save_turned(picture, folder / "phone/turned.jpg")
    return (_original(number), "phone/turned.jpg")


def _renamed(folder: Path, number: int) -> tuple[str, ...]:
    names = ("backup/2019/holiday.jpg", "backup/2019/holiday (1).jpg")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / _original(number), folder / name)
    return (_original(number), *names)


def _everything(folder: Path, number: int, picture: drawing.Picture) -> tuple[str, ...]:
    shutil.copy2(folder / _original(number), folder / "backup/2019/copy.jpg")
    drawing.save(drawing.resized(picture, 0.4), folder / "phone/small.jpg", quality=60)
    drawing.save(drawing.resized(picture, 0.75), folder / "web/medium.webp", quality=75)
    return (_original(number), "backup/2019/copy.jpg", "web/medium.webp", "phone/small.jpg")
