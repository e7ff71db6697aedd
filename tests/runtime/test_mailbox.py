"""What a full mailbox does with letters."""

from simd.runtime.mailbox import Mailbox


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
