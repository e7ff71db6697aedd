"""A rematch ends at any moment and goes on, and gives way to whatever happens meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from threading import Event

import pytest

from simd.catalogue import Catalogue, Transaction
from simd.core.matching import MATCHING, Bookmark, Stage
from simd.core.measures import verified
from simd.core.model import Pair, Thumbs
from simd.runtime.broadcast import Broadcast, Subscription
from simd.runtime.clock import SystemClock
from simd.runtime.threads import NamedThread
from simd.work.rematch import comparing, confirming, pace
from simd.work.rematch.pace import Stopped
from simd.work.rematch.rematch import Rematch
from tests.fakes import FakeClock
from tests.work.rematch.libraries import (
    FOREVER,
    bookmark_in,
    every_candidate,
    every_pair,
    put,
    put_pairs,
    stored,
    stored_ids,
)
from tests.work.samples import RECIPE, ROOT, pair, picture, plain, signature

LIBRARY = [
    *(picture(base, flipped=flipped) for base in range(4) for flipped in (0, 0, 3, 9)),
    *(plain(level) for level in (100, 101, 101, 150)),
]
STALE = pair(1, 20)
SLICES = 555
"""A rematch of so few pictures asks about as often whether it is paused."""


class Asked:
    """Says that nothing is paused, and does something the ``n``-th time that it is asked."""

    def __init__(self, n: int, then: Callable[[], object]) -> None:
        self._left = n
        self._then = then

    def __call__(self) -> bool:
        """Nothing is paused."""
        self._left -= 1
        if self._left == 0:
            self._then()
        return False


def make(catalogue: Catalogue, clock: FakeClock, paused: Callable[[], bool] = lambda: False) -> Rematch:
    """A rematch of its own, as after a start of the daemon."""
    return Rematch(catalogue, Broadcast(), clock, RECIPE, paused)


def test_it_goes_on_wherever_it_was_ended(
    catalogue: Catalogue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended after every few steps, it comes farther each time, gets to the end and misses nothing."""
    monkeypatch.setattr(comparing, "COMMIT_SECONDS", 0.0)
    put(catalogue, LIBRARY)
    put_pairs(catalogue, [STALE])
    make(catalogue, clock).begin()
    marks: list[Bookmark] = []
    while (mark := bookmark_in(catalogue)) is not None:
        marks.append(mark)
        stop = Event()
        try:
            make(catalogue, clock, Asked(100, stop.set)).run(stop)
        except Stopped:
            continue
    assert every_pair(LIBRARY) == stored(catalogue)
    places = [(mark.stage, mark.done) for mark in marks]
    assert places == sorted(set(places))
    assert 5 < len(places)


@pytest.mark.parametrize("slices", [1, 100, 258, 500, SLICES])
def test_an_image_may_leave_meanwhile(catalogue: Catalogue, clock: FakeClock, slices: int) -> None:
    """Its pairs go with it, and those of the others are written all the same."""
    put(catalogue, LIBRARY)

    def leave() -> None:
        catalogue.write(lambda to: to.mark_missing([ROOT + b"/2.jpg"])).result()
        catalogue.write(lambda to: to.forget_missing(clock.now() + FOREVER)).result()

    rematch = make(catalogue, clock, Asked(slices, leave))
    rematch.begin()
    rematch.run(Event())
    assert {ends for ends in every_pair(LIBRARY) if 2 not in ends} == set(stored_ids(catalogue))


@pytest.mark.parametrize("slices", [1, 258, 500])
def test_an_image_may_be_read_again_meanwhile(catalogue: Catalogue, clock: FakeClock, slices: int) -> None:
    """What was found of its earlier signature is not stored over the pairs of the new one."""
    put(catalogue, LIBRARY)
    changed = [LIBRARY[0], picture(0, flipped=6, noise=8.0), *LIBRARY[2:]]
    pairs = every_candidate(changed, range(len(changed)))

    def read_again(to: Transaction) -> None:
        to.drop_pairs_of([2])
        to.put_images([(2, signature(changed[1], 1, recipe=RECIPE + 1))])
        to.put_pairs([pair for pair in pairs if 2 in {pair.a, pair.b}])

    rematch = make(catalogue, clock, Asked(slices, lambda: catalogue.write(read_again).result()))
    rematch.begin()
    rematch.run(Event())
    assert every_pair(changed) == stored(catalogue)


