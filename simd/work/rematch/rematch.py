"""All verified pairs of the library, made anew beside everything else that the daemon does."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

from simd.catalogue import WRITER, Catalogue, Transaction
from simd.core.answers import Note, Progress
from simd.core.answers.rematch import RematchStarted
from simd.core.candidates import Limits, fingerprint
from simd.core.errors import CatalogueError
from simd.core.matching import MATCHING, Bookmark, Crowding, Stage
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.runtime.heartbeat import Heart
from simd.work.arrivals import MOST_CANDIDATES
from simd.work.rematch.comparing import Comparing
from simd.work.rematch.confirming import Confirming
from simd.work.rematch.library import Judge, Library
from simd.work.rematch.neighbours import Neighbourhood, Step, limits_of
from simd.work.rematch.pace import Pace, Stopped
from simd.work.rematch.reporting import EVENT, Reporting

log = logging.getLogger(__name__)

SECONDS_ALLOWED = 600.0
"""Between two slices, or for what is done in one piece at the beginning and at the end."""

RETRY_SECONDS = 60.0
"""When a rematch goes on that the catalogue has ended."""


_STAGE_FOR = {Crowding.STIRRED: Stage.LOOK, Crowding.CUT_OFF: Stage.COMPARE}
_REASON_FOR = {
    Crowding.STIRRED: "images have come near others, or left: looking whether crowds have changed",
    Crowding.CUT_OFF: "images have come into a crowd of near ones: all images are compared anew",
}

Kinds = Sequence[tuple[Neighbourhood, Limits]]
"""Images with detail and those without, and how far their families look."""


class Rematch:
    """Begins, drives and resumes one rematch at a time.

    It compares the images that were there when it began; whatever comes later is matched on
    arrival with all that is there, as always. New pairs are written first, and what is no pair
    any more goes at the end. A bookmark in the catalogue says how far it has come.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        broadcast: Broadcast,
        clock: Clock,
        recipe: int,
        paused: Callable[[], bool],
        most: int = MOST_CANDIDATES,
    ) -> None:
        """``paused`` says whether the daemon is to spare the machine, ``most`` is the limit of candidates."""
        self.heart = Heart("rematch", SECONDS_ALLOWED, [WRITER])
        self._catalogue = catalogue
        self._broadcast = broadcast
        self._clock = clock
        self._recipe = recipe
        self._paused = paused
        self._most = most
        self._asked = Event()
        self._reporting = Reporting(broadcast, clock)
        self._fault: Note | None = None

    # For other threads.

    def begin(self) -> RematchStarted:
        """Begin a rematch, unless one is under way; it goes on after this returns.

        Raises:
            CatalogueError: that it was begun cannot be noted.
        """
        begun = self._begin(Stage.COMPARE)
        self._asked.set()
        return self._started(begun=begun)

    def begin_for_crowds(self) -> None:
        """Begin a rematch if crowds have changed since the last one, or look whether they have.

        On arrival an image is compared with everybody near, or with the nearest that were there
        when they are too many, so that pairs depend on the order; a rematch chooses by content.

        Raises:
            CatalogueError: that it was begun cannot be noted.
        """
        with self._catalogue.read() as snapshot:
            crowding = snapshot.crowding()
        if crowding is not None and self._begin(_STAGE_FOR[crowding]):
            log.info(_REASON_FOR[crowding])
            self._asked.set()

    def wake(self) -> None:
        """Let the loop look whether there is something to do, or whether it must end."""
        self._asked.set()

    def progress(self) -> Progress | None:
        """How far it has come; None when there is none."""
        return self._reporting.progress

    def notes(self) -> Sequence[Note]:
        """Why it does not go on."""
        return [] if self._fault is None else [self._fault]

    # The thread's own.

    def loop(self, stop: Event) -> None:
        """Do what is asked for, and what a new version or an earlier end has left to do."""
        seconds: float | None = None
        while not stop.is_set():
            self._asked.clear()
            self.heart.beat()
            try:
                self.run(stop)
            except Stopped:
                return
            except CatalogueError as error:
                log.warning("the rematch is interrupted: %s", error.message)
                self._fail(error.message, error.hint or "It goes on by itself in a minute.")
                seconds = RETRY_SECONDS
            except Exception:
                # The daemon can do without: a fault of ours must not end it, start after start.
                log.exception("the rematch ended by an unforeseen error")
                self._fail("Something went wrong inside the daemon.", "Its log says more.")
                seconds = None
            else:
                seconds = None
            self.heart.rest()
            self._clock.wait(self._asked, seconds)

    def run(self, stop: Event) -> None:
        """Do what is due, to its end.

        Raises:
            CatalogueError: the catalogue could not be read or written; it goes on where it was.
            Stopped: the daemon is stopping.
        """
        bookmark = self._due()
        if bookmark is None:
            return
        stage = bookmark.stage.name.lower()
        log.info("rematch of all images up to %d: %s from step %d on", bookmark.last_id, stage, bookmark.done)
        try:
            self._work(bookmark, Pace(stop, self._paused, self._clock, self.heart.beat))
        finally:
            self._reporting.end()
        self._fault = None
        with self._catalogue.read() as snapshot:
            pairs = snapshot.pair_count()
        log.info("the rematch is done: %d pairs", pairs)
        self._broadcast.tell(EVENT, phase="done", pairs=pairs)

    def _started(self, *, begun: bool) -> RematchStarted:
        with self._catalogue.read() as snapshot:
            return RematchStarted(
                begun=begun,
                images=snapshot.image_count(),
                pairs=snapshot.pair_count(),
                generation=snapshot.generation,
            )

    def _begin(self, stage: Stage) -> bool:
        return self._catalogue.write(_Beginning(stage)).result()

    def _due(self) -> Bookmark | None:
        """Where to begin or to go on; pairs of other rules are due in any case."""
        with self._catalogue.read() as snapshot:
            bookmark, matching = snapshot.bookmark(), snapshot.matching()
        if (matching if bookmark is None else bookmark.matching) != MATCHING:
            self._begin(Stage.COMPARE)
            with self._catalogue.read() as snapshot:
                return snapshot.bookmark()
        return bookmark

    def _work(self, bookmark: Bookmark, pace: Pace) -> None:
        advance = self._reporting.advancing(pace)
        self._reporting.enter("count", None)
        library = Library.load(self._catalogue, bookmark, self._recipe, advance)
        self._reporting.enter("count", len(library))
        kinds = [(kind, limits_of(kind, self._most, advance)) for kind in (library.detailed, library.plain)]
        bookmark = replace(bookmark, bands=library.bands.count, width=library.bands.width)
        if not bookmark.done and bookmark.stage is not Stage.CONFIRM:
            crowds = fingerprint([limits for _, limits in kinds])
            decided = self._catalogue.write(_Deciding(bookmark, crowds)).result()
            if decided is None:
                log.info("crowds are as they were: nothing is to be compared")
                return
            bookmark = decided
        if bookmark.stage is Stage.COMPARE:
            self._reporting.enter("compare", len(library), bookmark.done)
            self._compare(bookmark, kinds, advance)
            bookmark = replace(bookmark, stage=Stage.CONFIRM, done=0)
        self._reporting.enter("confirm", bookmark.last_id, bookmark.done)
        judges = [Judge(kind, limits) for kind, limits in kinds]
        Confirming(self._catalogue, self._broadcast, self._clock, judges).run(bookmark, advance)
        self._catalogue.write(_end).result()

    def _compare(self, bookmark: Bookmark, kinds: Kinds, advance: Callable[[int], None]) -> None:
        comparing = Comparing(self._catalogue, self._broadcast, self._clock, bookmark, advance)
        for done, step, kind, limits in _steps(kinds, bookmark.done):
            comparing.take(step, kind.families, limits)
            comparing.note(replace(bookmark, done=done))
            advance(1)
        comparing.commit()

    def _fail(self, message: str, hint: str) -> None:
        self._fault = Note(message=f"The rematch was interrupted: {message}", hint=hint)
        self._broadcast.tell(EVENT, phase="failed", message=message, hint=hint)


