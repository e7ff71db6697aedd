"""How a duplicate differs from the picture that is kept, in few words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.answers import Image
from simd.core.report.differences import differences

KEEPER = Image(
    id=1,
    digest="sha256:00",
    width=4_000,
    height=3_000,
    format="PNG",
    bytes=1_000_000,
    phash="0" * 16,
    phash256="0" * 64,
    low_detail=False,
    taken_at="2019-05-04T03:02:01",
    camera="Canon EOS 5D",
    files=(),
)


def other(**changes: object) -> Image:
    """A duplicate of the keeper with these things changed."""
    return replace(KEEPER, id=2, digest="sha256:01", **changes)  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"width": 2_000, "height": 1_500}, ("half as wide",)),
        ({"width": 1_333, "height": 1_000}, ("a third as wide",)),
        ({"width": 1_000, "height": 750}, ("a quarter as wide",)),
        ({"width": 3_000, "height": 2_250}, ("three quarters as wide",)),
        ({"width": 2_667, "height": 2_000}, ("two thirds as wide",)),
        ({"width": 8_000, "height": 6_000}, ("twice as wide",)),
        ({"width": 1_920, "height": 1_440}, ("52 % narrower",)),
        ({"width": 4_400, "height": 3_300}, ("10 % wider",)),
        ({"width": 3_996, "height": 2_997}, ("4 pixels narrower",)),
        ({"width": 10, "height": 8}, ("99 % narrower",)),
        ({"width": 4_000, "height": 2_250}, ("other proportions",)),
        ({"width": 2_000, "height": 1_510}, ("half as wide",)),
        ({"width": 2_000, "height": 1_520}, ("other proportions",)),
        ({"width": 40, "height": 31}, ("99 % narrower",)),
        ({"width": 3_000, "height": 4_000}, ("on its side",)),
        ({"width": 1_500, "height": 2_000}, ("on its side", "half as wide")),
        ({"format": "JPEG"}, ("JPEG instead of PNG",)),
        ({"bytes": 380_000}, ("62 % fewer bytes",)),
        ({"bytes": 1_180_000}, ("18 % more bytes",)),
        ({"bytes": 3_100_000}, ("3.1 times the bytes",)),
        ({"bytes": 999_000}, ("1,000 fewer bytes",)),
        ({"bytes": 1_000_001}, ("1 more bytes",)),
        ({"bytes": 1}, ("99 % fewer bytes",)),
        ({"taken_at": None}, ("no date taken",)),
        ({"taken_at": "2020-01-01T00:00:00"}, ("another date taken",)),
        ({"camera": None}, ("no camera named",)),
        ({"camera": "Nikon D70"}, ("another camera",)),
    ],
)
def test_each_difference_has_a_phrase(changes: dict[str, object], expected: tuple[str, ...]) -> None:
    """Size, format, bytes, date and camera, told of the duplicate."""
    assert expected == differences(KEEPER, other(**changes), ())


def test_what_the_keeper_lacks_is_told_as_well() -> None:
    """A duplicate may know more than the picture that is kept."""
    keeper = replace(KEEPER, taken_at=None, camera=None)
    assert ("a date taken", "a camera named") == differences(keeper, other(), ())


def test_several_differences_come_in_one_order() -> None:
    """Shape, file, origin, and then what the comparison found."""
    member = other(width=2_000, height=1_500, format="JPEG", bytes=100_000, taken_at=None, camera=None)
    assert (
        "half as wide",
        "JPEG instead of PNG",
        "90 % fewer bytes",
        "no date taken",
        "no camera named",
        "recoloured",
        "edited",
    ) == differences(KEEPER, member, ("recoloured", "edited"))


def test_equal_bytes_differ_in_nothing() -> None:
    """Where they lie is told elsewhere."""
    assert () == differences(KEEPER, replace(KEEPER, files=()), ())


@given(
    st.integers(1, 10**5),
    st.integers(1, 10**5),
    st.integers(1, 10**12),
    st.integers(1, 10**5),
    st.integers(1, 10**5),
)
def test_any_sizes_can_be_told(width: int, height: int, length: int, kept: int, kept_height: int) -> None:
    """Something is said of a duplicate exactly when its size or its bytes are others; no phrase is empty."""
    keeper = replace(KEEPER, width=kept, height=kept_height)
    found = differences(keeper, other(width=width, height=height, bytes=length), ())
    assert ((width, height, length) == (kept, kept_height, KEEPER.bytes)) == (found == ())
    assert all(phrase == phrase.strip() and len(phrase) > 4 for phrase in found)


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        ((True, True), ()),
        ((False, False), ()),
        ((True, False), ("no colour",)),
        ((False, True), ("in colour",)),
    ],
)
def test_a_grey_copy_is_told_from_a_coloured_one(
    colours: tuple[bool, bool], expected: tuple[str, ...]
) -> None:
    """Colour that only one of the two has is the first thing to be said."""
    assert expected == differences(KEEPER, other(), (), colours)
