"""A large library that costs no decoding: empty files, and a catalogue that knows them all.

Every file has an image of random signatures of its own. Every tenth image, unless told otherwise,
is a near copy of the one before it, with the pair that the daemon would have stored. Where
pictures are given, the files of such pairs are links to them. The files are made once and
kept; the catalogue is made anew.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.photographs import KEPT
from simd.catalogue import Catalogue, Transaction
from simd.core.model import GREY_SIDE, RGB_SIDE, Measures, Pair, Signature, Thumbs
from simd.core.stamp import Stamp
from simd.imaging import RECIPE
from simd.runtime.clock import SystemClock
from simd.system.folders import private_folder

FILES = 100_000
FILES_PER_FOLDER = 200
COPY_EVERY = 10
BATCH = 5_000

NEAR = Measures(distance=1, distance256=0, correlation=0.99, colour=0.99, worst_cell=0.1)
"""What is stored of a near copy."""


def build(state: Path, count: int, *, copy_every: int = COPY_EVERY, pictures: Sequence[Path] = ()) -> Path:
    """A folder of ``count`` files, and a catalogue of them in the new folder ``state``.

    Args:
        state: holds the catalogue.
        count: files, and images.
        copy_every: which images are near copies of the ones before them.
        pictures: what the files of such pairs are links to, in turn; they are empty without.
    """
    root = KEPT / (f"pictured-{count}-{copy_every}" if pictures else f"library-{count}")
    pictures = _own(pictures)
    files, images = _files(root, count, copy_every, pictures), _images(copy_every)
    private_folder(state)
    catalogue = Catalogue.open(state, SystemClock())
    try:
        found = root.stat()
        catalogue.write(lambda t: t.enrol_root(os.fsencode(root), found.st_dev, found.st_ino, "")).result()
        for start in range(0, count, BATCH):
            rows = [_Row(*file, *next(images)) for file in files[start : start + BATCH]]
            catalogue.write(_Filling(rows, copy_every)).result()
    finally:
        catalogue.close()
    return root


def kept(count: int, *, copy_every: int = COPY_EVERY) -> tuple[Path, Path]:
    """A state folder with such a catalogue, made once and kept, and the folder of its files.

    Whoever changes the catalogue has it made again for the next one: remove the state folder.
    """
    state = KEPT / f"state-{count}-{copy_every}-recipe-{RECIPE}"
    root = KEPT / f"library-{count}"
    if not state.exists():
        unfinished = state.with_name(f"{state.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        build(unfinished, count, copy_every=copy_every)
        unfinished.rename(state)
    return state, root


@dataclass(frozen=True, slots=True)
class _Row:
    path: bytes
    stamp: Stamp
    image_id: int
    signature: Signature


@dataclass(frozen=True, slots=True)
class _Filling:
    """One batch of rows, as a job for the catalogue's writer."""

    rows: list[_Row]
    copy_every: int

    def __call__(self, transaction: Transaction) -> None:
        transaction.put_images([(row.image_id, row.signature) for row in self.rows])
        transaction.put_files([(row.path, row.stamp, row.image_id) for row in self.rows])
        copies = [row.image_id for row in self.rows if row.image_id % self.copy_every == 0]
        transaction.put_pairs([Pair(copy - 1, copy, NEAR) for copy in copies])


def _files(root: Path, count: int, copy_every: int, pictures: Sequence[Path]) -> list[tuple[bytes, Stamp]]:
    """The files, which are made if need be. Image ``n`` is in file ``n - 1``."""
    paths = []
    for number in range(count):
        folder = f"{root}/folder-{number // FILES_PER_FOLDER:04d}"
        if number % FILES_PER_FOLDER == 0:
            Path(folder).mkdir(parents=True, exist_ok=True)
        path = f"{folder}/picture-{number:06d}.jpg"
        if not os.path.lexists(path):
            _make(path, _picture_of(number, copy_every, pictures))
        paths.append(path)
    # Only now: every link to a file changes its stamp.
    return [(os.fsencode(path), _stamp(path)) for path in paths]


def _own(pictures: Sequence[Path]) -> list[Path]:
    """Copies that nobody else makes links to, for that would change the stamps of all."""
    folder = KEPT / "linked"
    folder.mkdir(parents=True, exist_ok=True)
    copies = [folder / picture.name for picture in pictures]
    for picture, copy in zip(pictures, copies, strict=True):
        if not copy.exists():
            shutil.copyfile(picture, copy)
    return copies


def _picture_of(number: int, copy_every: int, pictures: Sequence[Path]) -> Path | None:
    """What a file links to: the two of a pair to different pictures, since links to one free nothing."""
    place = number % copy_every - (copy_every - 2)
    if not pictures or place < 0:
        return None
    return pictures[(2 * (number // copy_every) + place) % len(pictures)]


def _make(path: str, picture: Path | None) -> None:
    if picture is None:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    else:
        os.link(picture, path)


def _stamp(path: str) -> Stamp:
    found = os.stat(path)  # noqa: PTH116  # a million Path objects would take longer than the rest
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def _images(copy_every: int) -> Iterator[tuple[int, Signature]]:
    """Image ids from 1 on, with signatures."""
    dice = np.random.default_rng(4)
    image_id, previous = 0, None
    while True:
        image_id += 1
        signature = _signature(dice)
        if previous is not None and image_id % copy_every == 0:
            near = replace(previous.thumbs, phash=previous.thumbs.phash ^ 1)
            signature = replace(signature, thumbs=near)
        yield image_id, signature
        previous = signature


def _signature(dice: np.random.Generator) -> Signature:
    thumbs = Thumbs(
        phash=int.from_bytes(dice.bytes(8), "big"),
        phash256=dice.bytes(32),
        grey=dice.bytes(GREY_SIDE * GREY_SIDE),
        rgb=dice.bytes(3 * RGB_SIDE * RGB_SIDE),
        deviation=40.0,
        width=4000,
        height=3000,
    )
    return Signature(
        digest=dice.bytes(32),
        size=3_000_000,
        format="JPEG",
        thumbs=thumbs,
        taken_at=None,
        camera=None,
        recipe=RECIPE,
    )
