"""All that is known of one image, and the pages of problems."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from simd.core.actions.words import CompanionRole
from simd.core.answers import FileCompanion
from simd.core.errors import BadRequest
from simd.core.model import ProblemCode
from simd.core.skipping import SkipRules
from simd.imaging import SUPPORTED_EXTENSIONS
from simd.work.portrait import Portraits
from simd.work.units import Units
from tests.imaging import shots
from tests.work.samples import ROOT, enrol, fill, picture, signature, stamp


def portraits_of(catalogue: Catalogue) -> Portraits:
    """Portraits from a catalogue, with no folder watched by anybody."""
    return Portraits(catalogue, Units(SkipRules(frozenset()), SUPPORTED_EXTENSIONS, list))


def test_each_file_is_shown_with_what_belongs_to_it(catalogue: Catalogue, tmp_path: Path) -> None:
    """As the disk has it, by name and capture time, also where another picture owns it besides."""
    for copy in ("one", "two", "gone"):
        (tmp_path / copy).mkdir()
    (tmp_path / "one" / "a.heic").touch()
    (tmp_path / "one" / "a.jpg").touch()
    (tmp_path / "one" / "a.cr2").write_bytes(shots.tiff("2024:05:01 12:00:00"))
    (tmp_path / "two" / "a.jpg").touch()
    (tmp_path / "two" / "a.cr2").write_bytes(shots.tiff("2024:05:01 12:07:00"))
    (tmp_path / "two" / os.fsdecode(b"a.jpg.xmp")).write_bytes(b"x")
    (tmp_path / "gone").rmdir()
    enrol(catalogue, os.fsencode(tmp_path))
    taken = replace(signature(picture(1), 1), taken_at="2024-05-01T12:00:00")
    paths = [os.fsencode(tmp_path / copy / "a.jpg") for copy in ("gone", "one", "two")]
    fill(catalogue, [(1, taken)], [(path, stamp(place), 1) for place, path in enumerate(paths)])

    shown = portraits_of(catalogue).image(1)

    raw = FileCompanion(
        path=os.fspath(tmp_path / "one" / "a.cr2"),
        role=CompanionRole.RAW,
        bytes=(tmp_path / "one" / "a.cr2").stat().st_size,
    )
    sidecar = FileCompanion(
        path=os.fspath(tmp_path / "two" / "a.jpg.xmp"), role=CompanionRole.SIDECAR, bytes=1
    )
    assert [[], [raw], [sidecar]] == [list(file.companions) for file in shown.files]
    assert shown == portraits_of(catalogue).image_at(paths[1])


def test_a_disk_that_is_away_is_not_asked(catalogue: Catalogue, tmp_path: Path) -> None:
    """Its files are shown without companions, for it may take for ever to answer."""
    (tmp_path / "a.xmp").touch()
    (tmp_path / "a.jpg").touch()
    root = enrol(catalogue, os.fsencode(tmp_path))
    path = os.fsencode(tmp_path / "a.jpg")
    fill(catalogue, [(1, signature(picture(1), 1))], [(path, stamp(1), 1)])
    assert [1] == [len(file.companions) for file in portraits_of(catalogue).image(1).files]

    catalogue.write(lambda to: to.set_root_online(root.id, online=False)).result()

    assert [0] == [len(file.companions) for file in portraits_of(catalogue).image(1).files]


def test_the_pages_of_problems_hold_every_bad_file_once(catalogue: Catalogue) -> None:
    """Whatever their size."""
    bad = [(ROOT + b"/%d.jpg" % n, stamp(n), ProblemCode.EMPTY, "It is empty.") for n in range(10)]
    catalogue.write(lambda to: to.put_problems(bad)).result()
    portraits = portraits_of(catalogue)

    pages = [portraits.problems(3, None)]
    while pages[-1].next_cursor is not None:
        pages.append(portraits.problems(3, pages[-1].next_cursor))

    assert [f"/photos/{n}.jpg" for n in range(10)] == [row.path for page in pages for row in page.problems]
    assert [3, 3, 3, 1] == [len(page.problems) for page in pages]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1-2", "٣", "9" * 30, "9" * 5_000])
def test_a_cursor_that_no_page_gave_is_refused(catalogue: Catalogue, cursor: str) -> None:
    """Before it reaches the catalogue."""
    with pytest.raises(BadRequest, match="no page at cursor"):
        portraits_of(catalogue).problems(3, cursor)
