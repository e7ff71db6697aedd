"""Equal lengths are read one after the other, and nobody waits for ever."""

from collections.abc import Iterator

import pytest

from simd.imaging import DecodePool, Limits
from simd.work.examine import Place, ToRead
from simd.work.reading import Reading
from tests.work.samples import stamp

SOME_DIGEST = frozenset({bytes(32)})


def task(name: bytes, size: int, *, known: frozenset[bytes] = frozenset(), forced: bool = False) -> ToRead:
    """A file to read."""
    return ToRead(Place(name, forced=forced), stamp(1, size=size), known)


@pytest.fixture
def reading() -> Iterator[Reading]:
    """Readers that are never done: the pool is not started."""
    pool = DecodePool(4, Limits())
    yield Reading(pool, lambda: None)
    pool.close()


def submit(reading: Reading, *tasks: ToRead) -> int:
    """Queue and hand out; how many are being read now."""
    reading.add(tasks)
    reading.submit()
    return reading.in_flight


def test_a_file_of_a_length_that_is_being_read_is_held_until_that_one_is_written(reading: Reading) -> None:
    """It may be a copy, and then needs no decoding."""
    assert 2 == submit(reading, task(b"a", 10), task(b"b", 10), task(b"c", 11), task(b"d", 10))
    assert [Place(b"b"), Place(b"d")] == reading.release(b"a")
    assert 3 == submit(reading, task(b"b", 10))


@pytest.mark.parametrize("other", [task(b"b", 10, known=SOME_DIGEST), task(b"b", 10, forced=True)])
def test_a_file_whose_digest_can_settle_it_or_that_must_be_read_is_not_held(
    reading: Reading, other: ToRead
) -> None:
    """The worker finds out whether it is known; a forced file is decoded in any case."""
    assert 2 == submit(reading, task(b"a", 10), other)


def test_a_file_that_changed_its_length_while_it_was_read_frees_those_who_waited_for_either(
    reading: Reading,
) -> None:
    """Its path is what is released, whatever its length has become by then."""
    submit(reading, task(b"a", 10), task(b"held by the first", 10))
    submit(reading, task(b"a", 20), task(b"held by the second", 20))

    assert {b"held by the first", b"held by the second"} == {place.path for place in reading.release(b"a")}
    assert 4 == submit(reading, task(b"new", 10), task(b"also new", 20))


def test_a_path_that_was_not_read_frees_nobody(reading: Reading) -> None:
    """What was recognised without reading is written too."""
    submit(reading, task(b"a", 10), task(b"b", 10))
    assert [] == reading.release(b"c")
    assert [Place(b"b")] == reading.release(b"a")
    assert [] == reading.release(b"a")
