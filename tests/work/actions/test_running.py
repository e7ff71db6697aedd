"""A run, batch by batch: how much is looked at in one go, and when what was done is noted."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import StepState
from simd.core.errors import Unavailable
from simd.core.hints import Settled
from simd.core.stamp import Stamp
from simd.runtime.broadcast import Broadcast
from simd.work.actions import batching, running, telling
from simd.work.actions.running import NOTED_EVERY, Acted, Runner
from tests.work.actions.library import Library
from tests.work.actions.test_mishaps import failing

COPIES = 6


@pytest.mark.parametrize(("most", "seconds"), [(COPIES + 1, NOTED_EVERY * 0.3), (4, 0.0)])
def test_outcomes_are_noted_every_few_seconds(
    library: Library, monkeypatch: pytest.MonkeyPatch, most: int, seconds: float
) -> None:
    """Or when there are many; together, since their folders are synced before; the rest at the end."""
    monkeypatch.setattr(batching, "AT_ONCE", 1)
    monkeypatch.setattr(running, "NOTED_AT_ONCE", most)
    for number in range(COPIES + 1):
        library.add(f"{number}.jpg", b"A" * 1_000)
    act, note, noted = Runner._act, Runner._note_outcomes, []

    def slowly(*given: object) -> object:
        library.clock.advance(seconds)
        return act(*given)  # type: ignore[arg-type]

    def noting(self: Runner, verb: object, acted: Acted) -> None:
        noted.append(len(acted))
        note(self, verb, acted)  # type: ignore[arg-type]

    monkeypatch.setattr(Runner, "_act", slowly)
    monkeypatch.setattr(Runner, "_note_outcomes", noting)
    plan = int(library.actions.plan(PlanRequest()).id)
    assert COPIES == library.actions.apply(plan, dry_run=False).done
    assert [4, 2] == noted


def test_what_cannot_be_done_is_noted_in_time_as_well(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many fail, few are in memory at a time."""
    monkeypatch.setattr(batching, "AT_ONCE", 1)
    monkeypatch.setattr(running, "NOTED_AT_ONCE", 2)
    monkeypatch.setattr("simd.work.actions.deeds.move", failing(*range(COPIES + 1)))
    for number in range(COPIES + 1):
        library.add(f"{number}.jpg", b"A" * 1_000)
    note, noted = Runner._note_outcomes, []

    def noting(self: Runner, verb: object, acted: Acted) -> None:
        noted.append(len(acted))
        note(self, verb, acted)  # type: ignore[arg-type]

    monkeypatch.setattr(Runner, "_note_outcomes", noting)
    plan = int(library.actions.plan(PlanRequest()).id)
    assert COPIES == library.actions.apply(plan, dry_run=False).refused
    assert [2, 2, 2, 0] == noted


def test_a_run_ends_between_two_batches(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """When simd stops: what was done by then is noted as done, the rest is left to do."""
    monkeypatch.setattr(batching, "AT_ONCE", 1)
    for number in range(COPIES + 1):
        library.add(f"{number}.jpg", b"A" * 1_000)
    act, begun = Runner._act, iter(range(COPIES))

    def closing(*given: object) -> object:
        if next(begun) == 2:
            Thread(target=library.actions.close, daemon=True).start()
            library.actions._closed.wait()
        return act(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Runner, "_act", closing)
    plan = int(library.actions.plan(PlanRequest()).id)
    with pytest.raises(Unavailable, match="stopping"):
        library.actions.apply(plan, dry_run=False)
    assert {StepState.DONE: 3, StepState.PLANNED: 3} == library.journal.plan(plan).counts


def test_cycles_are_looked_for_between_batches_and_not_before_outcomes_are_noted(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end all that was made for it is gone, through which Python would go in vain."""
    monkeypatch.setattr(batching, "AT_ONCE", 1)
    for number in range(4):
        library.add(f"{number}.jpg", b"A" * 1_000)
    note, told = Runner._note_outcomes, []

    @contextmanager
    def telling() -> Iterator[Callable[[], None]]:
        yield lambda: told.append("between")
        told.append("end")

    def noting(self: Runner, verb: object, acted: Acted) -> None:
        told.append("noted")
        note(self, verb, acted)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "seldom_collecting", telling)
    monkeypatch.setattr(Runner, "_note_outcomes", noting)
    plan = int(library.actions.plan(PlanRequest()).id)
    for dry_run, expected in ((True, ["between"] * 3), (False, [*["between"] * 3, "noted"])):
        told.clear()
        library.actions.apply(plan, dry_run=dry_run)
        assert [*expected, "end"] == told


def test_what_is_put_back_is_told_as_it_was_seen(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was looked at when it had its name again, and is not looked at once more."""
    image = library.add("a.jpg", b"A" * 1_000)
    library.add("sub/a.jpg", b"A" * 1_000)
    plan = int(library.actions.plan(PlanRequest()).id)
    library.actions.apply(plan, dry_run=False)
    library.mailbox.take(0)
    looked: list[bytes] = []
    monkeypatch.setattr(telling, "stamp_of", looked.append)
    library.actions.undo(ActionName(plan))
    path = library.path("sub/a.jpg")
    assert ([Settled(path, Stamp.of(os.lstat(path)), image)], []) == (library.mailbox.take(0)[0], looked)


def test_progress_is_told_before_and_after_each_batch(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many were done and left alone, of how many; in a dry run as well."""
    monkeypatch.setattr(batching, "AT_ONCE", 1)
    for number in range(4):
        library.add(f"{number}.jpg", b"A" * 1_000)
    plan = int(library.actions.plan(PlanRequest()).id)
    (library.folder / "2.jpg").write_bytes(b"edited")
    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(Broadcast, "tell", lambda _, kind, **what: told.append((kind, *what.values())))
    expected = [("action", str(plan), "apply", 3, *far) for far in ((0, 0), (1, 0), (1, 1), (2, 1))]
    for dry_run in (True, False):
        told.clear()
        library.actions.apply(plan, dry_run=dry_run)
        assert expected == told
