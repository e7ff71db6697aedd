"""A run, batch by batch: how much is looked at in one go, and when what was done is noted."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import pytest

from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, PlanRequest, Step, Unit
from simd.core.actions.words import StepState
from simd.core.answers.likeness import MatchKind
from simd.core.errors import Unavailable
from simd.core.hints import Settled
from simd.core.stamp import Stamp
from simd.runtime.broadcast import Broadcast
from simd.work.actions import running, telling
from simd.work.actions.running import AT_ONCE, HEAVY_BYTES, NEAR_WEIGHT, NOTED_EVERY, Runner
from tests.work.actions.library import Library

COPIES = 6


def unit(number: int, kind: MatchKind = MatchKind.IDENTICAL, size: int = 1_000) -> Unit:
    """A picture that is alone."""
    known = Known(b"/photos/%d.jpg" % number, Stamp(size, 1, 1, number), b"d" * 32)
    return Unit(Step(ActionName(1, number), known, known, b"/photos", kind, "same bytes", size))


def lengths(portions: Sequence[Sequence[Unit]]) -> list[int]:
    """How many units each batch of these has; all units are in them, in order."""
    batches = list(running._batches(portions))
    assert [each for units in portions for each in units] == [each for batch in batches for each in batch]
    return [len(batch) for batch in batches]


def test_batches_are_smaller_where_much_is_read_or_looked_at() -> None:
    """A picture that only looks the same counts for several, a large file for its size."""
    small, large = AT_ONCE + 1, 50 * HEAVY_BYTES
    assert [AT_ONCE, 1] == lengths([[unit(number) for number in range(small)]])
    near = [unit(number, MatchKind.NEAR) for number in range(AT_ONCE // NEAR_WEIGHT + 3)]
    assert [AT_ONCE // NEAR_WEIGHT, 3] == lengths([near])
    heavy = [unit(number, size=large) for number in range(8)]
    assert [-(-AT_ONCE // 50), 2] == lengths([heavy])
    assert [2, 3] == lengths([[unit(1), unit(2)], [], [unit(3), unit(4), unit(5)]])


@pytest.mark.parametrize(("most", "seconds"), [(COPIES + 1, NOTED_EVERY * 0.3), (4, 0.0)])
def test_outcomes_are_noted_every_few_seconds(
    library: Library, monkeypatch: pytest.MonkeyPatch, most: int, seconds: float
) -> None:
    """Or when there are many; together, since their folders are synced before; the rest at the end."""
    monkeypatch.setattr(running, "AT_ONCE", 1)
    monkeypatch.setattr(running, "NOTED_AT_ONCE", most)
    for number in range(COPIES + 1):
        library.add(f"{number}.jpg", b"A" * 1_000)
    act, note, noted = Runner._act, Runner._note_outcomes, []

    def slowly(*given: object) -> object:
        library.clock.advance(seconds)
        return act(*given)  # type: ignore[arg-type]

    def noting(self: Runner, verb: object, acted: Sequence[Unit]) -> None:
        noted.append(len(acted))
        note(self, verb, acted)  # type: ignore[arg-type]

    monkeypatch.setattr(Runner, "_act", slowly)
    monkeypatch.setattr(Runner, "_note_outcomes", noting)
    plan = int(library.actions.plan(PlanRequest()).id)
    assert COPIES == library.actions.apply(plan, dry_run=False).done
    assert [4, 2] == noted


def test_a_run_ends_between_two_batches(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """When simd stops: what was done by then is noted as done, the rest is left to do."""
    monkeypatch.setattr(running, "AT_ONCE", 1)
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
    monkeypatch.setattr(running, "AT_ONCE", 1)
    for number in range(4):
        library.add(f"{number}.jpg", b"A" * 1_000)
    note, told = Runner._note_outcomes, []

    @contextmanager
    def telling() -> Iterator[Callable[[], None]]:
        yield lambda: told.append("between")
        told.append("end")

    def noting(self: Runner, verb: object, acted: Sequence[Unit]) -> None:
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
    monkeypatch.setattr(running, "AT_ONCE", 1)
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