def _steps(kinds: Kinds, done: int) -> Iterator[tuple[int, Step, Neighbourhood, Limits]]:
    """Every step behind the first ``done`` ones, each with how many are done after it."""
    passed = 0
    for kind, limits in kinds:
        for number, step in enumerate(kind.steps(max(0, done - passed)), max(done, passed) + 1):
            yield number, step, kind, limits
        passed += len(kind)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A job of the writer; gives whether something was begun that is not under way."""

    stage: Stage

    def __call__(self, transaction: Transaction) -> bool:
        snapshot = transaction.snapshot
        bookmark = snapshot.bookmark()
        outdated = (snapshot.matching() if bookmark is None else bookmark.matching) != MATCHING
        if bookmark is None or outdated:
            # Pairs of other rules are compared in any case, however little was asked for.
            stage = Stage.COMPARE if outdated else self.stage
            transaction.begin_rematch(
                Bookmark(matching=MATCHING, last_id=snapshot.last_image_id(), stage=stage)
            )
            return True
        if bookmark.stage is Stage.LOOK and self.stage is Stage.COMPARE:
            # Whoever looks finds this when it has looked, and goes on to compare.
            transaction.note_crowding(Crowding.CUT_OFF)
            return True
        return False


@dataclass(frozen=True, slots=True)
class _Deciding:
    """A job of the writer, when the crowds are known: gives the bookmark for comparing, or ends it."""

    bookmark: Bookmark
    crowds: int

    def __call__(self, transaction: Transaction) -> Bookmark | None:
        snapshot = transaction.snapshot
        looked = self.bookmark.stage is Stage.LOOK
        if looked and self.crowds == snapshot.crowds() and snapshot.crowding() is not Crowding.CUT_OFF:
            _end(transaction)
            return None
        goes_on = replace(self.bookmark, stage=Stage.COMPARE)
        transaction.put_crowds(self.crowds)
        transaction.put_bookmark(goes_on)
        return goes_on


def _end(transaction: Transaction) -> None:
    transaction.end_rematch(MATCHING)
