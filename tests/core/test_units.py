"""Which files belong to a picture, by name and by time, and which of them leave with it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.actions.model import Companion
from simd.core.actions.words import CompanionRole
from simd.core.moments import Clock, Moment
from simd.core.stamp import Stamp
from simd.core.units import (
    LONGEST_LIVE,
    RAW_EXTENSIONS,
    SIDECAR_EXTENSIONS,
    VIDEO_EXTENSIONS,
    Belonging,
    Telling,
    agreeing,
    belongings,
    counterparts,
    leaving,
)
from simd.imaging import SUPPORTED_EXTENSIONS

RAW, VIDEO, SIDECAR = CompanionRole.RAW, CompanionRole.VIDEO, CompanionRole.SIDECAR
NOON = Moment(datetime(2024, 5, 1, 12), Clock.WALL)  # noqa: DTZ001 - a moment has no zone
LATER = Moment(NOON.at + timedelta(hours=1, minutes=7), Clock.WALL)


def found(*names: bytes) -> list[Belonging]:
    """What belongs to whom among these names."""
    return belongings(names, SUPPORTED_EXTENSIONS)


def owners(*names: bytes) -> dict[bytes, set[bytes]]:
    """The owners of each companion among these names."""
    return {each.name: set(each.owners) for each in found(*names)}


@pytest.mark.parametrize(
    ("picture", "companion", "role"),
    [
        (b"IMG_1.JPG", b"IMG_1.CR2", RAW),
        (b"IMG_1.JPG", b"img_1.dng", RAW),
        (b"IMG_1.HEIC", b"IMG_1.MOV", VIDEO),
        (b"IMG_1.jpg", b"IMG_1.mp4", VIDEO),
        (b"IMG_E1234.HEIC", b"IMG_E1234.MOV", VIDEO),
        (b"IMG_1.JPG", b"IMG_1.xmp", SIDECAR),
        (b"IMG_1.JPG", b"IMG_1.jpg.xmp", SIDECAR),
        (b"IMG_1.JPG", b"img_1.AAE", SIDECAR),
        (b"IMG_1234.HEIC", b"IMG_O1234.AAE", SIDECAR),
        (b"a.b.jpg", b"a.b.xmp", SIDECAR),
        (b"IMG_1.jpg", b"IMG_1.json", SIDECAR),
        (b"IMG_1.jpg", b"IMG_1.jpg.json", SIDECAR),
        (b"IMG_1(1).jpg", b"IMG_1.jpg(1).json", SIDECAR),
        (b"IMG_1.JPG", b"IMG_1.jpg.supplemental-meta.json", SIDECAR),
        (b"IMG_1-edited.jpg", b"IMG_1.jpg.json", SIDECAR),
        (b"\xff" * 50 + b".jpg", b"\xff" * 46 + b".json", SIDECAR),
    ],
)
def test_a_companion_is_known_by_its_name(picture: bytes, companion: bytes, role: CompanionRole) -> None:
    """In whatever case; the picture alone owns it, and other pictures do not."""
    names = [b"other.jpg", picture, companion, b"notes.txt"]
    assert [Belonging(companion, role, (picture,))] == found(*names)


@pytest.mark.parametrize(
    "name",
    [
        b"IMG_1 (1).CR2",
        b"IMG_1 (1).xmp",
        b"IMG_1(1).jpg.json",
        b"IMG_1.jpg(1).json",
        b"IMG_10.CR2",
        b"IMG_1.psd",
        b"IMG_1.png.xmp",
        b"IMG_1.CR2.xmp",
        b"IMG_1.jpg.metadata.json",
        b"IMG_1-edited.mov",
        b"IMG_1",
        b"IMG_1.",
        b".xmp",
        b"metadata.json",
        b"xmp",
    ],
)
def test_other_names_belong_to_no_picture(name: bytes) -> None:
    """A variant of a name is another name; a sidecar of what is not there is nobody's."""
    assert [] == found(b"IMG_1.jpg", b"IMG_E1.jpg", name)


