"""What has been noticed and not yet been dealt with, in order of arrival."""

from collections import Counter
from collections.abc import Hashable
from threading import Condition


class Pending:
    """Tickets of unfinished work, so that a caller can wait for all that came before it.

    A key that is noticed again while it is pending keeps its first ticket: the oldest
    ticket is then simply the first of the dictionary, and a barrier costs nothing to check.
    Work that brings forth more work, as a sweep does, is done when all of that is done.
    """

    def __init__(self) -> None:
        self._tickets: dict[Hashable, int] = {}
        self._files = 0
        self._parents: dict[Hashable, Hashable] = {}
        self._unfinished: Counter[Hashable] = Counter()
        self._left: set[Hashable] = set()
        self._last = 0
        self._changed = Condition()
        self._waiting = 0
        self._closed = False

    def enter(self, key: Hashable, parent: Hashable = None) -> None:
        """Note that ``key`` has to be dealt with; ``parent``, when pending, stays so for as long."""
        with self._changed:
            if key in self._tickets:
                return
            self._last += 1
            self._tickets[key] = self._last
            self._files += isinstance(key, bytes)
            if parent in self._tickets:
                self._parents[key] = parent
                self._unfinished[parent] += 1

    def leave(self, key: Hashable) -> None:
        """Note that ``key`` has been dealt with; unknown keys are fine."""
        with self._changed:
            if self._unfinished[key]:
                self._left.add(key)
            elif self._tickets.pop(key, None) is not None:
                self._files -= isinstance(key, bytes)
                self._leave_parent(key)
                if self._waiting:
                    self._changed.notify_all()

    def _leave_parent(self, key: Hashable) -> None:
        parent = self._parents.pop(key, None)
        if parent is None:
            return
        self._unfinished[parent] -= 1
        if not self._unfinished[parent]:
            del self._unfinished[parent]
            if parent in self._left:
                self._left.remove(parent)
                del self._tickets[parent]
                self._files -= isinstance(parent, bytes)
                self._leave_parent(parent)

    def wait_for_all_before_now(self, seconds: float) -> bool:
        """Wait until everything pending at this moment is done; False when time ran out or it closed."""
        with self._changed:
            barrier = self._last
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._closed or self._oldest() > barrier, seconds)
                return self._oldest() > barrier
            finally:
                self._waiting -= 1

    def close(self) -> None:
        """Let everybody go who waits; nothing more will be done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def files(self) -> int:
        """How many paths are pending; a sweep is no path."""
        return self._files

    @property
    def closed(self) -> bool:
        """Whether nothing more will be done."""
        return self._closed

    @property
    def waited_for(self) -> bool:
        """Whether anybody waits."""
        return self._waiting > 0

    def __contains__(self, key: Hashable) -> bool:
        return key in self._tickets

    def __len__(self) -> int:
        return len(self._tickets)

    def _oldest(self) -> float:
        return next(iter(self._tickets.values()), float("inf"))
