"""Settling against a model that keeps every pending file in a plain dictionary."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.settling import Settling, Verdict
from simd.core.stamp import Stamp

QUIET = 2
CAP = 10
NAMES = st.sampled_from([b"/a", b"/b", b"/c"])
STAMPS = st.sampled_from([Stamp(size, 0, 0, 1) for size in (1, 2)])
ACTIONS = st.one_of(
    st.tuples(st.just("touch"), NAMES, STAMPS),
    st.tuples(st.just("forget"), NAMES),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("look"), st.dictionaries(NAMES, STAMPS)),
    st.tuples(st.just("wait"), st.integers(1, 4)),
)


def stamp(size: int = 1, *, changed: float = 0.0) -> Stamp:
    """A stamp of a file last changed at ``changed`` seconds of the wall clock."""
    nanoseconds = int(changed * 1_000_000_000)
    return Stamp(size, nanoseconds, nanoseconds, 7)


@dataclass
class Pending:
    """What the model remembers of a file."""

    first: int
    last: int
    stamp: Stamp


class Model:
    """The rule, word by word, without a heap."""

    def __init__(self) -> None:
        self.files: dict[bytes, Pending] = {}

    def touch(self, path: bytes, found: Stamp, now: int) -> None:
        """A sign of change restarts the quiet clock, and starts the cap once."""
        first = self.files[path].first if path in self.files else now
        self.files[path] = Pending(first, now, found)

    def rename(self, source: bytes, target: bytes) -> None:
        """The older cap counts."""
        moved = self.files.pop(source, None)
        if moved is not None:
            if target in self.files:
                moved.first = min(moved.first, self.files[target].first)
            self.files[target] = moved

    def ready(self, path: bytes) -> int:
        """When a file is worth a look."""
        return min(self.files[path].last + QUIET, self.files[path].first + CAP)

    def due(self, now: int) -> set[bytes]:
        """All files that are worth a look."""
        return {path for path in self.files if self.ready(path) <= now}

    def confirm(self, path: bytes, found: Stamp | None, now: int) -> Verdict:
        """Quiet and equal, or over the cap."""
        file = self.files[path]
        if found is None:
            del self.files[path]
            return Verdict.GONE
        if (found == file.stamp and now - file.last >= QUIET) or now - file.first >= CAP:
            del self.files[path]
            return Verdict.SETTLED
        if found != file.stamp:
            file.last, file.stamp = now, found
        return Verdict.CHANGING


@given(st.lists(ACTIONS, max_size=60))
def test_every_history_gives_what_the_rule_says(actions: list[tuple[Any, ...]]) -> None:
    """Whatever happens in whatever order, the heap and the plain rule agree."""
    settling, model, now = Settling(QUIET, CAP), Model(), 0
    for kind, *details in actions:
        if kind == "touch":
            settling.touch(details[0], details[1], now)
            model.touch(details[0], details[1], now)
        elif kind == "forget":
            settling.forget(*details)
            model.files.pop(details[0], None)
        elif kind == "rename":
            settling.rename(*details)
            model.rename(*details)
        elif kind == "wait":
            now += details[0]
        else:
            due = settling.due(now)
            assert model.due(now) == set(due)
            assert len(set(due)) == len(due)
            for path in due:
                found = details[0].get(path)
                assert model.confirm(path, found, now) is settling.confirm(path, found, now)
        assert len(model.files) == len(settling)
        assert min((model.ready(path) for path in model.files), default=None) == settling.next_due()


def test_a_resting_file_settles_exactly_one_quiet_time_after_its_last_write() -> None:
    """The stamp taken at the last event is the first of the two, so no further wait is added."""
    settling = Settling(2.0, 60.0)
    for moment in (100.0, 100.7, 101.3):
        settling.touch(b"/a", stamp(int(moment * 10)), moment)
    assert settling.next_due() == pytest.approx(103.3)
    assert [] == settling.due(103.2)
    assert [b"/a"] == settling.due(103.3)
    assert Verdict.SETTLED is settling.confirm(b"/a", stamp(1013), 103.3)
    assert len(settling) == 0


def test_a_file_that_grows_without_events_is_not_settled() -> None:
    """Two stamps must be equal; a writer that causes no event is still seen."""
    settling = Settling(2.0, 60.0)
    settling.touch(b"/a", stamp(1), 0.0)
    assert [b"/a"] == settling.due(2.0)
    assert Verdict.CHANGING is settling.confirm(b"/a", stamp(2), 2.0)
    assert [] == settling.due(3.9)
    assert [b"/a"] == settling.due(4.0)
    assert Verdict.SETTLED is settling.confirm(b"/a", stamp(2), 4.0)


def test_a_file_that_never_rests_is_tried_once_for_every_cap() -> None:
    """Written every half second for 200 s, a file is tried three times at a cap of 60 s."""
    settling, tried = Settling(2.0, 60.0), []
    for tick in range(400):
        now = tick / 2
        settling.touch(b"/a", stamp(tick), now)
        verdicts = [settling.confirm(path, stamp(tick), now) for path in settling.due(now)]
        tried += [now] * verdicts.count(Verdict.SETTLED)
    assert [60.0, 120.5, 181.0] == tried


def test_without_a_stamp_the_first_look_takes_it() -> None:
    """A touch that could not stat costs one more quiet time, never a wrong verdict."""
    settling = Settling(2.0, 60.0)
    settling.touch(b"/a", None, 0.0)
    assert [b"/a"] == settling.due(2.0)
    assert Verdict.CHANGING is settling.confirm(b"/a", stamp(), 2.0)
    assert [b"/a"] == settling.due(4.0)
    assert Verdict.SETTLED is settling.confirm(b"/a", stamp(), 4.0)


def test_a_vanished_or_forgotten_file_is_gone() -> None:
    """Confirming what is no longer there, or no longer pending, ends it."""
    settling = Settling(2.0, 60.0)
    settling.touch(b"/a", stamp(), 0.0)
    assert Verdict.GONE is settling.confirm(b"/a", None, 2.0)
    assert Verdict.GONE is settling.confirm(b"/a", stamp(), 2.0)
    assert settling.next_due() is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (1_000.0, Verdict.SETTLED),
        (1_997.9, Verdict.SETTLED),
        (1_998.1, Verdict.CHANGING),
        (9_000.0, Verdict.CHANGING),
    ],
)
def test_a_swept_file_is_settled_at_once_when_it_is_old(changed: float, expected: Verdict) -> None:
    """At 2,000 s and with 2 s of quiet, only what rested that long needs no second look."""
    settling = Settling(2.0, 60.0)
    assert expected is settling.found(b"/a", stamp(changed=changed), now=5.0, wall=2_000.0)
    assert (expected is Verdict.CHANGING) == (b"/a" in settling)


def test_a_modification_time_in_the_future_delays_by_one_quiet_time_only() -> None:
    """A camera with a wrong clock does not keep its pictures out of the catalogue."""
    settling = Settling(2.0, 60.0)
    settling.found(b"/a", stamp(changed=9e9), now=5.0, wall=2_000.0)
    assert [b"/a"] == settling.due(7.0)
    assert Verdict.SETTLED is settling.confirm(b"/a", stamp(changed=9e9), 7.0)


def test_a_sweep_that_finds_a_pending_file_unchanged_does_not_delay_it() -> None:
    """Sweeping again and again must not push the settling of a file further away."""
    settling = Settling(2.0, 60.0)
    settling.touch(b"/a", stamp(), 0.0)
    settling.found(b"/a", stamp(), now=1.9, wall=1.0)
    assert [b"/a"] == settling.due(2.0)


def test_a_storm_of_touches_keeps_one_item_for_each_file() -> None:
    """The heap does not grow with the number of events."""
    settling = Settling(2.0, 60.0)
    for tick in range(10_000):
        settling.touch(b"/%d" % (tick % 10), stamp(tick), tick / 1_000)
    assert len(settling._heap) == len(settling) == 10


def test_other_times_hold_for_what_is_pending_as_well() -> None:
    """A shorter one need not wait for the moment that the longer one had set, and a longer one is kept."""
    settling = Settling(60.0, 600.0)
    settling.touch(b"a", stamp(), 0.0)
    settling.follow(2.0, 60.0)
    assert 2.0 == settling.next_due()
    assert [b"a"] == settling.due(2.0)
    assert Verdict.SETTLED is settling.confirm(b"a", stamp(), 2.0)
    settling.touch(b"b", stamp(), 10.0)
    settling.follow(5.0, 60.0)
    assert [] == settling.due(12.0)
    assert [b"b"] == settling.due(15.0)