def test_edits_belong_to_the_original() -> None:
    """``IMG_1234.AAE`` holds what was done to ``IMG_1234``; ``IMG_E1234`` is the outcome of it."""
    names = [b"IMG_1234.HEIC", b"IMG_E1234.HEIC", b"IMG_1234.AAE", b"IMG_1234.MOV", b"IMG_E1234.MOV"]
    expected = {
        b"IMG_1234.MOV": {b"IMG_1234.HEIC"},
        b"IMG_E1234.MOV": {b"IMG_E1234.HEIC"},
        b"IMG_1234.AAE": {b"IMG_1234.HEIC"},
    }
    assert expected == owners(*names)
    assert {} == owners(b"IMG_E1234.HEIC", b"IMG_1234.AAE")


def test_pictures_of_one_stem_share_their_companions() -> None:
    """But not a sidecar that names one of them whole."""
    names = [b"a.HEIC", b"a.jpg", b"A.mov", b"a.xmp", b"a.jpg.xmp"]
    both = {b"a.HEIC", b"a.jpg"}
    assert {b"A.mov": both, b"a.xmp": both, b"a.jpg.xmp": {b"a.jpg"}} == owners(*names)


def test_an_edited_copy_shares_the_file_of_google() -> None:
    """It has none of its own; the one with a number belongs to the copy with that number."""
    names = [b"a.jpg", b"a-edited.jpg", b"a(1).jpg", b"a.jpg.json", b"a.jpg(1).json"]
    assert {b"a.jpg.json": {b"a.jpg", b"a-edited.jpg"}, b"a.jpg(1).json": {b"a(1).jpg"}} == owners(*names)


def test_a_sidecar_tells_what_else_it_describes() -> None:
    """The sidecar of a raw file is part of the unit; one that has the stem alone may be about all of it."""
    xmp = {each.name: each for each in found(b"a.jpg", b"a.CR2", b"a.mov", b"a.CR2.xmp", b"a.xmp")}
    assert Belonging(b"a.CR2.xmp", SIDECAR, (b"a.jpg",), (b"a.CR2",)) == xmp[b"a.CR2.xmp"]
    assert Belonging(b"a.xmp", SIDECAR, (b"a.jpg",), (b"a.CR2", b"a.mov")) == xmp[b"a.xmp"]


def test_no_picture_is_a_raw_file() -> None:
    """So raw files stand in no group, and a raw file beside its JPEG is no duplicate of it."""
    assert SUPPORTED_EXTENSIONS.isdisjoint(RAW_EXTENSIONS | VIDEO_EXTENSIONS | SIDECAR_EXTENSIONS)


def test_another_time_makes_a_stranger() -> None:
    """The raw file of another shot stays, and so does whatever may describe it; the rest is untouched."""
    everything = found(b"a.jpg", b"a.CR2", b"a.mov", b"a.CR2.xmp", b"a.xmp", b"a.jpg.xmp")
    times = {b"a.jpg": NOON}

    kept = agreeing(everything, times, {b"a.CR2": Telling(LATER), b"a.mov": Telling(NOON)})

    assert [b"a.mov", b"a.jpg.xmp"] == [each.name for each in kept]


@pytest.mark.parametrize(
    ("taken", "telling", "fits"),
    [
        (NOON, Telling(NOON), True),
        (NOON, Telling(LATER), False),
        (NOON, Telling(None), True),
        (None, Telling(LATER), True),
        (NOON, Telling(NOON, LONGEST_LIVE), True),
        (NOON, Telling(NOON, LONGEST_LIVE + 0.1), False),
        (None, Telling(None, 90 * 60), False),
    ],
)
def test_times_must_agree_where_there_are_two(taken: Moment | None, telling: Telling, *, fits: bool) -> None:
    """A time that is missing agrees with every other; a film is no Live Photo, whenever it was made."""
    times = {} if taken is None else {b"a.jpg": taken}
    assert fits is bool(agreeing(found(b"a.jpg", b"a.mov"), times, {b"a.mov": telling}))


