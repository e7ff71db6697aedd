"""What has to be on the disk after a deed."""

import pytest

from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step
from simd.core.answers.likeness import MatchKind
from simd.core.stamp import Stamp
from simd.work.actions.deeds import folders_of

IN_QUARANTINE = b"/photos/.simd-quarantine/2026-01-15-plan-1/a.jpg"


def step(path: bytes, place: bytes | None) -> Step:
    """A file that went from a path to a place, or nowhere."""
    known = Known(path, Stamp(1, 2, 3, 4), b"d" * 32)
    return Step(ActionName(1, 1), known, known, b"/photos", MatchKind.IDENTICAL, "same bytes", 1, place=place)


@pytest.mark.parametrize(
    ("path", "place", "folders"),
    [
        (b"/photos/a.jpg", IN_QUARANTINE, {b"/photos", b"/photos/.simd-quarantine/2026-01-15-plan-1"}),
        (b"/photos/a.jpg", b"/trash/files/a.jpg", {b"/photos", b"/trash/files", b"/trash/info"}),
        (b"/photos/a.jpg", None, {b"/photos"}),
        (b"/a.jpg", None, {b"/"}),
    ],
    ids=["quarantine", "trash", "nowhere", "topmost"],
)
def test_folders_in_which_names_change_are_known(
    path: bytes, place: bytes | None, folders: set[bytes]
) -> None:
    """Where the file was, where it went, and where a trash notes that."""
    assert folders == folders_of([step(path, place)])
