"""Calling the service from the event loop, in threads.

Quick questions, searches and what may wait have threads of their own, so that neither any number
of clients in ``sync`` or ``events`` nor many that search at once keep ``status`` from answering.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from simd.core.errors import Unavailable

T = TypeVar("T")

QUICK_THREADS = 8
"""Threads for what reads the catalogue and returns."""

SEARCH_THREADS = 2
"""Threads for searches: two, so that a wide one does not hold up all others.

Four answer no more in a second, for the interpreter runs one at a time, and spend up to twice the processor
time on handing it over. What waits is bounded: at most one question for each connection.
"""

SLOW_THREADS = 128
"""Threads for what decodes or waits: one for each connection there may be."""


class Calls:
    """Runs functions in threads until :meth:`stop`."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(QUICK_THREADS, "api-quick")
        self._search = ThreadPoolExecutor(SEARCH_THREADS, "api-search")
        self._slow = ThreadPoolExecutor(SLOW_THREADS, "api-slow")
        self._stopping = asyncio.Event()

    async def quick(self, function: Callable[[], T]) -> T:
        """Run a function that returns soon.

        Raises:
            Unavailable: the door is closing.
        """
        return await self._soon(self._quick, function)

    async def search(self, function: Callable[[], T]) -> T:
        """Run a function that searches without waiting for anything: a few at once, in order of arrival.

        Raises:
            Unavailable: the door is closing.
        """
        return await self._soon(self._search, function)

    async def slow(self, function: Callable[[], T]) -> T:
        """Run a function that may take its time.

        Raises:
            Unavailable: the door closes before the function has returned.
        """
        if self._stopping.is_set():
            raise _closing()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._slow, function)
        stop = loop.create_task(self._stopping.wait())
        either: set[asyncio.Future[Any]] = {work, stop}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() or work.cancelled():
                raise _closing()
            return work.result()
        finally:
            stop.cancel()
            work.cancel()

    async def _soon(self, threads: ThreadPoolExecutor, function: Callable[[], T]) -> T:
        if self._stopping.is_set():
            raise _closing()
        return await asyncio.get_running_loop().run_in_executor(threads, function)

    def stop(self) -> None:
        """Let go who waits, and take no more calls; to be called on the event loop.

        Quick functions and searches return as ever. Slow ones that still run are left to end by themselves.
        """
        self._stopping.set()
        self._quick.shutdown(wait=False)
        self._search.shutdown(wait=False)
        self._slow.shutdown(wait=False, cancel_futures=True)


def _closing() -> Unavailable:
    return Unavailable("the daemon is stopping", hint="ask again once it has started")
