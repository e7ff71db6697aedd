"""What is protected keeps its place, and a group in which nothing else is left is not offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.protection import UNPROTECTED, Protection, clearance

parts = st.lists(st.sampled_from([b"a", b"b", b"ab", b"\xff"]), min_size=1, max_size=4)
paths = parts.map(lambda names: b"/" + b"/".join(names))


@pytest.mark.parametrize(
    ("path", "guardian"),
    [
        (b"/photos/kept", b"/photos/kept"),
        (b"/photos/kept/a.jpg", b"/photos/kept"),
        (b"/photos/kept/deep/er/a.jpg", b"/photos/kept"),
        (b"/photos/kept/deep/b.jpg", b"/photos/kept/deep/b.jpg"),
        (b"/photos/kept too/a.jpg", None),
        (b"/photos", None),
    ],
)
def test_a_protected_folder_covers_everything_below(path: bytes, guardian: bytes | None) -> None:
    """And not a folder whose name begins alike, nor what is around it; the nearest of several is named."""
    protection = Protection(frozenset({b"/photos/kept", b"/photos/kept/deep/b.jpg"}))
    assert guardian == protection.guardian(path)
    assert (guardian is not None) is protection.covers(path)


def test_the_root_of_the_filesystem_covers_all() -> None:
    """Every path lies below it."""
    assert b"/" == Protection(frozenset({b"/"})).guardian(b"/photos/a.jpg")


@given(path=paths, protected=st.frozensets(paths, max_size=4))
def test_it_is_as_comparing_with_every_protected_path(path: bytes, protected: frozenset[bytes]) -> None:
    """However many are protected."""
    covered = any(path == each or path.startswith(each + b"/") for each in protected)
    assert covered is Protection(protected).covers(path)


@given(others=st.lists(paths, min_size=1), protected=st.frozensets(paths, max_size=4))
def test_only_what_is_not_protected_may_go(others: list[bytes], protected: frozenset[bytes]) -> None:
    """In the order given, and there is an obstacle exactly where nothing may."""
    protection = Protection(protected)
    found = clearance(others, protection)
    assert [path for path in others if not protection.covers(path)] == list(found.may_go)
    assert (found.obstacle is None) is bool(found.may_go)


def test_without_protection_everything_may_go() -> None:
    """All files but the keeper."""
    assert (b"/a", b"/b") == clearance([b"/a", b"/b"], UNPROTECTED).may_go
    assert not UNPROTECTED
