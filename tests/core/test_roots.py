"""When a sweep is believed, as a table; and which directories cover others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.hints import outermost
from simd.core.roots import RootIdentity, guard

HERE = RootIdentity(1, 2)
ELSEWHERE = RootIdentity(1, 3)


@pytest.mark.parametrize(
    ("present", "rows", "files", "missing", "reason"),
    [
        (HERE, 1_000, 1_000, 0, None),
        (HERE, 0, 0, 0, None),
        (HERE, 0, 50, 0, None),
        (HERE, 1_000, 500, 500, None),
        (HERE, 1_000, 499, 501, "501 of 1,000 files vanished at once"),
        (HERE, 101, 50, 51, "51 of 101 files vanished at once"),
        (HERE, 100, 1, 99, None),
        (HERE, 1, 0, 1, "no picture was found in the folder, and the catalogue knows 1 file in it"),
        (
            HERE,
            1_000,
            0,
            1_000,
            "no picture was found in the folder, and the catalogue knows 1,000 files in it",
        ),
        (None, 0, 0, 0, "the folder is not there or cannot be reached"),
        (None, 1_000, 0, 1_000, "the folder is not there or cannot be reached"),
        (ELSEWHERE, 10, 5, 9, "another folder stands in its place; its disk may not be mounted"),
        (ELSEWHERE, 1_000, 900, 100, None),
        (ELSEWHERE, 0, 5, 0, None),
    ],
)
def test_guard(present: RootIdentity | None, rows: int, files: int, missing: int, reason: str | None) -> None:
    """Losing a disk is told apart from deleting pictures."""
    assert reason == guard(HERE, present, rows=rows, files=files, missing=missing)


PATHS = st.lists(st.sampled_from([b"a", b"b", b"a b", b"a-"]), min_size=1, max_size=4).map(
    lambda parts: b"/" + b"/".join(parts)
)


@given(st.lists(PATHS, max_size=12))
def test_outermost_covers_everything_with_nothing_inside_another(directories: list[bytes]) -> None:
    """A directory stays exactly when no other one is its ancestor."""
    expected = {one for one in directories if not any(one.startswith(other + b"/") for other in directories)}
    assert sorted(expected, key=lambda path: path + b"/") == outermost(directories)
