"""Python's search for cycles among objects, put off while many are made that are no garbage."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from time import monotonic

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


@contextmanager
def seldom_collecting(seconds: float = 1.0) -> Iterator[Callable[[], None]]:
    """Have Python look for cycles once in so many seconds, not oftener, and after the end.

    For work that may take hours, and makes much that is no garbage where it is quick. What is given is to be
    called between two pieces of it, and lets Python look if it is time.
    """
    until = monotonic() + seconds
    with ExitStack() as rest:
        rest.enter_context(no_collecting())

        def look() -> None:
            nonlocal until
            if monotonic() >= until:
                rest.close()
                rest.enter_context(no_collecting())
                until = monotonic() + seconds

        yield look
