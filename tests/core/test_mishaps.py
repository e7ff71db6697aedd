"""The reason of a sweep, in one word of few."""

import pytest

from simd.core.mishaps import OVERFLOW, REBUILT, label_of


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        (OVERFLOW, "overflow"),
        (f"{REBUILT}: it was silent", "rebuilt"),
        ("timed, put off until now", "clock"),
        ("folder moved", "folder"),
        ("whatever else a watcher says", "other"),
    ],
)
def test_label(reason: str, label: str) -> None:
    """What stands behind the known words does not matter, and unknown ones share a label."""
    assert label == label_of(reason)
