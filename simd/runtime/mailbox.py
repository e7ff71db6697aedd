"""A bounded mailbox between the threads that notice things and the one that acts on them."""

from collections import deque
from collections.abc import Sequence
from threading import Condition
from typing import Generic, TypeVar

from simd.runtime.instruments import counter

T = TypeVar("T")

LETTERS_REFUSED = counter(
    "simd_mailbox_refused_total", "Signs of change that came when the mailbox was full; a sweep follows."
)


class Mailbox(Generic[T]):
    """Letters in order of arrival; when it is full, letters are refused and that is remembered.

    A watcher must never wait for its reader, so a full mailbox drops the letter and
    raises the ``overflowed`` flag: the reader then sweeps instead of guessing.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._letters: deque[T] = deque()
        self._changed = Condition()
        self._overflowed = False
        self._woken = False

    def put(self, letter: T, *, always: bool = False) -> bool:
        """Leave a letter; False when the mailbox was full and the letter was dropped.

        ``always`` is for the few letters that somebody waits for: they find room in any case.
        """
        with self._changed:
            if len(self._letters) >= self._capacity and not always:
                self._overflowed = True
                LETTERS_REFUSED.add()
                accepted = False
            else:
                self._letters.append(letter)
                accepted = True
            self._changed.notify()
            return accepted

    def put_all(self, letters: Sequence[T]) -> None:
        """Leave many letters, in order; those that find no room are dropped."""
        with self._changed:
            room = max(self._capacity - len(self._letters), 0)
            self._letters.extend(letters[:room])
            if len(letters) > room:
                self._overflowed = True
                LETTERS_REFUSED.add(by=len(letters) - room)
            self._changed.notify()

    def wake(self) -> None:
        """Let the reader return from :meth:`take` although no letter came."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def take(self, seconds: float | None) -> tuple[list[T], bool]:
        """Wait up to ``seconds`` for letters; all of them, and whether any were dropped before."""
        with self._changed:
            self._changed.wait_for(self._has_news, seconds)
            letters = list(self._letters)
            self._letters.clear()
            overflowed, self._overflowed, self._woken = self._overflowed, False, False
            return letters, overflowed

    def _has_news(self) -> bool:
        return bool(self._letters) or self._overflowed or self._woken

    def __len__(self) -> int:
        with self._changed:
            return len(self._letters)
