"""Whole columns of files and images, equal to their rows."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simd.catalogue import Catalogue
from simd.core.actions.inventory import Inventory
from simd.core.keeping import is_lossless
from simd.core.keeprules import KeepOrder, completed, parse_rules
from simd.core.model import FileState, Signature
from tests.catalogue.samples import ROOT, make_signature, make_stamp

ODD = b"\0\xff,/\n" + bytes(27)
"""A digest of bytes by which columns might be parted."""

DISK = b"/disk"
ORDER = KeepOrder(completed(parse_rules("taken:newest,metadata")))
MANY = 5_000


def picture(number: int) -> Signature:
    """A signature; some have a time, a place, a rating, or a format that loses nothing."""
    return replace(
        make_signature(number),
        digest=ODD if number == 2 else make_signature(number).digest,
        taken_at=None if number % 2 else "2019-05-04T03:02:01+02:00",
        has_position=[None, False, True][number % 3],
        rating=4 if number == 3 else None,
        format="PNG" if number == 1 else "JPEG",
    )


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    """Images 1 to 4 and one far away; names of all kinds, one file missing, and a disk that is away."""
    images = [(number, picture(number)) for number in (1, 2, 3, 4, MANY)]
    paths = [
        (ROOT + b"/a,b\n\xff.jpg", 1),
        (ROOT + b"/sub/\xc3\xa9.jpg", 1),
        (ROOT + b"/sub/deeper/c.jpg", 2),
        (DISK + b"/d.jpg", 3),
        (ROOT + b"/gone.jpg", 3),
        (ROOT + b"/sub/e.jpg", 4),
        (ROOT + b"/far.jpg", MANY),
    ]
    files = [
        (path, make_stamp(number)._replace(inode=2**64 - 1 - number), image)
        for number, (path, image) in enumerate(paths)
    ]
    catalogue.write(lambda to: to.enrol_root(ROOT, 1, 1, "ext4")).result()
    disk = catalogue.write(lambda to: to.enrol_root(DISK, 2, 1, "ext4")).result()
    catalogue.write(lambda to: to.put_images(images)).result()
    catalogue.write(lambda to: to.put_files(files)).result()
    catalogue.write(lambda to: to.mark_missing([ROOT + b"/gone.jpg"])).result()
    catalogue.write(lambda to: to.set_root_online(disk.id, online=False)).result()
    return catalogue


def told(stock: Inventory) -> list[tuple[Any, ...]]:
    """Its rows, by their paths."""
    held = stock.holdings
    files = stock.files(np.arange(len(held.paths)))
    columns = (
        files.paths, files.sizes, files.mtimes, files.ctimes, files.inodes, files.digests,
        held.images, held.pixels, held.lossless, held.contents, held.devices,
        held.taken_at, held.positioned, held.rated, stock.present, stock.roots, stock.hashes,
    )  # fmt: skip
    return sorted(zip(*columns, strict=True))


def rows(catalogue: Catalogue, ids: Collection[int]) -> list[tuple[Any, ...]]:
    """The same, from the rows of the catalogue."""
    with catalogue.read() as snapshot:
        images, files = snapshot.images(ids), snapshot.files_of(list(ids))
        devices = {root.path: root.device for root in snapshot.roots()}
    return sorted(
        (
            file.path, *file.stamp, images[image].digest,
            image, images[image].width * images[image].height, is_lossless(images[image].format),
            images[image].size, devices[file.root],
            images[image].taken_at, bool(images[image].has_position), images[image].rating is not None,
            file.state is FileState.PRESENT, file.root, images[image].phash,
        )
        for image, of_image in files.items() for file in of_image
    )  # fmt: skip


@pytest.mark.parametrize("ids", [(1, 2, 3, 4), (4, 2), (1, 3, MANY), (3,), ()])
def test_columns_are_the_rows(filled: Catalogue, ids: Collection[int]) -> None:
    """Ids in a row, some of them, some far apart, and none: every value of every file and its image."""
    with filled.read() as snapshot:
        stock = snapshot.inventory(ids, ORDER)
    assert rows(filled, ids) == told(stock)
    assert ORDER == stock.holdings.order


def test_columns_are_of_one_moment(filled: Catalogue) -> None:
    """What was committed after the snapshot had begun is told neither of files nor of images."""
    ids = (1, 2, 3, 4)
    before = rows(filled, ids)
    with filled.read() as snapshot:
        assert snapshot.generation
        filled.write(lambda to: to.put_images([(4, replace(picture(4), rating=5))])).result()
        filled.write(lambda to: to.put_files([(ROOT + b"/sub/e.jpg", make_stamp(99), 4)])).result()
        stock = snapshot.inventory(ids, ORDER)
    assert before == told(stock)
    assert before != rows(filled, ids)
