"""The order in which the ingest loop heeds its hints."""

from collections.abc import Iterator
from threading import Event

import pytest

from simd.catalogue import Catalogue
from simd.core.hints import Appeared, Cookie, Hint, Lost
from simd.core.model import RootState
from simd.core.settling import Settling
from simd.core.skipping import SkipRules
from simd.imaging import DecodePool, Limits
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast
from simd.runtime.mailbox import Mailbox
from simd.work.arrivals import Arrivals
from simd.work.examine import Examiner
from simd.work.ingest import Ingest, Requests
from simd.work.roots import Roots
from tests.fakes import FakeClock
from tests.work.samples import RECIPE, ROOT, enrol

CAPACITY = 4


class Loop:
    """An ingest loop on ``/photos``, and what it asks of others, in order. It stops after a cookie."""

    def __init__(self, catalogue: Catalogue, clock: FakeClock, pool: DecodePool) -> None:
        self.asked: list[tuple[str, object]] = []
        self.mailbox: Mailbox[Hint] = Mailbox(CAPACITY)
        self._stop = Event()
        roots = Roots()
        roots.add(enrol(catalogue), RootState.WATCHING, network=False)
        broadcast = Broadcast()
        arrivals = Arrivals(catalogue, HashIndex(), broadcast, RECIPE)
        examiner = Examiner(catalogue, roots, SkipRules(frozenset()), frozenset({b".jpg"}), RECIPE)
        settling = Settling(1.0, 60.0)
        self.ingest = Ingest(catalogue, pool, arrivals, examiner, settling, clock, broadcast, self.mailbox)
        self.ingest.connect(
            Requests(
                sweep=lambda path, _reason: self.asked.append(("sweep", path)),
                sweep_all=lambda _reason: self.asked.append(("sweep all", None)),
                degrade=lambda path, _reason: self.asked.append(("degrade", path)),
                check=lambda path: self.asked.append(("check", path)),
                is_root=lambda path: path == ROOT,
                cookie=self._cookie,
            )
        )

    def heed(self, *hints: Hint) -> list[tuple[str, object]]:
        """Let the loop take these hints at once; what it asked for."""
        for hint in hints:
            self.mailbox.put(hint)
        self.ingest.loop(self._stop)
        return self.asked

    def _cookie(self, name: str) -> None:
        self.asked.append(("cookie", name))
        self._stop.set()


@pytest.fixture
def loop(catalogue: Catalogue, clock: FakeClock) -> Iterator[Loop]:
    """A loop that nothing was said to yet."""
    pool = DecodePool(1, Limits())
    yield Loop(catalogue, clock, pool)
    pool.close()


def test_a_folder_that_appeared_is_asked_for_before_a_later_cookie_is_told(loop: Loop) -> None:
    """Else whoever waits for the cookie would be told that all is done before its sweep was noted."""
    expected = [("sweep", ROOT + b"/new"), ("cookie", "c")]
    assert expected == loop.heed(Appeared(ROOT + b"/new"), Cookie("c"))


def test_folders_within_folders_that_appeared_are_covered_by_one_sweep(loop: Loop) -> None:
    """An unpacked archive announces each of its folders."""
    deep: list[Hint] = [
        Appeared(ROOT + b"/new/deep"),
        Appeared(ROOT + b"/new"),
        Appeared(ROOT + b"/new/other"),
    ]
    assert [("sweep", ROOT + b"/new"), ("cookie", "c")] == loop.heed(*deep, Cookie("c"))


def test_an_overflow_sweeps_everything_before_anything_else(loop: Loop) -> None:
    """What was dropped may be anywhere, and whoever waits must wait for it too."""
    hints: list[Hint] = [
        Lost(ROOT, "the folder was removed"),
        Cookie("c"),
        *(Cookie("x") for _ in range(CAPACITY)),
    ]
    assert ("sweep all", None) == loop.heed(*hints)[0]
    assert ("sweep", ROOT) == loop.asked[1]
