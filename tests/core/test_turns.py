"""Nobody shares a spinning disk, nobody waits for ever, and everybody else keeps the order."""

from collections import deque
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from simd.core.turns import NO_DISK, Disks, Lane, Turns

A, B, BOTH = frozenset({"sda"}), frozenset({"sdb"}), frozenset({"sda", "sdb"})
DISKS = st.sampled_from([NO_DISK, A, B, BOTH])
Item = tuple[int, Disks, int]
READERS = 3
HALF = 0.5


def make() -> Turns[Item]:
    """Turns of numbers that lie on disks and have a rank."""
    return Turns(lambda item: Lane(item[2], item[1]))


def take(turns: Turns[Item], busy: Disks = NO_DISK) -> Item | None:
    """The next one while these disks are in use."""
    lane = turns.turn(lambda lane: not lane.disks & busy)
    return None if lane is None else turns.take(lane)


@given(st.lists(st.tuples(DISKS, st.integers(0, 1)), max_size=30))
def test_with_every_disk_free_it_is_a_queue(waiting: list[tuple[Disks, int]]) -> None:
    """By rank, then by arrival."""
    turns = make()
    items = [(number, disks, rank) for number, (disks, rank) in enumerate(waiting)]
    for item in items:
        turns.append(item)
    assert len(items) == len(turns)
    assert sorted(items, key=lambda item: (item[2], item[0])) == [take(turns) for _ in items]
    assert (None, 0) == (take(turns), len(turns))


@given(st.lists(DISKS, max_size=40), st.randoms(use_true_random=False))
def test_a_disk_has_one_reader_and_everybody_is_read(places: list[Disks], chance: Random) -> None:
    """Readers that end in any order, while others come; nobody who needs one of its disks is passed over."""
    turns = make()
    arriving = deque((number, disks, 0) for number, disks in enumerate(places))
    reading: list[Item] = []
    done: list[Item] = []
    while arriving or len(turns) or reading:
        if arriving and chance.random() < HALF:
            turns.append(arriving.popleft())
        busy = frozenset[str]().union(*(item[1] for item in reading))
        if len(reading) < READERS and (item := take(turns, busy)) is not None:
            assert not item[1] & busy
            assert not [other for other in turns if other[0] < item[0] and other[1] & item[1]]
            reading.append(item)
        elif reading:
            done.append(reading.pop(chance.randrange(len(reading))))
    assert sorted(done) == [(number, disks, 0) for number, disks in enumerate(places)]


@given(st.lists(DISKS, max_size=20), DISKS)
def test_what_needs_no_busy_disk_goes_at_once(places: list[Disks], busy: Disks) -> None:
    """Files on solid disks pass those that wait for one that spins."""
    turns = make()
    for number, disks in enumerate(places):
        turns.append((number, disks, 0))
    if NO_DISK in places:
        found = take(turns, busy)
        assert found is not None
        assert found[0] <= places.index(NO_DISK)
    elif all(disks & busy for disks in places):
        assert take(turns, busy) is None


def test_who_needs_two_disks_is_not_passed_for_ever() -> None:
    """While one of its disks is in use, the other is kept for it."""
    turns = make()
    turns.append((1, BOTH, 0))
    turns.append((2, B, 0))
    turns.append((3, NO_DISK, 0))
    assert (3, NO_DISK, 0) == take(turns, A)
    assert take(turns, A) is None
    assert [(1, BOTH, 0), (2, B, 0)] == [take(turns), take(turns)]


def test_what_is_put_back_goes_first() -> None:
    """Before all others of its rank, but not of a lower one."""
    turns = make()
    for item in ((1, A, 0), (2, B, 1), (3, A, 1)):
        turns.append(item)
    turns.appendleft((4, A, 1))
    assert (2, 4) == (turns.waiting(A) - 1, len(turns))
    assert [1, 4, 2, 3] == [item[0] for item in (take(turns) for _ in range(4)) if item]


def test_the_first_of_a_lane_can_be_looked_at() -> None:
    """Whoever wants several of one lane sees what comes next."""
    turns = make()
    turns.append((1, A, 0))
    lane = Lane(0, A)
    assert ((1, A, 0), None) == (turns.first(lane), turns.first(Lane(0, B)))
    assert (1, A, 0) == turns.take(lane)
    assert turns.first(lane) is None
