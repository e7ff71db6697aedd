"""Equal bytes are decoded once, nobody waits for ever, and workers always have something at hand."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PIL import Image

from simd.core.turns import NO_DISK, Disks, Lane
from simd.imaging import AlreadyKnown, Decoded, DecodePool, Limits, Outcome, Refused
from simd.work.examine import Place, ToRead, stamp_of
from simd.work.reading import SMALL_TASKS_PER_WORKER, TASKS_PER_WORKER, Reading
from tests.work.samples import stamp

SOME_DIGEST = frozenset({bytes(32)})
WORKERS = 4
SPINNING = frozenset({"sda"})
PATIENCE = 60.0


def task(name: bytes, size: int, *, known: frozenset[bytes] = frozenset(), forced: bool = False) -> ToRead:
    """A file to read."""
    return ToRead(Place(name, forced=forced), stamp(1, size=size), known)


@pytest.fixture
def reading() -> Iterator[Reading]:
    """Readers that are never done: the pool is not started."""
    pool = DecodePool(WORKERS, Limits())
    yield Reading(pool, lambda: None, lambda _size: frozenset())
    pool.close()


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """Readers at work."""
    pool = DecodePool(2, Limits())
    pool.start()
    yield pool
    pool.close()


def submit(reading: Reading, *tasks: ToRead) -> int:
    """Queue and hand out; how many are being read now."""
    reading.add(tasks)
    reading.submit()
    return reading.in_flight


def read_all(pool: DecodePool, *paths: Path) -> dict[Path, Outcome]:
    """What comes of reading these files, as the loop does it."""
    news = Event()
    reading = Reading(pool, news.set, lambda _size: frozenset())
    reading.add([_task_of(path) for path in paths])
    found: dict[Path, Outcome] = {}
    while not reading.idle:
        reading.submit()
        assert news.wait(PATIENCE)
        news.clear()
        found |= {Path(task.place.path.decode()): outcome for task, outcome in reading.outcomes()}
    return found


def _task_of(path: Path) -> ToRead:
    stamped = stamp_of(bytes(path))
    assert stamped is not None
    return ToRead(Place(bytes(path)), stamped, frozenset())


def picture(path: Path, grey: int, length: int = 20_000) -> Path:
    """A small JPEG, filled up behind its end to a length in bytes."""
    Image.new("L", (64, 48), grey).save(path)
    path.write_bytes(path.read_bytes().ljust(length, b"\0"))
    return path


def test_a_file_of_a_length_that_is_being_read_is_held(reading: Reading) -> None:
    """It may be a copy, and then needs no decoding."""
    assert 2 == submit(reading, task(b"a", 10), task(b"b", 10), task(b"c", 11), task(b"d", 10))


@pytest.mark.parametrize("other", [task(b"b", 10, known=SOME_DIGEST), task(b"b", 10, forced=True)])
def test_a_file_whose_digest_can_settle_it_or_that_must_be_read_is_not_held(
    reading: Reading, other: ToRead
) -> None:
    """The worker finds out whether it is known; a forced file is decoded in any case."""
    assert 2 == submit(reading, task(b"a", 10), other)


def test_what_was_read_while_a_file_waited_is_known_of_it(reading: Reading) -> None:
    """Its equal may have been read between the moment when it was queued and its turn."""
    lately: dict[int, frozenset[bytes]] = {}
    reading = Reading(reading._pool, lambda: None, lambda size: lately.get(size, frozenset()))
    submit(reading, task(b"a", 10))
    reading.add([task(b"b", 10), task(b"c", 11)])
    lately[10] = SOME_DIGEST
    assert 3 == submit(reading)


@pytest.mark.parametrize(("size", "each"), [(3_000_000, TASKS_PER_WORKER), (9_000, SMALL_TASKS_PER_WORKER)])
def test_small_files_are_handed_out_by_the_dozen(reading: Reading, size: int, each: int) -> None:
    """A large file handed out too early would make what settles later wait."""
    tasks = [task(b"%d" % number, size + number) for number in range(200)]
    assert WORKERS * each == submit(reading, *tasks)


def test_files_on_a_spinning_disk_take_no_room_from_others() -> None:
    """As many are handed out as one worker would get; all that lies elsewhere is handed out as ever."""
    pool = DecodePool(WORKERS, Limits(), disks_under=lambda path: SPINNING if path[:1] == b"/" else NO_DISK)
    reading = Reading(pool, lambda: None, lambda _size: frozenset())
    slow = [task(b"/slow/%d" % number, 3_000_000 + number) for number in range(100)]
    fast = [task(b"fast/%d" % number, 4_000_000 + number) for number in range(20)]
    assert TASKS_PER_WORKER == submit(reading, *slow)
    assert (False, True) == (
        reading.wants_more_of(Lane(1, SPINNING)),
        reading.wants_more_of(Lane(1, NO_DISK)),
    )
    assert (1 + WORKERS) * TASKS_PER_WORKER == submit(reading, *fast)
    pool.close()


def test_where_a_file_lies_is_asked_once() -> None:
    """The answer costs a look at the file, and is handed on to the workers' queue."""
    asked: list[bytes] = []

    def under(path: bytes) -> Disks:
        asked.append(path)
        return SPINNING

    pool = DecodePool(WORKERS, Limits(), disks_under=under)
    assert 1 == submit(Reading(pool, lambda: None, lambda _size: frozenset()), task(b"a", 10))
    pool.close()
    assert [b"a"] == asked


def test_copies_that_come_together_are_decoded_once(pool: DecodePool, tmp_path: Path) -> None:
    """The first is decoded, the others are known by its digest."""
    first = picture(tmp_path / "a.jpg", 80)
    copies = [tmp_path / "b.jpg", tmp_path / "c.jpg"]
    for copy in copies:
        copy.write_bytes(first.read_bytes())
    decoded = pool.decoded
    found = read_all(pool, first, *copies)
    original = found[first]
    assert isinstance(original, Decoded)
    for copy in copies:
        outcome = found[copy]
        assert isinstance(outcome, AlreadyKnown)
        assert original.signature.digest == outcome.digest
    assert decoded + 1 == pool.decoded


def test_other_pictures_of_the_same_length_are_decoded(pool: DecodePool, tmp_path: Path) -> None:
    """A length alone proves nothing."""
    paths = [picture(tmp_path / f"{grey}.jpg", grey) for grey in (10, 60, 110, 160)]
    found = read_all(pool, *paths)
    digests = {outcome.signature.digest for outcome in found.values() if isinstance(outcome, Decoded)}
    assert len(digests) == 4


def test_who_waited_for_a_file_that_cannot_be_read_goes_on(pool: DecodePool, tmp_path: Path) -> None:
    """The damaged file is refused; its neighbour of the same length is decoded."""
    damaged, sound = tmp_path / "a.jpg", picture(tmp_path / "b.jpg", 80)
    damaged.write_bytes(bytes(sound.stat().st_size))
    found = read_all(pool, damaged, sound)
    assert isinstance(found[damaged], Refused)
    assert isinstance(found[sound], Decoded)