def test_only_the_owners_whose_time_agrees_are_left() -> None:
    """A picture without a time remains one."""
    both = found(b"a.heic", b"a.jpg", b"a.png", b"a.cr2")
    [kept] = agreeing(both, {b"a.heic": NOON, b"a.jpg": LATER}, {b"a.cr2": Telling(NOON)})
    assert (b"a.heic", b"a.png") == kept.owners


def test_what_is_shared_leaves_with_the_last_owner() -> None:
    """And a sidecar with the last of all that it describes."""
    shared = found(b"a.heic", b"a.jpg", b"a.cr2", b"a.xmp", b"a.cr2.xmp", b"a.jpg.json")

    def gone(*pictures: bytes) -> list[bytes]:
        return [each.name for each in leaving(shared, pictures)]

    assert [] == gone()
    assert [b"a.jpg.json"] == gone(b"a.jpg")
    assert [b"a.cr2", b"a.cr2.xmp", b"a.jpg.json", b"a.xmp"] == gone(b"a.jpg", b"a.heic")
    assert [] == leaving([each for each in shared if each.role is SIDECAR][:1], [b"a.heic", b"a.jpg"])


stems = st.sampled_from(["a", "A", "a(1)", "a-edited", "IMG_O1", "IMG_1", "IMG_E1", "b" * 50])
endings = st.sampled_from(
    [
        ".jpg",
        ".HEIC",
        ".cr2",
        ".mov",
        ".xmp",
        ".aae",
        ".json",
        ".jpg.json",
        ".jpg(1).json",
        ".cr2.xmp",
        ".txt",
    ]
)
names = st.builds(lambda stem, ending: (stem + ending).encode(), stems, endings)


@given(folder=st.sets(names), data=st.data())
def test_nothing_leaves_that_anything_staying_needs(folder: set[bytes], data: st.DataObject) -> None:
    """Whatever lies in a folder and whichever pictures leave, and the more leave, the more go with them."""
    everything = found(*sorted(folder))
    pictures = sorted(name for name in folder if name.lower().endswith((b".jpg", b".heic")))
    some = set(data.draw(st.lists(st.sampled_from(pictures)))) if pictures else set()

    gone = {each.name for each in leaving(everything, some)}

    known = {each.name for each in everything}
    # A sidecar may be about a raw file besides that belongs to no picture, and stays with it.
    all_gone = {each.name for each in everything if known.issuperset(each.describes)}
    assert all_gone == {each.name for each in leaving(everything, pictures)}
    for each in everything:
        needed_by = {*each.owners, *each.describes}
        assert (each.name in gone) is (needed_by <= some | gone)
        assert set(each.owners) <= set(pictures)
        assert set(pictures).isdisjoint(each.describes)


def companion(path: bytes, size: int, role: CompanionRole = SIDECAR) -> Companion:
    """A companion at a path."""
    return Companion(path, role, Stamp(size, 1, 2, 3))


def test_a_counterpart_has_the_same_role_ending_and_size() -> None:
    """Whatever it is called, in whatever case; another size is another file."""
    mine = [companion(b"/a/1.CR2", 9, RAW), companion(b"/a/1.xmp", 5), companion(b"/a/1.json", 5)]
    theirs = [companion(b"/b/x.cr2", 9, RAW), companion(b"/b/x.xmp", 6), companion(b"/b/x.aae", 5)]
    assert {b"/a/1.CR2": theirs[0]} == counterparts(mine, theirs)


def test_counterparts_are_paired_in_the_order_of_their_names() -> None:
    """Each with one other, so that the one beside the keeper stands for no more than one."""
    mine = [companion(b"/a/1.xmp", 5), companion(b"/a/1.cr2.xmp", 5), companion(b"/a/1.jpg.xmp", 5)]
    theirs = [companion(b"/b/x.jpg.xmp", 5), companion(b"/b/x.cr2.xmp", 5)]
    assert {b"/a/1.cr2.xmp": theirs[1], b"/a/1.jpg.xmp": theirs[0]} == counterparts(mine, theirs)
