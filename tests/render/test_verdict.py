"""The first line of the status says what a person wants to know first."""

from typing import Any

import pytest

from simd.core.answers import DaemonState, GroupTotals, HoldView, Note, ProblemSummary, Progress, QueueStatus
from simd.core.holds import HoldReason
from simd.render.verdict import verdict
from tests.render import samples

QUIET = QueueStatus(settling=0, waiting=0, decoding=0)
BY_HAND = HoldView(reason=HoldReason.PERSON, since="2026-11-21T14:03:00+01:00", until=None)
PAUSED = "Nothing new is read: paused by hand since 2026-11-21 14:03. Questions are answered."


def _progress(phase: str, done: int, total: int | None, rate: float | None = None) -> dict[str, Any]:
    return {"progress": Progress(phase=phase, done=done, total=total, per_second=rate)}


def _no_groups() -> dict[str, Any]:
    return {"duplicates": GroupTotals(groups=0, images=0, files=0, reclaimable_bytes=0)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "All is well: 12,345 pictures in 1 folder."),
        (_no_groups(), "All is well: 12,345 pictures in 1 folder, no duplicates."),
        ({"queue": QueueStatus(settling=1, waiting=0, decoding=0)}, "Waiting for 1 file to come to rest."),
        (
            {"roots": ()},
            "Nothing to do: no folder is watched. Name one under `roots` in the configuration.",
        ),
        (_progress("decode", 1_200, 12_000, 45.0), "Reading: 1,200 of 12,000 (10 %), about 4 min left."),
        (
            _progress("decode", 11_990, 12_000, 45.0),
            "Reading: 11,990 of 12,000 (99 %), less than a minute left.",
        ),
        (_progress("decode", 0, 12_000), "Reading: 0 of 12,000 (0 %)."),
        (
            _progress("sweep", 7, None) | {"queue": QueueStatus(settling=0, waiting=30, decoding=4)},
            "Looking through the folders: 7 read, 34 to be read so far.",
        ),
        (_progress("confirm", 5, 10), "Comparing (confirm): 5 of 10 (50 %)."),
        (
            {"holds": (BY_HAND,), "queue": QueueStatus(settling=0, waiting=8, decoding=0)},
            f"{PAUSED} 8 files to be read meanwhile. To go on: simctl resume.",
        ),
        (
            {
                "problems": ProblemSummary(
                    count=0, notes=(Note(message="/nas is offline: gone", hint="mount"),)
                )
            }
            | _progress("decode", 1, 2),
            "Needs you: /nas is offline: gone.",
        ),
        ({"state": DaemonState.STOPPING}, "Stopping."),
    ],
)
def test_one_sentence(changes: dict[str, Any], expected: str) -> None:
    """Trouble goes before pauses, pauses before work, work before rest; a rate gives whole minutes."""
    assert expected == verdict(samples.status(**({"queue": QUIET} | changes)))[0]
