"""Which folders can be watched together."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.config import load
from simd.core.errors import ConfigError
from simd.core.protection import lies_within

NAMES = st.lists(st.sampled_from([b"a", b"b", b"ab"]), max_size=4)


def refused(*roots: Path | bytes, state_dir: Path | None = None) -> str:
    """What is said against these roots."""
    with pytest.raises(ConfigError) as caught:
        load(None, {"roots": list(roots), "state_dir": state_dir}, {})
    return caught.value.message


@given(NAMES, NAMES)
def test_lying_within_is_by_whole_names(path: list[bytes], folder: list[bytes]) -> None:
    """A path lies within a folder when the names of the folder begin the names of the path."""
    expected = path[: len(folder)] == folder
    assert expected == lies_within(b"/" + b"/".join(path), b"/" + b"/".join(folder))


def test_nested_roots(tmp_path: Path) -> None:
    """A root inside another is refused in either order, and names that merely begin alike are not."""
    outer, inner, beside = tmp_path / "a", tmp_path / "a/b", tmp_path / "ab"
    assert f"--root: roots[1]: {inner} lies in {outer}, which is watched too" in refused(outer, inner)
    assert f"--root: roots[0]: {inner} lies in {outer}, which is watched too" in refused(inner, beside, outer)
    assert 2 == len(load(None, {"roots": [outer, beside]}, {}).roots)


def test_links_are_followed_first(tmp_path: Path) -> None:
    """Two names of one folder are one root, and a link into a root lies in it; a link alone is resolved."""
    real, link = tmp_path / "real", tmp_path / "link"
    (real / "below").mkdir(parents=True)
    link.symlink_to(real)
    assert f"{real} is given twice" in refused(real, link)
    assert f"{real}/below lies in {real}" in refused(link / "below", real)
    assert (os.fsencode(real),) == load(None, {"roots": [link]}, {}).roots


def test_roots_and_the_state_folder(tmp_path: Path) -> None:
    """The files of simd cannot be a root, under any name; but a home folder that holds them can."""
    state = tmp_path / "home/.local/state/simd"
    state.mkdir(parents=True)
    (tmp_path / "link").symlink_to(state)
    assert f"{state}/thumbs lies in the state folder {state}" in refused(state / "thumbs", state_dir=state)
    assert "lies in the state folder" in refused(tmp_path / "link", state_dir=state)
    assert "lies in the state folder" in refused(state, state_dir=tmp_path / "link")
    home = tmp_path / "home"
    assert (os.fsencode(home),) == load(None, {"roots": [home], "state_dir": state}, {}).roots


def test_root_that_is_a_file(tmp_path: Path) -> None:
    """A picture is not a folder."""
    (tmp_path / "p.jpg").touch()
    assert "p.jpg is not a folder (name a folder)" in refused(tmp_path / "p.jpg")


def test_names_that_are_not_text(tmp_path: Path) -> None:
    """A root that is not UTF-8 keeps its bytes and is shown with escapes."""
    root = os.fsencode(tmp_path) + b"/caf\xe9"
    assert (root,) == load(None, {"roots": [root]}, {}).roots
    assert r"/caf\xe9 is given twice" in refused(root, root + b"/.")
