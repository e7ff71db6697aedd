"""What a full mailbox does with letters."""

from concurrent.futures import ThreadPoolExecutor

from simd.runtime.mailbox import LETTERS_REFUSED, Mailbox


def test_a_full_mailbox_refuses_letters_and_remembers_that() -> None:
    """The reader is told once, with the letters that did find room."""
    mailbox = Mailbox[int](2)
    assert [True, True, False] == [mailbox.put(letter) for letter in (1, 2, 3)]
    assert ([1, 2], True) == mailbox.take(0.0)
    assert mailbox.put(4)
    assert ([4], False) == mailbox.take(0.0)


def test_a_letter_that_somebody_waits_for_always_finds_room() -> None:
    """It comes behind all others, together with the news that some were refused."""
    mailbox = Mailbox[int](1)
    mailbox.put(1)
    mailbox.put(2)
    assert mailbox.put(3, always=True)
    assert ([1, 3], True) == mailbox.take(0.0)


def test_many_letters_come_together_as_far_as_there_is_room() -> None:
    """In order, behind those that are there; what is refused is counted, and remembered."""
    mailbox, refused = Mailbox[int](4), LETTERS_REFUSED.total
    mailbox.put(0)
    mailbox.put_all([1, 2])
    assert ([0, 1, 2], False) == mailbox.take(0.0)
    mailbox.put_all(range(6))
    mailbox.put_all([6, 7])
    assert ([0, 1, 2, 3], True) == mailbox.take(0.0)
    assert refused + 4 == LETTERS_REFUSED.total


def test_where_there_is_more_than_room_none_of_many_letters_is_left() -> None:
    """Somebody waits for a letter that came in spite of it."""
    mailbox = Mailbox[int](1)
    mailbox.put(1)
    mailbox.put(2, always=True)
    mailbox.put_all([3, 4, 5])
    assert ([1, 2], True) == mailbox.take(0.0)


def test_many_letters_wake_the_reader() -> None:
    """It does not wait for the end of its patience."""
    mailbox = Mailbox[int](4)
    with ThreadPoolExecutor(1) as reader:
        taken = reader.submit(mailbox.take, None)
        while not mailbox._changed._waiters:  # type: ignore[attr-defined] # it has come to wait
            pass
        try:
            mailbox.put_all([1, 2])
            assert ([1, 2], False) == taken.result(timeout=60)
        finally:
            mailbox.wake()
