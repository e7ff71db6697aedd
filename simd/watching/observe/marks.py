"""Marks that prove that everything before them has come through.

All roots share one inotify reader, but behind it every root has a queue and a thread of its
own, and one of them may be half a second behind the others. A cookie that was seen in the
canary folder is therefore sent as a mark down every line; it has arrived when each of them
has let it pass.
"""

from collections.abc import Callable
from itertools import count
from threading import Lock

_NUMBERS = count(1)
"""Never used again, so that a line of an observer that hangs is not taken for one of its successor."""


class Marks:
    """Which lines have yet to let each mark pass. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._expected: set[str] = set()
        self._lines: dict[int, Callable[[str], None]] = {}
        self._waiting: dict[str, set[int]] = {}

    def open_line(self, send: Callable[[str], None]) -> int:
        """Add a line; ``send`` puts a mark at its end. The number that names it."""
        with self._lock:
            line = next(_NUMBERS)
            self._lines[line] = send
            return line

    def close_line(self, line: int) -> list[str]:
        """Take a line out, and the marks that waited for nothing but it."""
        with self._lock:
            self._lines.pop(line, None)
            return [mark for mark in list(self._waiting) if self._pass(mark, line)]

    def expect(self, mark: str) -> None:
        """Announce a mark; marks that nobody announced are ignored."""
        with self._lock:
            self._expected.add(mark)

    def unsent(self) -> list[str]:
        """Announced marks that were not sent yet."""
        with self._lock:
            return [mark for mark in self._expected if mark not in self._waiting]

    def send(self, mark: str) -> None:
        """Send an announced mark down every line, once."""
        with self._lock:
            if mark not in self._expected or mark in self._waiting:
                return
            self._waiting[mark] = set(self._lines)
            lines = list(self._lines.values())
        for send in lines:
            send(mark)

    def send_again(self, line: int) -> None:
        """Send the marks that this line still owes: what stood in it was thrown away."""
        with self._lock:
            send = self._lines.get(line)
            owed = [mark for mark, lines in self._waiting.items() if line in lines]
        if send is not None:
            for mark in owed:
                send(mark)

    def passed(self, mark: str, line: int) -> bool:
        """Note that a line let the mark pass; True when it was the last one."""
        with self._lock:
            return self._pass(mark, line)

    def settle(self, mark: str) -> bool:
        """Strike out an announced mark without sending it; False when nobody announced it."""
        with self._lock:
            known = mark in self._expected
            self._expected.discard(mark)
            return known

    def _pass(self, mark: str, line: int) -> bool:
        lines = self._waiting.get(mark)
        if lines is None:
            return False
        lines.discard(line)
        if lines:
            return False
        del self._waiting[mark]
        self._expected.discard(mark)
        return True
