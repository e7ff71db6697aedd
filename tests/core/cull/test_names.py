"""Names that hold a path."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simd.core.cull.names import LONGEST, name_for, path_of

COMPONENT = st.binary(min_size=1, max_size=60).map(lambda name: name.replace(b"/", b"-").replace(b"\0", b"-"))
TEXT = st.text(min_size=1, max_size=60).map(lambda name: name.encode("utf-8", "replace"))
PATHS = st.lists(
    COMPONENT | TEXT.map(lambda name: name.replace(b"/", b"+").replace(b"\0", b"%")), max_size=8
).map(lambda parts: b"/" + b"/".join(parts))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"/home/ann/My Pictures/a.jpg", b"0 home+ann+My Pictures+a.jpg"),
        ("/h/\u00e4\u65e5\u672c.jpg".encode(), "0 h+\u00e4\u65e5\u672c.jpg".encode()),
        (b"/h/1+1=2 100%.jpg", b"0 h+1%2B1=2 100%25.jpg"),
        (b"/h/\xff\n.jpg", b"0 h+%FF%0A.jpg"),
        (b'/h/a:b*"c".', b"0 h+a%3Ab%2A%22c%22%2E"),
        ("/h/\u202egpj.exe".encode(), b"0 h+%E2%80%AEgpj.exe"),
    ],
)
def test_what_a_person_reads(path: bytes, name: bytes) -> None:
    """Letters of any script stay; what filesystems, terminals or eyes trip over is escaped."""
    assert name == name_for(path, "0")
    assert path == path_of(name)


def test_remarks_stand_in_front() -> None:
    """The number sorts the keeper first, and the path is found behind whatever is said."""
    name = name_for(b"/p/a.jpg", "00", ("keep", "protected"))
    assert b"00-keep-protected p+a.jpg" == name
    assert b"/p/a.jpg" == path_of(name)


@given(PATHS, st.integers(64, LONGEST))
@example(b"/", 64)
@example(b"/" + b"%" * 300, 255)
def test_every_path_has_a_name_that_gives_it_back(path: bytes, limit: int) -> None:
    """It fits, is one component of UTF-8, and is the path's own or says that it is not."""
    name = name_for(path, "3", ("keep",), limit=limit)
    assert len(name) <= limit
    assert not {b"/", b"\0", b"\n"} & {bytes([byte]) for byte in name}
    assert name.decode().isprintable()
    whole = name_for(path, "3", ("keep",), limit=1_000_000)
    assert path == path_of(whole)
    assert (path if len(whole) <= limit else None) == path_of(name)


def test_a_long_path_is_cut_in_the_middle() -> None:
    """Its beginning, its own hash and the end of the file's name with the extension stay."""
    long = [
        b"/home/ann/" + b"\xc3\xa4" * 150 + b"/" + b"%d" % number * 120 + b"-last.jpeg" for number in (1, 2)
    ]
    names = [name_for(path, "1") for path in long]
    for name in names:
        assert name.startswith(b"1 home+ann+\xc3\xa4")
        assert name.endswith(b"-last.jpeg")
        assert 250 < len(name) <= LONGEST
        assert path_of(name) is None
        assert name.decode().count("%~") == 1
    assert names[0].split(b"~")[1] != names[1].split(b"~")[1]


@pytest.mark.parametrize("name", [b"a.jpg", b"x 1.jpg", b"0 100%.jpg", b"0 %2.jpg", b"", b"IMG 1.jpg"])
def test_other_names_hold_no_path(name: bytes) -> None:
    """What a person named is not taken for an escaped path."""
    assert path_of(name) is None
