"""How groups are laid out as cards, and the links to their files."""

from dataclasses import replace
from urllib.parse import unquote_to_bytes, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from simd.core.answers import Image
from simd.core.display import display_path, path_b64
from simd.render.report.cards import breakable, view_cards
from simd.render.report.links import file_url
from tests.render.report.samples import card, group, keeper, member


@given(st.lists(st.integers(1, 5), max_size=30))
def test_two_small_cards_of_a_kind_share_a_row(tiles: list[int]) -> None:
    """Order is kept, halves come in pairs of equal size, and no pair that could be is missed."""
    cards = [
        card(group(keeper(10 * place, "/a"), *(member(10 * place + more, "/b") for more in range(1, size))))
        for place, size in enumerate(tiles, 1)
    ]
    views = list(view_cards(cards, {}))
    assert [f"group-{one.group.id}" for one in cards] == [view.anchor for view in views]
    place = 0
    while place < len(views):
        two = tiles[place : place + 2]
        expected = two in ([1, 1], [2, 2])
        assert expected == ("half" in views[place].shape)
        if expected:
            assert "half" in views[place + 1].shape
        place += 1 + expected


@given(
    st.lists(st.binary(min_size=1).filter(lambda part: b"/" not in part and b"\0" not in part), min_size=1)
)
def test_a_link_leads_to_the_very_bytes_of_the_path(parts: list[bytes]) -> None:
    """What the browser decodes is the path; the URL has no host and is plain ASCII."""
    path = b"/" + b"/".join(parts)
    url = file_url(display_path(path), path_b64(path)) or ""
    split = urlsplit(url)
    assert ("file", "", "", "") == (split.scheme, split.netloc, split.query, split.fragment)
    assert path == unquote_to_bytes(split.path)
    assert url.isascii()


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=60))
def test_a_breakable_name_is_the_name(name: str) -> None:
    """Chances to break a line are all that is added."""
    assert name == breakable(name).replace("<wbr>", "").unescape()


def _reason(*ages: str) -> str:
    """Why the first of equal copies with these dates is kept."""
    images = [keeper(1, f"/p/{age}.jpg").image for age in ages]
    members = [
        keeper(1, f"/p/{place}.jpg", image=_aged(one, age), reason="same bytes" if place else "keeper")
        for place, (one, age) in enumerate(zip(images, ages, strict=True))
    ]
    (view,) = view_cards([card(group(*members))], {})
    return view.tiles[0].because


def _aged(image: Image, age: str) -> Image:
    return replace(image, files=[replace(image.files[0], mtime=age)])


def test_of_equal_copies_the_oldest_is_called_so() -> None:
    """Only where the dates say so; copies with one date are just equal."""
    young, old = "2024-05-06T07:08:09+02:00", "2024-05-06T07:08:08+02:00"
    assert "the oldest copy" == _reason(old, young)
    assert "equal copies" == _reason(young, young)
    assert "equal copies" == _reason(young, old)


def test_folders_are_named_from_their_root_on() -> None:
    """A file beside its root, or without one, has its whole folder."""
    inside, beside = keeper(1, "/home/a/Camera/2019/x.jpg"), keeper(1, "/home/b/x.jpg")
    (view,) = view_cards([card(group(inside, beside))], {})
    assert ["Camera/2019", "/home/b"] == [line.folder for line in view.tiles[0].files]
