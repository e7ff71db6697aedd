"""Paths as text lose nothing: either the text is the path, or Base64 beside it is."""

from base64 import b64decode

from hypothesis import given
from hypothesis import strategies as st

from simd.core.display import display_path, path_b64


def test_text_is_shown_as_it_is() -> None:
    """A name in UTF-8 needs nothing beside it."""
    assert ("/photos/Größe 🌄.jpg", None) == (
        display_path("/photos/Größe 🌄.jpg".encode()),
        path_b64("/photos/Größe 🌄.jpg".encode()),
    )


def test_other_bytes_are_escaped() -> None:
    """A name in another encoding is readable, and its bytes travel beside it."""
    assert ("/photos/caf\\xe9.jpg", "L3Bob3Rvcy9jYWbpLmpwZw==") == (
        display_path(b"/photos/caf\xe9.jpg"),
        path_b64(b"/photos/caf\xe9.jpg"),
    )


@given(st.binary())
def test_path_comes_back_from_what_is_sent(path: bytes) -> None:
    """For any bytes, what is sent gives the path back, and the text is proper Unicode."""
    text, base64 = display_path(path), path_b64(path)

    assert path == (text.encode("utf-8") if base64 is None else b64decode(base64, validate=True))
    assert text == text.encode("utf-8").decode("utf-8")
