"""How Google Takeout calls the JSON file beside a picture, by names that were seen in exports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.takeout import MOST_CHARACTERS, cut_names, described_names

SUPPLEMENT = ".supplemental-metadata"


def called_by_google(stem: str, number: str, ending: str, supplement: str) -> str:
    """The name of the JSON file without ``.json``, for a picture ``STEM(NUMBER)ENDING``."""
    return (stem + ending + supplement)[:MOST_CHARACTERS] + number


@pytest.mark.parametrize(
    ("inner", "picture"),
    [
        ("img_1234.jpg", "img_1234.jpg"),
        ("img_1234.jpg(1)", "img_1234(1).jpg"),
        ("img_1234.jpg.supplemental-metadata", "img_1234.jpg"),
        ("img_1234.jpg.supplemental-metadata(12)", "img_1234(12).jpg"),
        ("screenshot_2017-07-05-10-05-26.png.supplementa", "screenshot_2017-07-05-10-05-26.png"),
        ("d7157814-d2d5-4a62-afce-9cf465cb7d66.jpeg.supp", "d7157814-d2d5-4a62-afce-9cf465cb7d66.jpeg"),
        ("img_1234.jpg.", "img_1234.jpg"),
        ("img_1234.jpg", "img_1234-edited.jpg"),
        ("img_1234.jpg.supplemental-metadata(1)", "img_1234-edited(1).jpg"),
    ],
)
def test_a_file_tells_its_picture_by_its_name(inner: str, picture: str) -> None:
    """Old names and new ones, cut or numbered, and edited pictures, which have no file of their own."""
    assert picture.encode() in set(described_names(inner.encode()))


@pytest.mark.parametrize("inner", ["", ".", "metadata", "img_1234", "(1)", ".jpg(1)"])
def test_a_name_without_an_ending_describes_nothing(inner: str) -> None:
    """Such as that of an album's file, or what is left of no name at all."""
    assert [] == list(described_names(inner.encode()))


@pytest.mark.parametrize(
    ("picture", "inner"),
    [
        ("urlaub in knaufspesch in der schneifel (38).jpg", "urlaub in knaufspesch in der schneifel (38).jp"),
        (
            "screenshot_20220207_102421_com.snapchat.android.jpg",
            "screenshot_20220207_102421_com.snapchat.androi",
        ),
        (
            "screenshot_20220207_102421_com.snapchat.android(3).jpg",
            "screenshot_20220207_102421_com.snapchat.androi(3)",
        ),
        ("é" * 60 + ".jpg", "é" * MOST_CHARACTERS),
    ],
)
def test_a_long_name_is_cut_in_characters(picture: str, inner: str) -> None:
    """A number may be the person's own, and is cut with the rest, or Google's, and stands behind the cut."""
    assert inner.encode() in set(cut_names(picture.encode()))


def test_names_of_up_to_46_characters_are_not_cut() -> None:
    """Accents are one character, and bytes that are no UTF-8 one each."""
    assert [] == list(cut_names(("é" * 42 + ".jpg").encode()))
    assert [b"\xff" * MOST_CHARACTERS] == list(cut_names(b"\xff" * 60 + b".jpg"))


@given(
    stem=st.text(st.sampled_from("abé_-1 "), min_size=1, max_size=60),
    number=st.sampled_from(["", "(1)", "(23)"]),
    supplement=st.sampled_from(["", SUPPLEMENT]),
)
def test_every_picture_is_found_by_the_name_that_google_gives(
    stem: str, number: str, supplement: str
) -> None:
    """However long its own name is."""
    picture = f"{stem}{number}.jpg".encode()
    inner = called_by_google(stem, number, ".jpg", supplement).encode()
    assert picture in {inner, *described_names(inner)} or inner in set(cut_names(picture))