def test_it_goes_on_confirming(
    catalogue: Catalogue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended after every few pairs, it passes over none and drops all that are wrong."""
    monkeypatch.setattr(confirming, "COMPARED_AT_ONCE", 8)
    put(catalogue, LIBRARY)
    put_pairs(catalogue, every_candidate(LIBRARY, range(len(LIBRARY))))
    put_pairs(catalogue, [pair(a, b) for a in range(1, 12) for b in (19, 20)])
    begun = Bookmark(MATCHING, len(LIBRARY), bands=4, width=16, stage=Stage.CONFIRM)
    catalogue.write(lambda to: to.put_bookmark(begun)).result()
    ended = 0
    while bookmark_in(catalogue) is not None:
        stop = Event()
        with suppress(Stopped):
            make(catalogue, clock, Asked(5, stop.set)).run(stop)
        ended += 1
    assert every_pair(LIBRARY) == stored(catalogue)
    assert 2 < ended


def test_a_pair_that_became_right_while_it_was_confirmed_stays(
    catalogue: Catalogue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its picture was read again after it was looked at: that it is wrong holds no longer."""
    library = [*LIBRARY[:4], *LIBRARY[-4:]]
    put(catalogue, library)
    put_pairs(catalogue, [pair(1, 8)])
    changed = [*library[:-1], picture(0, flipped=1)]
    pairs = every_candidate(changed, range(len(changed)))

    def read_again(to: Transaction) -> None:
        to.put_images([(8, signature(changed[-1], 7))])
        to.put_pairs([one for one in pairs if one.b == 8])

    def meanwhile(pictures: Mapping[int, Thumbs], candidates: Sequence[tuple[int, int]]) -> list[Pair]:
        found = verified(pictures, candidates)
        catalogue.write(read_again).result()
        return found

    monkeypatch.setattr(confirming, "verified", meanwhile)
    rematch = make(catalogue, clock)
    rematch.begin()
    rematch.run(Event())
    assert every_pair(changed) == stored(catalogue)


class TestWhen:
    """A rematch happens when it is asked for, and when the rules have changed."""

    def test_nothing_is_compared_unasked(self, catalogue: Catalogue, clock: FakeClock) -> None:
        """Arrivals match what comes; a start is no reason."""
        put(catalogue, LIBRARY)
        make(catalogue, clock).run(Event())
        assert [] == stored_ids(catalogue)

    def test_pairs_of_other_rules_are_made_anew(self, catalogue: Catalogue, clock: FakeClock) -> None:
        """Once: then the catalogue says that they are of the present ones."""
        put(catalogue, LIBRARY)
        catalogue.write(lambda to: to.end_rematch(MATCHING + 1)).result()
        make(catalogue, clock).run(Event())
        assert every_pair(LIBRARY) == stored(catalogue)
        with catalogue.read() as snapshot:
            assert MATCHING == snapshot.matching()

    def test_one_that_other_rules_began_is_begun_again(self, catalogue: Catalogue, clock: FakeClock) -> None:
        """Half of its pairs would be of those."""
        put(catalogue, LIBRARY)
        other = Bookmark(MATCHING + 1, last_id=3, bands=4, width=16, stage=Stage.CONFIRM, done=2)
        catalogue.write(lambda to: to.put_bookmark(other)).result()
        make(catalogue, clock).run(Event())
        assert every_pair(LIBRARY) == stored(catalogue)

    def test_a_second_request_joins_the_first(self, catalogue: Catalogue, clock: FakeClock) -> None:
        """It is told so, and how much there is."""
        put(catalogue, LIBRARY)
        put_pairs(catalogue, [STALE])
        rematch = make(catalogue, clock)
        assert (True, len(LIBRARY), 1) == (
            (begun := rematch.begin()).begun,
            begun.images,
            begun.pairs,
        )
        assert rematch.begin().begun is False
        rematch.run(Event())
        assert rematch.begin().begun is True


@contextmanager
def running(
    catalogue: Catalogue, paused: Callable[[], bool] = lambda: False
) -> Iterator[tuple[Rematch, Subscription]]:
    """A rematch on a thread of its own, and what it tells."""
    broadcast = Broadcast()
    rematch = Rematch(catalogue, broadcast, SystemClock(), RECIPE, paused)
    thread = NamedThread("rematch", rematch.loop, rematch.wake)
    subscription = broadcast.subscribe()
    thread.start()
    try:
        yield rematch, subscription
    finally:
        thread.stop()
        assert not thread.alive


def wait_for(subscription: Subscription, phase: str) -> list[str]:
    """Wait until a phase is told; the phases up to it."""
    phases: list[str] = []
    while phase not in phases:
        notices = subscription.take(30.0)
        assert notices, f"{phase} is not told"
        phases += [notice.data["phase"] for notice in notices if notice.event == "rematch"]
    return phases


class TestThread:
    """The loop beside the others of the daemon."""

    def test_it_does_what_is_asked_for_and_tells_of_it(self, catalogue: Catalogue) -> None:
        """Every phase is told in its order, and the status knows nothing more afterwards."""
        put(catalogue, LIBRARY)
        with running(catalogue) as (rematch, subscription):
            rematch.begin()
            phases = wait_for(subscription, "done")
            assert ["count", "compare", "confirm", "done"] == list(dict.fromkeys(phases))
            assert rematch.progress() is None
            assert every_pair(LIBRARY) == stored(catalogue)

    def test_it_rests_while_the_daemon_is_paused(
        self, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However often it looks, it does nothing; it ends with the daemon, and goes on when it may."""
        monkeypatch.setattr(pace, "PAUSED_SECONDS", 0.01)
        put(catalogue, LIBRARY)
        looked, asked = Event(), count(1)

        def paused() -> bool:
            if next(asked) == 20:
                looked.set()
            return True

        with running(catalogue, paused) as (rematch, subscription):
            rematch.begin()
            assert looked.wait(30.0)
            assert ["count"] == wait_for(subscription, "count")
            assert [] == subscription.take(0.0)
        with running(catalogue) as (_, subscription):
            wait_for(subscription, "done")
        assert every_pair(LIBRARY) == stored(catalogue)

    def test_a_full_disk_interrupts_it(self, catalogue: Catalogue) -> None:
        """The status says what is wrong; when there is room, who asks for it again has it go on."""
        library = [picture(0)] * 60
        put(catalogue, library)
        begun = Bookmark(MATCHING, len(library))
        catalogue.write(lambda to: to.put_bookmark(begun)).result()
        limit_pages(catalogue, 1)
        with running(catalogue) as (rematch, subscription):
            wait_for(subscription, "failed")
            [note] = rematch.notes()
            assert "full" in note.message
            assert note.hint is not None
            assert "Free space" in note.hint
            limit_pages(catalogue, 99_999)
            assert rematch.begin().begun is False
            wait_for(subscription, "done")
            assert [] == rematch.notes()
        assert 60 * 59 // 2 == len(stored_ids(catalogue))

    def test_an_unforeseen_error_is_told_and_ends_nothing(
        self, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The log has it, the status says so, and the loop takes the next request."""
        put(catalogue, LIBRARY)
        with monkeypatch.context() as broken:
            broken.setattr(comparing, "verified", None)
            with running(catalogue) as (rematch, subscription):
                rematch.begin()
                wait_for(subscription, "failed")
                assert "unforeseen" in caplog.text
                assert 1 == len(rematch.notes())
                broken.undo()
                rematch.begin()
                wait_for(subscription, "done")
                assert [] == rematch.notes()


def limit_pages(catalogue: Catalogue, pages: int) -> None:
    """Let the database grow no further than to so many pages, or to what it has."""
    catalogue._writer.aside(
        lambda driver: driver.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    ).result()
