"""When files were shot that are not decoded: a time, or none, and never more than that."""

import os
import struct
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.moments import Clock, Moment
from simd.core.units import Telling
from simd.imaging.shottime import tell
from simd.imaging.shottime.peek import BLOCK, MOST_BYTES, MOST_PIECES, Beyond, Peek
from simd.imaging.shottime.sidecar import read_takeout, read_xmp
from tests.imaging import shots

NOON = datetime(2024, 5, 1, 12, 0, 7)  # noqa: DTZ001 - a moment has no zone
EXIF_NOON = "2024:05:01 12:00:07"
WALL = Telling(Moment(NOON, Clock.WALL))
TEN_IN_UTC = Moment(NOON.replace(hour=10), Clock.UTC)

SAMPLES = {
    "cr2": shots.tiff(EXIF_NOON),
    "nef": shots.tiff(EXIF_NOON, order=">"),
    "dng": shots.tiff(EXIF_NOON, deep=False),
    "rw2": shots.tiff(EXIF_NOON, sign=b"IIU\0"),
    "orf": shots.tiff(EXIF_NOON, sign=b"IIRO"),
    "raf": shots.raf(EXIF_NOON),
    "cr3": shots.cr3(EXIF_NOON),
    "mov": shots.movie(NOON.replace(tzinfo=UTC), named="2024-05-01T12:00:07+0200"),
    "mp4": shots.movie(NOON.replace(tzinfo=UTC)),
    "xmp": shots.xmp(exif__DateTimeOriginal="2024-05-01T12:00:07"),
    "json": shots.takeout(NOON),
}


