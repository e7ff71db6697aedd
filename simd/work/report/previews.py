"""Previews for a report, made by the decode workers without keeping other files waiting."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

from simd.catalogue import Catalogue, Transaction
from simd.core.errors import CatalogueError
from simd.core.report.value import Preview
from simd.imaging import Changed, DecodePool, Refused
from simd.work.report.child import PreviewsWanted
from simd.work.report.order import Wanted

log = logging.getLogger(__name__)

IN_FLIGHT_PER_WORKER = 2
"""Enough to keep a worker busy; a file that arrives meanwhile waits behind no more than these."""

TOLD_EVERY = 20

_Look = Future[Preview | Refused | Changed]


class Previews:
    """Makes previews of files and keeps them in the catalogue for the reports to come."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool, is_online: Callable[[bytes], bool]) -> None:
        """``is_online`` tells whether a file's disk is there: no other file is touched."""
        self._catalogue = catalogue
        self._pool = pool
        self._is_online = is_online

    def provide(self, wanted: PreviewsWanted, seconds: float, tell: Callable[[int, int], None]) -> int:
        """Make what is absent, as far as the time allows, and drop what is not shown any more.

        A file that is gone, has changed, or cannot be read gets none.

        Args:
            wanted: the images.
            seconds: how long it may take.
            tell: is told now and then how many of how many are done.

        Returns:
            How many were made and kept.
        """
        made = list(self._make(wanted.absent, time.monotonic() + seconds, tell))
        try:
            self._catalogue.write(_Keeping(made, wanted.shown)).result()
        except CatalogueError as error:
            # The page has sketches then; the catalogue's own trouble is told elsewhere.
            log.warning("previews are not kept: %s", error.message)
            return 0
        return len(made)

    def _make(
        self, wanted: Sequence[Wanted], deadline: float, tell: Callable[[int, int], None]
    ) -> Iterator[tuple[int, bytes]]:
        waiting = iter(wanted)
        flying: dict[_Look, int] = {}
        done = 0
        while self._fill(flying, waiting):
            landed, _ = wait(flying, max(0.0, deadline - time.monotonic()), FIRST_COMPLETED)
            if not landed:
                break
            for look in landed:
                image_id, outcome = flying.pop(look), look.result()
                done += 1
                if isinstance(outcome, Preview):
                    yield image_id, outcome.data
                if done % TOLD_EVERY == 0:
                    tell(done, len(wanted))
        for look in flying:
            look.cancel()
        tell(done, len(wanted))

    def _fill(self, flying: dict[_Look, int], waiting: Iterator[Wanted]) -> bool:
        """Have as many in the workers' hands as may be; whether there is any."""
        while len(flying) < IN_FLIGHT_PER_WORKER * self._pool.workers:
            each = next(waiting, None)
            if each is None:
                break
            if each.stamp is not None and self._is_online(each.path):
                flying[self._pool.preview(each.path, each.stamp)] = each.image_id
        return bool(flying)


class _Keeping:
    """A job of the catalogue's writer: one commit for all, since each makes others think again."""

    def __init__(self, made: Sequence[tuple[int, bytes]], shown: Sequence[int]) -> None:
        self._made = made
        self._shown = shown

    def __call__(self, transaction: Transaction) -> None:
        transaction.put_previews(self._made)
        transaction.keep_previews(self._shown)
