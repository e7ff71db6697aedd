"""Companions as they are found on the disk: by name, by time, and none that somebody else still needs."""

import errno
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simd.core.actions.model import Companion
from simd.core.actions.words import CompanionRole
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.imaging import SUPPORTED_EXTENSIONS
from simd.work.units import Units
from tests.imaging import shots

NOON = "2024-05-01T12:00:00"
EXIF_NOON, EXIF_EVENING = "2024:05:01 12:00:00", "2024:05:01 18:22:33"
IN_UTC = datetime(2024, 5, 1, 10, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty watched folder."""
    path = tmp_path / "photos"
    path.mkdir()
    return path


@pytest.fixture
def units(folder: Path) -> Units:
    """Whatever belongs to pictures in the folder, but for what a person has excluded."""
    skip = SkipRules(frozenset(), ("private.*", "/skipped/*"))
    return Units(skip, SUPPORTED_EXTENSIONS, lambda: [os.fsencode(folder)])


def lay(folder: Path, *names: str, **contents: bytes) -> None:
    """Lay files down: empty-handed ones, and some with content, ``__`` standing for the dot."""
    for name, content in {**dict.fromkeys(names, b"x"), **contents}.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def at(folder: Path, name: str, taken_at: str | None = None) -> tuple[bytes, str | None]:
    """A picture that is asked about."""
    return os.fsencode(folder / name), taken_at


def shown(found: Mapping[bytes, Sequence[Companion]]) -> dict[str, list[str]]:
    """The names alone."""
    return {
        os.path.basename(os.fsdecode(path)): [os.path.basename(os.fsdecode(each.path)) for each in companions]  # noqa: PTH119 - as short as the paths are bytes
        for path, companions in found.items()
    }


def test_a_companion_comes_with_its_path_role_and_stamp(folder: Path, units: Units) -> None:
    """As the disk has them at that moment."""
    lay(folder, "a.jpg", "a.xmp", a__cr2=shots.tiff(EXIF_NOON))
    expected = [
        Companion(os.fsencode(folder / name), role, Stamp.of((folder / name).lstat()))
        for name, role in (("a.cr2", CompanionRole.RAW), ("a.xmp", CompanionRole.SIDECAR))
    ]
    picture = at(folder, "a.jpg", NOON)
    assert {picture[0]: expected} == units.companions_of([picture]).companions


def test_what_belongs_to_a_picture_that_stays_is_left_out(folder: Path, units: Units) -> None:
    """Where both leave it stands once, under the first; beside each of them it is found in any case."""
    lay(folder, "a.heic", "a.jpg", "a.mov", "a.jpg.xmp", "sub/a.jpg", "sub/a.mov")
    heic, jpeg, below = (at(folder, name) for name in ("a.heic", "a.jpg", "sub/a.jpg"))

    assert {"a.jpg": ["a.jpg.xmp"]} == shown(units.companions_of([jpeg]).companions)
    assert {} == shown(units.companions_of([heic]).companions)
    assert {"a.jpg": ["a.mov", "a.jpg.xmp"]} == shown(units.companions_of([jpeg, heic]).companions)
    assert {"a.heic": ["a.mov"], "a.jpg": ["a.jpg.xmp"]} == shown(
        units.companions_of([heic, jpeg]).companions
    )
    assert {"a.heic": ["a.mov"], "a.jpg": ["a.mov", "a.jpg.xmp"]} == shown(units.beside([heic, jpeg]))
    assert [os.fsencode(folder / "sub" / "a.mov")] == [each.path for each in units.beside([below])[below[0]]]


def test_another_capture_time_keeps_a_file_in_its_place(folder: Path, units: Units) -> None:
    """The raw file of another shot, with a sidecar that may be about it; without a time names decide."""
    lay(folder, "a.jpg", "a.jpg.json", "a.aae")
    lay(folder, a__cr2=shots.tiff(EXIF_EVENING), a__mov=shots.movie(IN_UTC), a__raf=shots.raf(EXIF_NOON))

    at_noon = units.companions_of([at(folder, "a.jpg", NOON)])
    assert ["a.mov", "a.raf", "a.jpg.json"] == shown(at_noon.companions)["a.jpg"]
    everything = ["a.cr2", "a.mov", "a.raf", "a.aae", "a.jpg.json"]
    assert everything == shown(units.companions_of([at(folder, "a.jpg")]).companions)["a.jpg"]


def test_a_film_with_a_poster_is_no_live_photo(folder: Path, units: Units) -> None:
    """Although nobody knows when the poster was made."""
    lay(folder, "film.jpg", film__mov=shots.movie(seconds=5_400))
    assert {} == shown(units.companions_of([at(folder, "film.jpg")]).companions)


def test_what_is_no_regular_file_or_skipped_is_no_companion(folder: Path, units: Units) -> None:
    """A sidecar of it stays as well; a picture that is skipped owns its companions all the same."""
    lay(folder, "a.jpg", "a.xmp", "private.jpg", "private.cr2", "private.heic", "b.jpg", "private.json")
    lay(folder, "skipped/c.jpg", "skipped/c.xmp", ".d.xmp")
    (folder / "a.cr2").symlink_to(folder / "b.jpg")
    (folder / "a.mov").mkdir()
    pictures = [at(folder, name) for name in ("a.jpg", "private.jpg", "private.heic", "skipped/c.jpg")]
    assert {} == shown(units.companions_of(pictures).companions)


def test_a_skipped_picture_keeps_what_belongs_to_it(folder: Path) -> None:
    """It is left where it is, and so is the raw file that it shares."""
    lay(folder, "a.jpg", "a.png", "a.cr2")
    units = Units(SkipRules(frozenset(), ("*.png",)), SUPPORTED_EXTENSIONS, lambda: [os.fsencode(folder)])
    assert {} == shown(units.companions_of([at(folder, "a.jpg")]).companions)


def test_nobody_knows_what_belongs_to_a_picture_in_a_folder_that_is_gone(folder: Path, units: Units) -> None:
    """The folder is told, and others are there; a file in the place of a folder is one like that."""
    lay(folder, "a.jpg", "a.xmp")
    pictures = [at(folder, "gone/a.jpg"), at(folder, "a.jpg"), at(folder, "a.jpg/b.jpg")]
    assert {"a.jpg": ["a.xmp"]} == shown(units.companions_of(pictures).companions)
    unseen = {os.fsencode(folder / name) + b"/" for name in ("gone", "a.jpg")}
    assert unseen == set(units.companions_of(pictures).unseen)
    assert {"a.jpg": ["a.xmp"]} == shown(units.beside(pictures))


def test_nobody_knows_what_belongs_to_a_picture_beside_files_that_cannot_be_looked_at(
    folder: Path, units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that fails: the folder is told, and nothing in it is taken for all there is."""
    lay(folder, "a.jpg", "a.xmp", "sub/b.jpg", "sub/b.xmp")
    real = os.lstat

    def failing(path: bytes) -> os.stat_result:
        if path.endswith(b"a.xmp"):
            raise OSError(errno.EIO, "Input/output error")
        return real(path)

    monkeypatch.setattr(os, "lstat", failing)
    pictures = [at(folder, "a.jpg"), at(folder, "sub/b.jpg")]
    found = units.companions_of(pictures)
    assert ({"b.jpg": ["b.xmp"]}, {os.fsencode(folder) + b"/"}) == (shown(found.companions), found.unseen)
    assert {"b.jpg": ["b.xmp"]} == shown(units.beside(pictures))


def test_names_need_not_be_text(folder: Path, units: Units) -> None:
    """A file name is any bytes."""
    for name in (b"caf\xe9.jpg", b"CAF\xe9.XMP", b"caf\xc9.xmp"):
        (folder / os.fsdecode(name)).touch()
    path = os.fsencode(folder) + b"/caf\xe9.jpg"
    assert [b"CAF\xe9.XMP"] == [os.path.basename(each.path) for each in units.beside([(path, NOON)])[path]]  # noqa: PTH119 - bytes


def test_nothing_is_opened_whose_name_does_not_fit(
    folder: Path, units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing without a time to compare with either, but for a video, and no edits, which tell none."""
    lay(folder, "a.jpg", "a.cr2", "a.mov", "a.aae", "b.jpg", "b.cr2", "c.xmp")
    opened: list[str] = []
    real = os.open

    def noting(path: bytes, flags: int) -> int:
        opened.append(os.fsdecode(path)[-5:])
        return real(path, flags)

    monkeypatch.setattr(os, "open", noting)

    units.companions_of([at(folder, "a.jpg")])
    assert ["a.mov"] == opened
    units.companions_of([at(folder, "a.jpg", NOON)])
    assert ["a.mov", "a.cr2", "a.mov"] == opened
