"""Reading files while they settle, so that most of them only have to be written when they have settled.

A file is read ahead once it was calm for a part of its settle time. What comes of that is used
only if no sign of change has come since the file was handed out: modification times may be too
coarse to tell two writes apart, a count of events is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice

from simd.core.settling import Settling, Verdict
from simd.core.stamp import Stamp
from simd.imaging import AlreadyKnown, Decoded, Outcome
from simd.work.arrivals import Arrival, Read
from simd.work.examine import Place, ToRead
from simd.work.fresh import Fresh, Recent
from simd.work.reading import arrival_of

CALM_SHARE = 1 / 20
"""The part of the settle time after which a file is calm enough to be read ahead."""

RECENT = 256
"""So many signatures are kept whatever became of their files: one that is renamed, or moves on in another
way while it settles, keeps its bytes."""


class Promise(Enum):
    """What :meth:`ReadAhead.settled` says of a file that is being read."""

    COMING = "coming"
    """Its outcome goes on as soon as it is collected."""


class _Stage(Enum):
    RESTING = auto()
    """The calm clock runs."""
    CALM = auto()
    """It waits for its turn."""
    READING = auto()
    """It was handed out, and has not changed since."""
    PROMISED = auto()
    """It has settled while it was being read."""
    HELD = auto()
    """It was read, and has not changed since."""
    SPENT = auto()
    """Its one turn is over, and there is nothing to show for it."""


@dataclass(slots=True)
class _Trial:
    """One file in one episode of settling; ``number`` tells its reading from those of other episodes."""

    stamp: Stamp
    stage: _Stage = _Stage.RESTING
    number: int = 0
    arrival: Arrival | None = None


class ReadAhead:
    """What is read, or will be, of files that still settle. Used by one thread only.

    It keeps step with the :class:`Settling` of its owner: whatever is pending there may have a
    trial here, and nothing else, but for files that settled while they were being read. Within
    one episode of settling a file is handed out at most once, so that a slow writer who pauses
    costs one reading in vain.
    """

    def __init__(self, quiet: float) -> None:
        """``quiet`` seconds without a sign of change make a file calm."""
        self.fresh = Fresh()
        self._recent = Recent(RECENT)
        self._resting = Settling(quiet, cap=float("inf"))
        self._trials: dict[bytes, _Trial] = {}
        self._calm: dict[bytes, None] = {}
        self._numbers = 0

    def follow(self, quiet: float) -> None:
        """Go by another time from now on."""
        self._resting.follow(quiet, cap=float("inf"))

    def __len__(self) -> int:
        return len(self._trials)

    def touch(self, path: bytes, stamp: Stamp, now: float) -> None:
        """Note a sign of change, whatever the stamp says."""
        trial = self._trials.get(path)
        if trial is None or trial.stage is _Stage.PROMISED:
            trial = self._trials[path] = _Trial(stamp)
        elif trial.stage not in {_Stage.RESTING, _Stage.CALM}:
            self._spend(trial)
            return
        self._calm.pop(path, None)
        trial.stamp, trial.stage = stamp, _Stage.RESTING
        self._resting.touch(path, stamp, now)

    def found(self, path: bytes, stamp: Stamp, now: float) -> None:
        """Note what a sweep saw; the stamp that is known already is no sign of change."""
        trial = self._trials.get(path)
        if trial is None or trial.stamp != stamp:
            self.touch(path, stamp, now)

    def forget(self, path: bytes) -> None:
        """The file no longer settles; what is being read of it is worth nothing."""
        trial = self._trials.pop(path, None)
        if trial is not None:
            self._spend(trial)
        self._resting.forget(path)
        self._calm.pop(path, None)

    # The calm clock.

    def next_due(self) -> float | None:
        """When :meth:`due` has something to say next; None when nothing is waiting."""
        return self._resting.next_due()

    def due(self, now: float) -> list[bytes]:
        """The files that may be calm: stat each and call :meth:`confirm`."""
        return self._resting.due(now)

    def confirm(self, path: bytes, stamp: Stamp | None, now: float) -> None:
        """Judge a file by its present stamp; None when it is no longer there."""
        match self._resting.confirm(path, stamp, now):
            case Verdict.SETTLED:
                self._trials[path].stage = _Stage.CALM
                self._calm[path] = None
            case Verdict.CHANGING if stamp is not None:
                self._trials[path].stamp = stamp
            case _:
                self.forget(path)

    # Reading.

    @property
    def has_calm(self) -> bool:
        """Whether :meth:`take` has something to give."""
        return bool(self._calm)

    def take(self, count: int) -> list[Place]:
        """Up to so many calm files, for each of which this is its one turn."""
        places = []
        for path in list(islice(self._calm, count)):
            del self._calm[path]
            self._numbers += 1
            trial = self._trials[path]
            trial.stage, trial.number = _Stage.SPENT, self._numbers
            # Should it have changed since it was found calm, the worker that opens it will see that.
            places.append(Place(path, ahead=self._numbers, stamp=trial.stamp))
        return places

    def hand_out(self, tasks: Iterable[ToRead]) -> list[ToRead]:
        """Those of the taken files that are worth reading, from now on awaited."""
        awaited = [task for task in tasks if task.stamp == self._trials[task.place.path].stamp]
        for task in awaited:
            self._trials[task.place.path].stage = _Stage.READING
        return awaited

    def collect(self, task: ToRead, outcome: Outcome) -> bool:
        """Take the outcome of a reading; whether it goes on at once instead, as for any settled file."""
        if isinstance(outcome, Decoded):
            self._recent.add(outcome.signature)
        if not task.place.ahead:
            return True
        trial = self._trials.get(task.place.path)
        if trial is None or trial.number != task.place.ahead:
            return False
        if trial.stage is _Stage.PROMISED:
            del self._trials[task.place.path]
            return True
        if trial.stage is _Stage.READING:
            self._hold(trial, arrival_of(task.place.path, outcome, task.stamp))
        return False

    def digests(self, size: int) -> frozenset[bytes]:
        """The digests of files of ``size`` bytes that were read and need not be in the catalogue."""
        return self.fresh.digests(size) | self._recent.digests(size)

    def completed(self, outcome: Outcome, size: int) -> Outcome:
        """The outcome, with the signature where the file's bytes equal those of one that was read lately.

        Without it the copy would have to wait for that one, which may never settle.
        """
        if isinstance(outcome, AlreadyKnown):
            signature = self.fresh.find(outcome.digest, size) or self._recent.find(outcome.digest, size)
            if signature is not None:
                return Decoded(signature, outcome.stamp)
        return outcome

    def settled(self, path: bytes, stamp: Stamp | None) -> Arrival | Promise | None:
        """End the episode of a file that settled with this stamp.

        Returns:
            What was read of it; or that it is being read; or None if it has yet to be read.
        """
        trial = self._trials.get(path)
        if trial is not None and trial.stamp == stamp:
            if trial.stage is _Stage.READING:
                trial.stage = _Stage.PROMISED
                return Promise.COMING
            arrival = trial.arrival
            self.forget(path)
            return arrival
        self.forget(path)
        return None

    def _hold(self, trial: _Trial, arrival: Arrival | None) -> None:
        trial.arrival = arrival
        trial.stage = _Stage.SPENT if arrival is None else _Stage.HELD
        if isinstance(arrival, Read):
            self.fresh.add(arrival.signature)

    def _spend(self, trial: _Trial) -> None:
        if isinstance(trial.arrival, Read):
            self.fresh.discard(trial.arrival.signature)
        trial.arrival, trial.stage = None, _Stage.SPENT
