"""A path a line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.cull.lines import path_lines


def _read(line: bytes) -> bytes:
    """A line as its description says that it is to be read."""
    if line.startswith(b"/"):
        return line
    assert line.startswith(b"\\")
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), line[1:])


@given(st.lists(st.binary(max_size=12).map(lambda rest: b"/" + rest.replace(b"\0", b"\\x")), max_size=4))
def test_every_path_is_read_back(paths: list[bytes]) -> None:
    """Whatever its bytes, it is one line of UTF-8 for every program, and its own."""
    text = path_lines(paths)
    lines = text.decode().splitlines()
    assert len(paths) == len(lines)
    assert paths == [_read(line.encode()) for line in lines]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/p/a b\u00e4.jpg".encode(), "/p/a b\u00e4.jpg\n".encode()),
        (b"/p/a\\x41.jpg", b"/p/a\\x41.jpg\n"),
        (b"/p/a\nb\\.jpg", b"\\/p/a\\x0ab\\x5c.jpg\n"),
        (b"/p/\xff.jpg", b"\\/p/\\xff.jpg\n"),
        ("/p/a\u2028b.jpg".encode(), b"\\/p/a\\xe2\\x80\\xa8b.jpg\n"),
    ],
)
def test_only_what_must_be_is_escaped(path: bytes, line: bytes) -> None:
    """An ordinary path stands there as it is."""
    assert line == path_lines([path])
