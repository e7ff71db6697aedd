"""Python's search for cycles among objects, put off while many are made that are no garbage."""

import gc
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

_lock = Lock()
_makers = 0
_wanted = True


@contextmanager
def no_collecting() -> Iterator[None]:
    """Have Python look for no cycles until the last of the threads has left that are within.

    It would go through all that was made so far again and again, and find nothing: with a hundred thousand
    values that takes longer than to make them. Unreferenced objects go as they always do. Where the search
    was off before, it stays so.
    """
    global _makers, _wanted  # noqa: PLW0603 - the collector is one for the process
    with _lock:
        if not _makers:
            _wanted = gc.isenabled()
        _makers += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _makers -= 1
            if _wanted and not _makers:
                gc.enable()


def seldom_collecting(items: Iterable[T], seconds: float = 1.0) -> Generator[T]:
    """Items one after the other, between which Python looks for cycles once in so many seconds, not oftener.

    For work that may take hours, and makes much that is no garbage where it is quick. Close it, should the
    work end early: what is open goes on putting the search off.
    """
    rest = iter(items)
    while True:
        with no_collecting():
            until = monotonic() + seconds
            for item in rest:
                yield item
                if monotonic() >= until:
                    break
            else:
                return
