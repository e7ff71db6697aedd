"""What was encoded is read back, and what has another shape is refused with its place."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.decoding import decode
from simd.core.encoding import encode


class Colour(StrEnum):
    """An enumeration of texts."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A value of plain parts."""

    name: str
    colour: Colour
    path_b64: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A value of values."""

    height: int
    top: Leaf | None
    leaves: Sequence[Leaf]
    words: Sequence[str]


leaves = st.builds(Leaf, name=st.text(), colour=st.sampled_from(Colour), path_b64=st.none() | st.text())
trees = st.builds(
    Tree,
    st.integers(),
    st.none() | leaves,
    st.lists(leaves),
    st.lists(st.text()),
)


@given(tree=trees)
def test_what_was_encoded_comes_back(tree: Tree) -> None:
    """For every value, through its text."""
    assert tree == decode(Tree, json.loads(encode(tree)))


def test_unknown_keys_are_passed_over() -> None:
    """A later version may say more."""
    found = decode(Leaf, {"name": "a", "colour": "red", "age": 3})
    assert Leaf(name="a", colour=Colour.RED) == found


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "Tree is no object"),
        ({"height": 1, "top": None, "leaves": []}, "Tree has no words"),
        ({"height": "1", "top": None, "leaves": [], "words": []}, "Tree.height is no int"),
        ({"height": True, "top": None, "leaves": [], "words": []}, "Tree.height is no int"),
        ({"height": None, "top": None, "leaves": [], "words": []}, "Tree.height is no int"),
        ({"height": 1, "top": None, "leaves": {}, "words": []}, "Tree.leaves is no sequence"),
        ({"height": 1, "top": None, "leaves": "ab", "words": []}, "Tree.leaves is no sequence"),
        ({"height": 1, "top": None, "leaves": [], "words": ["a", 2]}, r"Tree.words\[1\] is no str"),
        ({"height": 1, "top": {"name": "a"}, "leaves": [], "words": []}, "Tree.top has no colour"),
        ({"height": 1, "top": {"name": "a", "colour": "pink"}, "leaves": [], "words": []}, "pink"),
    ],
)
def test_another_shape_is_refused(value: object, words: str) -> None:
    """The error says where the value is not what it should be."""
    with pytest.raises(ValueError, match=words):
        decode(Tree, value)
