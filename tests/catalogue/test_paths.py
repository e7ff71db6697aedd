"""Cutting paths of bytes and putting them together again."""

from hypothesis import given
from hypothesis import strategies as st

from simd.catalogue.paths import below, join, locate, relative_to, split
from simd.core.model import Root

NAMES = st.binary(min_size=1, max_size=4).filter(lambda name: b"/" not in name and b"\0" not in name)
RELATIVE = st.lists(NAMES, max_size=4).map(b"/".join)
ABSOLUTE = RELATIVE.map(lambda path: b"/" + path)


def make_root(number: int, path: bytes) -> Root:
    """A root at a path."""
    return Root(number, path, device=1, inode=1, filesystem="ext4", online=True)


@given(directory=ABSOLUTE, name=NAMES)
def test_split_undoes_join(directory: bytes, name: bytes) -> None:
    """A directory and a name come back from their path, whatever their bytes, at the top too."""
    assert (directory, name) == split(join(directory, name))


@given(root=ABSOLUTE, relative=RELATIVE)
def test_relative_to_undoes_join(root: bytes, relative: bytes) -> None:
    """A relative path comes back from the absolute one."""
    assert relative == relative_to(root, join(root, relative))


def test_a_sibling_with_the_same_beginning_is_elsewhere() -> None:
    """``/photos2`` does not lie in ``/photos``."""
    assert relative_to(b"/photos", b"/photos2/a.jpg") is None


@given(directory=NAMES, other=RELATIVE)
def test_range_holds_exactly_what_is_below(directory: bytes, other: bytes) -> None:
    """The range of a directory agrees with a comparison of path components."""
    low, high = below(directory)
    components = other.split(b"/")
    is_below = len(components) > 1 and components[0] == directory
    assert is_below == (low <= other < high)


def test_the_innermost_root_wins() -> None:
    """A path under two roots belongs to the longer, in whichever order they stand."""
    outer, inner = make_root(1, b"/a"), make_root(2, b"/a/b")
    assert (inner, b"c") == locate([outer, inner], b"/a/b/c")
    assert (inner, b"c") == locate([inner, outer], b"/a/b/c")
    assert (outer, b"bc") == locate([inner, outer], b"/a/bc")
    assert locate([inner, outer], b"/x") is None
