"""An ingest loop that takes one turn at a time."""

from pathlib import Path
from threading import Event

from simd.catalogue import Catalogue
from simd.core.hints import Cookie, Hint
from simd.core.model import RootState
from simd.core.settling import Settling
from simd.core.skipping import SkipRules
from simd.imaging import DecodePool
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
QUIET = 1.0
PATIENCE = 60.0


class Bell(Mailbox[Hint]):
    """A mailbox that says when its reader was woken, as every outcome of reading does."""

    def __init__(self) -> None:
        super().__init__(CAPACITY)
        self.rung = Event()

    def wake(self) -> None:
        """Wake the reader, and whoever waits for that."""
        super().wake()
        self.rung.set()


class Loop:
    """An ingest loop on one root, and what it asks of others, in order. It stops after a cookie."""

    def __init__(self, catalogue: Catalogue, clock: FakeClock, pool: DecodePool, root: bytes = ROOT) -> None:
        self.asked: list[tuple[str, object]] = []
        self.mailbox = Bell()
        self._clock = clock
        self._stop = Event()
        roots = Roots()
        real = Path(root.decode()).stat() if root != ROOT else None
        enrolled = enrol(catalogue, root, real.st_dev, real.st_ino) if real else enrol(catalogue, root)
        roots.add(enrolled, RootState.WATCHING, network=False)
        self.broadcast = broadcast = Broadcast()
        arrivals = Arrivals(catalogue, HashIndex(), broadcast, RECIPE)
        examiner = Examiner(catalogue, roots, SkipRules(frozenset()), frozenset({b".jpg"}), RECIPE)
        settling = Settling(QUIET, 60.0)
        self.ingest = Ingest(catalogue, pool, arrivals, examiner, settling, clock, broadcast, self.mailbox)
        self.ingest.connect(
            Requests(
                sweep=lambda path, _reason: self.asked.append(("sweep", path)),
                sweep_all=lambda _reason: self.asked.append(("sweep all", None)),
                degrade=lambda path, _reason: self.asked.append(("degrade", path)),
                check=lambda path: self.asked.append(("check", path)),
                is_root=lambda path: path == root,
                cookie=self._cookie,
            )
        )

    def heed(self, *hints: Hint) -> list[tuple[str, object]]:
        """Let the loop take these hints at once; what it asked for."""
        self._stop.clear()
        for hint in hints:
            self.mailbox.put(hint)
        self.ingest.loop(self._stop)
        return self.asked

    def turn(self, *hints: Hint, after: float = 0.0) -> None:
        """Let so many seconds pass and the loop go round once."""
        self._clock.advance(after)
        self.heed(*hints, Cookie("turn"))

    def await_outcome(self) -> None:
        """Wait until a worker has read something."""
        assert self.mailbox.rung.wait(PATIENCE)
        self.mailbox.rung.clear()

    def _cookie(self, name: str) -> None:
        self.asked.append(("cookie", name))
        self._stop.set()
