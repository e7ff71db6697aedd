"""Parting files and uploads, with real workers."""

import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from simd.catalogue import Catalogue
from simd.core.answers import Partition
from simd.core.errors import BadRequest, Unavailable, UnreadableImage
from simd.core.model import ProblemCode
from simd.core.partition import Upload
from simd.core.skipping import SkipRules
from simd.imaging import SUPPORTED_EXTENSIONS, DecodePool, Limits
from simd.runtime.broadcast import Broadcast
from simd.work import partition as work
from simd.work.partition import Partitioning
from simd.work.uploads import UploadFolder
from tests.imaging.pictures import encoded, landscape


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """Two workers for all tests of this module."""
    workers = DecodePool(2, Limits())
    workers.start()
    yield workers
    workers.close()


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """Where uploads are laid meanwhile."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


@pytest.fixture
def parting(catalogue: Catalogue, pool: DecodePool, uploads: Path) -> Partitioning:
    """What is tested."""
    return Partitioning(
        catalogue, pool, SkipRules(frozenset()), SUPPORTED_EXTENSIONS, UploadFolder(uploads), Broadcast()
    )


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two scenes, each in two files, a broken file, and what is passed over in folders."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name, scene, options in (
        ("a.jpg", 1, {"quality": 90}),
        ("b.jpg", 2, {"quality": 90}),
        ("sub/a.jpg", 1, {"quality": 50}),
        ("sub/small.jpg", 2, {"quality": 80}),
        (".hidden/c.jpg", 3, {}),
    ):
        picture = landscape(scene, (600, 400))
        small = picture.resize((300, 200), Image.Resampling.LANCZOS) if "small" in name else picture
        (folder / name).write_bytes(encoded(small, "JPEG", **options))
    (folder / "broken.jpg").write_bytes(b"not a picture")
    (folder / "notes.txt").write_text("no picture either")
    return folder


def names(answer: Partition) -> list[list[str]]:
    """The groups by the names of their pictures."""
    return [[picture.name for picture in group.pictures] for group in answer.groups]


def test_a_folder_is_parted(parting: Partitioning, photos: Path) -> None:
    """Copies stand together, in the folder's order; hidden folders are passed over, broken files named."""
    answer = parting.of_paths([bytes(photos)], 0.9)
    assert [["a.jpg", "a.jpg"], ["b.jpg", "small.jpg"]] == names(answer)
    assert [1, 2] == [group.number for group in answer.groups]
    assert [(str(photos / "broken.jpg"), ProblemCode.NOT_AN_IMAGE)] == [
        (each.path, each.code) for each in answer.refused
    ]
    assert str(photos / "sub/a.jpg") == answer.groups[0].pictures[1].path


def test_files_come_in_their_order(parting: Partitioning, photos: Path, tmp_path: Path) -> None:
    """The first that is named founds a group; a link stands for its file; what is gone is refused."""
    link = tmp_path / "link.jpg"
    link.symlink_to(photos / "b.jpg")
    paths = [photos / "sub/small.jpg", photos / "a.jpg", link, tmp_path / "gone.jpg"]
    answer = parting.of_paths([bytes(path) for path in paths], 0.9)
    assert [["small.jpg", "link.jpg"], ["a.jpg"]] == names(answer)
    assert ["gone.jpg"] == [each.name for each in answer.refused]


def test_uploads_are_parted_and_gone(parting: Partitioning, photos: Path, uploads: Path) -> None:
    """Names are kept, whatever they are, and nothing is left in the folder, also after an error."""
    sent = [("../x", "a.jpg"), ("zwei", "b.jpg"), ("", "sub/a.jpg"), ("bad", "broken.jpg")]
    answer = parting.of_uploads(
        [Upload(name, io.BytesIO((photos / file).read_bytes())) for name, file in sent], 0.9
    )
    assert [["../x", ""], ["zwei"]] == names(answer)
    assert [("bad", None)] == [(each.name, each.path) for each in answer.refused]
    assert answer.groups[0].pictures[0].path is None
    assert [] == list(uploads.iterdir())
    with pytest.raises(UnreadableImage, match="bad: It is not a picture"):
        parting.of_uploads([Upload("bad", io.BytesIO(b"none"))], 0.9)
    assert [] == list(uploads.iterdir())


@pytest.mark.parametrize("grade", [-0.1, 1.01, float("nan")])
def test_a_grade_is_0_to_1(parting: Partitioning, photos: Path, grade: float) -> None:
    """Anything else is told, with what is allowed."""
    with pytest.raises(BadRequest, match="grade") as caught:
        parting.of_paths([bytes(photos)], grade)
    assert "0 (all alike) to 1" in str(caught.value.hint)


def test_no_pictures_is_an_error(parting: Partitioning, tmp_path: Path, photos: Path) -> None:
    """An empty folder, no uploads, and nothing but broken files, whose reasons are told."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadRequest, match="no pictures"):
        parting.of_paths([bytes(empty)], 0.9)
    with pytest.raises(BadRequest, match="no pictures"):
        parting.of_uploads([], 0.9)
    with pytest.raises(UnreadableImage, match=r"broken\.jpg: It is not a picture"):
        parting.of_paths([bytes(photos / "broken.jpg")], 0.9)


def test_too_many_pictures_are_refused(
    parting: Partitioning, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before one of them is read; the hint says what to do."""
    monkeypatch.setattr(work, "MOST_PICTURES", 3)
    with pytest.raises(BadRequest, match="more than 3 pictures"):
        parting.of_paths([bytes(photos)], 0.9)


@pytest.mark.skipif(os.getuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_named(parting: Partitioning, photos: Path) -> None:
    """The rest goes on."""
    (photos / "sub").chmod(0)
    try:
        answer = parting.of_paths([bytes(photos)], 0.9)
    finally:
        (photos / "sub").chmod(0o700)
    assert {"sub", "broken.jpg"} == {each.name for each in answer.refused}


def test_a_folder_on_a_disk_that_fails_is_named(
    parting: Partitioning, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what the system says of it, and the rest goes on."""
    scan = os.scandir

    def sick(path: bytes) -> Any:
        if path.endswith(b"/sub"):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", sick)
    answer = parting.of_paths([bytes(photos)], 0.9)
    assert [["a.jpg"], ["b.jpg"]] == names(answer)
    assert {"sub": "The folder cannot be read: input/output error."} == {
        each.name: each.reason for each in answer.refused if each.name != "broken.jpg"
    }


def test_who_waits_for_a_worker_too_long_is_told(
    parting: Partitioning, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be tried again."""
    monkeypatch.setattr(work, "LONGEST_READ_SECONDS", -1)
    with pytest.raises(UnreadableImage, match=r"a\.jpg: Every worker was busy for too long\."):
        parting.of_paths([bytes(photos / "a.jpg")], 0.9)


def test_one_at_a_time(parting: Partitioning, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes while pictures are being parted is told to ask again; afterwards it works."""
    told: list[Unavailable] = []

    def interrupting(entries: Any) -> Any:
        with pytest.raises(Unavailable) as caught:
            parting.of_paths([bytes(photos)], 0.9)
        told.append(caught.value)
        return read(entries)

    read = parting._read
    monkeypatch.setattr(parting, "_read", interrupting)
    assert 2 == len(parting.of_paths([bytes(photos)], 0.9).groups)
    assert 1 == len(told)