def told(folder: Path, name: str, content: bytes) -> Telling:
    """What is told of a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return tell(os.fsencode(path))


@pytest.mark.parametrize("name", ["a.cr2", "a.NEF", "a.dng", "a.rw2", "a.orf", "a.raf", "a.cr3", "a.xmp"])
def test_raw_files_and_xmp_tell_the_time_of_the_camera(tmp_path: Path, name: str) -> None:
    """Whatever they are made of: TIFF of both byte orders, its relatives, a JPEG within, boxes, XML."""
    assert WALL == told(tmp_path, name, SAMPLES[name[2:].lower()])


def test_an_offset_beside_the_time_makes_it_one_of_utc(tmp_path: Path) -> None:
    """As new cameras write it; an offset that is none leaves the time without zone."""
    assert Telling(TEN_IN_UTC) == told(tmp_path, "a.arw", shots.tiff(EXIF_NOON, "+02:00"))
    assert WALL == told(tmp_path, "a.arw", shots.tiff(EXIF_NOON, "+99:00"))


@pytest.mark.parametrize("version", [0, 1])
def test_the_header_of_a_movie_tells_a_time_of_either_clock_and_how_long_it_lasts(
    tmp_path: Path, version: int
) -> None:
    """By both versions of the header, behind the pictures."""
    made = shots.movie(NOON.replace(tzinfo=UTC), seconds=2.5, version=version)
    assert Telling(Moment(NOON, Clock.EITHER), 2.5) == told(tmp_path, "a.mov", made)


@pytest.mark.parametrize("iso", [False, True])
def test_apples_creation_date_comes_before_the_header(tmp_path: Path, *, iso: bool) -> None:
    """Its zone is known; QuickTime and MP4 lay the metadata out differently."""
    made = shots.movie(NOON.replace(tzinfo=UTC), named="2024-05-01T12:00:07+0200", iso=iso)
    assert Telling(TEN_IN_UTC, 3.0) == told(tmp_path, "a.mov", made)


@pytest.mark.parametrize(
    "made",
    [
        shots.movie(NOON.replace(tzinfo=UTC), named="2020-01-01T00:00:00Z", key=b"com.android.version"),
        shots.movie(NOON.replace(tzinfo=UTC), named="2020-01-01T00:00:00Z", kind=21),
        shots.movie(NOON.replace(tzinfo=UTC), named="yesterday"),
        shots.movie(NOON.replace(tzinfo=UTC), named="2020-01-01T00:00:00Z").replace(b"keys", b"free"),
        shots.movie(NOON.replace(tzinfo=UTC), named="2020-01-01T00:00:00Z").replace(b"data", b"free"),
    ],
    ids=["another key", "a number", "no date", "no keys", "no value"],
)
def test_without_a_creation_date_the_header_counts(tmp_path: Path, made: bytes) -> None:
    """Other phones keep other things in the same place."""
    assert Telling(Moment(NOON, Clock.EITHER), 3.0) == told(tmp_path, "a.mov", made)


def test_a_movie_without_a_clock_tells_no_time(tmp_path: Path) -> None:
    """Zero is left by writers who know none, and years before 1970 are of another epoch."""
    assert Telling(None, 3.0) == told(tmp_path, "a.mov", shots.movie())
    assert Telling(None, None) == told(
        tmp_path, "a.mov", shots.movie(datetime(1958, 1, 1, tzinfo=UTC), seconds=0)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            shots.xmp(xmp__CreateDate="2020-01-01T00:00:00", exif__DateTimeOriginal="2024-05-01T12:00:07"),
            NOON,
        ),
        (
            shots.xmp(xmp__CreateDate="2020-01-01T00:00:00", photoshop__DateCreated="2024-05-01T12:00:07.25"),
            NOON,
        ),
        (shots.xmp(xmp__CreateDate="2024-05-01T12:00:07"), NOON),
        (b"<exif:DateTimeOriginal>2024-05-01T12:00:07</exif:DateTimeOriginal>", NOON),
        (b"<rdf:x exif:DateTimeOriginal = '2024:05:01 12:00:07.000'", NOON),
        (shots.xmp(xmp__ModifyDate="2024-05-01T12:00:07"), None),
        (shots.xmp(exif__DateTimeOriginal="2024-05-01"), None),
        (shots.xmp(exif__DateTimeOriginal="2024-13-41T12:00:07"), None),
        (b"", None),
    ],
)
def test_xmp_says_when_its_picture_was_taken(text: bytes, expected: datetime | None) -> None:
    """As attribute or element, as Adobe or darktable writes it; the time of taking before that of making."""
    assert (None if expected is None else Moment(expected, Clock.WALL)) == read_xmp(text)


def test_a_zone_in_xmp_is_heeded() -> None:
    """So that it is compared as closely as can be."""
    assert TEN_IN_UTC == read_xmp(shots.xmp(exif__DateTimeOriginal="2024-05-01T12:00:07+02:00"))


def test_takeout_says_when_its_picture_was_taken(tmp_path: Path) -> None:
    """In seconds of UTC; JSON that says nothing of the kind tells no time, and is no error."""
    assert Telling(Moment(NOON, Clock.UTC)) == told(tmp_path, "a.json", SAMPLES["json"])
    for other in (b"[]", b"{}", b'{"photoTakenTime": []}', b'{"photoTakenTime": {"timestamp": true}}'):
        assert read_takeout(other) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"[" * 200_000),
        ("a.json", b'{"photoTakenTime": {"timestamp": "9%s"}}' % (b"9" * 30)),
        ("a.json", b'{"photoTakenTime": {"timestamp": "%s"}}' % (b"9" * 9_000)),
        ("a.json", b"\xff\xfe\x00"),
        ("a.xmp", b'<!DOCTYPE x [<!ENTITY a "&b;&b;">]>' * 5_000),
        ("a.xmp", b"exif:DateTimeOriginal" + b" " * 250_000),
        ("a.cr2", b"II*\0" + struct.pack("<I", 8) + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) * 2),
        ("a.cr2", b"II*\0\xff\xff\xff\xff"),
        ("a.cr2", shots.tiff("0000:00:00 00:00:00")),
        ("a.raf", b"FUJIFILMCCD-RAW".ljust(88, b"\xff")),
        ("a.mov", shots.box(b"free", b"") * 40_000),
        ("a.mov", shots.box(b"moov", b"") + b"\0" * 7),
        ("a.mov", shots.box(b"moov", shots.box(b"mvhd", b"\1"))),
        ("a.mov", struct.pack(">I4sQ", 1, b"ftyp", 1 << 63)),
        ("a.mov", shots.box(b"moov", b"\0\0\0\4" + shots.movie_header())),
        ("a.mov", shots.box(b"moov", shots.movie_header()[:9]) + shots.movie_header()[9:]),
        ("a.aae", SAMPLES["xmp"]),
        ("a.mov", b""),
        ("a.cr2", b"short"),
    ],
)
def test_nonsense_tells_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    """Bombs, loops, offsets into nowhere, and what is cut off."""
    assert Telling() == told(tmp_path, name, content)


@given(
    ending=st.sampled_from(sorted(SAMPLES)),
    garbage=st.binary(max_size=64),
    place=st.integers(0, 700),
    length=st.integers(0, 800),
)
def test_any_bytes_tell_a_time_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, ending: str, garbage: bytes, place: int, length: int
) -> None:
    """Good files with bytes overwritten anywhere and cut off anywhere, and mere garbage, raise nothing."""
    folder = tmp_path_factory.getbasetemp()
    good = SAMPLES[ending]
    for content in (garbage, (good[:place] + garbage + good[place + len(garbage) :])[:length]):
        assert isinstance(told(folder, f"fuzz.{ending}", content), Telling)


def test_no_more_than_the_bounds_is_read() -> None:
    """Neither many bytes nor many pieces; whoever asks for more is told so."""
    asked: list[int] = []

    def part(_offset: int, length: int) -> bytes:
        asked.append(length)
        return bytes(length)

    many, large, near_the_end = Peek(part, 1 << 40), Peek(part, 1 << 40), Peek(part, 9)
    for _ in range(MOST_PIECES):
        many.at(0, 1)
    assert MOST_BYTES == len(large.head())
    assert bytes(9) == near_the_end.at(0, 9)
    for peek, offset in ((many, 0), (large, MOST_BYTES), (near_the_end, 6), (near_the_end, -1)):
        with pytest.raises(Beyond):
            peek.at(offset, 4)
    assert [BLOCK, MOST_BYTES, 9] == asked


def test_a_huge_file_takes_no_memory(tmp_path: Path) -> None:
    """A directory at its end is found; one that promises billions of entries is not read."""
    path = tmp_path / "huge.nef"
    with path.open("wb") as file:
        file.write(b"II*\0" + struct.pack("<I", 3_000_000_000))
        file.seek(3_000_000_000)
        file.write(
            struct.pack("<HHHII", 1, 0x9003, 2, 0xFFFF_FFFF, 3_000_000_014) + EXIF_NOON.encode() + bytes(20)
        )
    tracemalloc.start()
    assert WALL == tell(os.fsencode(path))
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe would never end, a link leads elsewhere, and what is gone is no error."""
    target = tmp_path / "a.cr2"
    target.write_bytes(SAMPLES["cr2"])
    (tmp_path / "link.cr2").symlink_to(target)
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "folder.mov").mkdir()
    for name in ("link.cr2", "pipe.mov", "folder.mov", "gone.mov"):
        assert Telling() == tell(os.fsencode(tmp_path / name))
