"""Looking at the files of a batch in another process, while those of the batch before are acted on.

Opening and reading files is a third of the work, and Python does one thing at a time.
"""

import fcntl
import logging
import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, auto
from itertools import compress
from typing import IO, Any, Final

from simd.catalogue import Portion
from simd.core.actions.model import Unit
from simd.core.answers.likeness import MatchKind
from simd.work.actions.batching import Batch, units_of
from simd.work.actions.scout import Order
from simd.work.actions.sighting import Sighter

log = logging.getLogger(__name__)

_COMMAND: Final = (sys.executable, "-P", "-c", "from simd.work.actions.scout import main; main()")

_ROOM: Final = 2**20
"""Bytes of the pipe that orders go through: so that each is written without a wait."""

_PATIENCE: Final = 500
"""Milliseconds of waiting, after which it is asked whether to go on."""

_LOST: Final = (OSError, EOFError, pickle.UnpicklingError)
"""What the end of the other process looks like from here."""

Turn = tuple[Sequence[Unit], Sighter]
"""The units of a batch, and one who has seen of their files what was seen ahead."""


class Ahead(Enum):
    """What the files are looked at for."""

    TAKING = auto()
    PUTTING_BACK = auto()


@contextmanager
def looking_ahead(
    batches: Iterator[Batch],
    ahead: Ahead | None,
    go_on: Callable[[], None],
) -> Iterator[Iterator[Turn]]:
    """Batches one after the other, seen no earlier than the batch before was begun.

    Args:
        batches: of units, which are made when the turn of their batch has come.
        ahead: what for; None where no file is to be seen before its turn.
        go_on: asked before each, and while the other process is waited for; raises to stop.
    """
    scout = Scout(go_on)
    try:
        yield _turns(batches, ahead, go_on, scout)
    finally:
        scout.close()


def _turns(
    batches: Iterator[Batch], ahead: Ahead | None, go_on: Callable[[], None], scout: "Scout"
) -> Iterator[Turn]:
    following = next(batches, None)
    while following is not None:
        go_on()
        batch, met = following, scout.answer()
        following = next(batches, None)
        order = None if following is None or ahead is None else order_of(following, ahead)
        if order is not None:
            scout.ask(order)
        units = units_of(batch)
        yield units, Sighter(compress([unit.picture.file.path for unit in units], met))


def order_of(batch: Batch, ahead: Ahead) -> Order | None:
    """What is to be looked at of a batch; None where its units were named one by one."""
    if not isinstance(batch, Portion):
        return None
    kept = batch.kept
    if ahead is Ahead.PUTTING_BACK:
        return Order(kept.facts, kept.body, batch.spans, ())
    return Order(kept.facts, None, batch.spans, [kind is MatchKind.IDENTICAL for kind in kept.kinds()])


class Scout:
    """Another process that looks at files. It begins when it is asked first; nobody waits for it to be ready.

    What it finds as it should be is not looked at again. All else is, by whoever asks: so whatever becomes
    of the other process, nothing is lost but time.
    """

    def __init__(self, go_on: Callable[[], None]) -> None:
        """``go_on`` is asked while an answer is waited for, and raises to stop."""
        self._go_on = go_on
        self._is_asked = False
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = self._is_lost = False

    def ask(self, order: Order) -> None:
        """Have files looked at, if it is ready."""
        try:
            process = self._standing_by()
            if process is not None:
                pickle.dump(tuple(order), _pipe(process.stdin))
                _pipe(process.stdin).flush()
                self._is_asked = True
        except _LOST as error:
            self._lose(error)

    def answer(self) -> Sequence[bool]:
        """For each unit that was asked about last, whether all was as it has to be; empty if none was.

        Raises:
            Exception: whatever ``go_on`` raises.
        """
        asked, self._is_asked = self._is_asked, False
        if asked and self._process is not None:
            while not _has_spoken(self._process, _PATIENCE):
                self._go_on()
            try:
                met: list[bool] = _heard(self._process)
            except _LOST as error:
                self._lose(error)
            else:
                return met
        return ()

    def close(self) -> None:
        """End it, whatever it is doing: it changes nothing."""
        if self._process is not None:
            self._process.kill()
            # What was not read of an order is of no use to anybody.
            with suppress(OSError), self._process:
                pass
            self._process = None

    def _standing_by(self) -> "subprocess.Popen[bytes] | None":
        """It, if it is ready; where it has not begun, it begins."""
        if self._is_lost:
            return None
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for whoever began it
            )
            _widen(_pipe(self._process.stdin))
        if not self._is_ready and _has_spoken(self._process, 0):
            self._is_ready = _heard(self._process)
        return self._process if self._is_ready else None

    def _lose(self, error: Exception) -> None:
        log.warning("files are not looked at ahead any more: %s", error or type(error).__name__)
        self._is_lost = True
        self.close()


def _widen(pipe: IO[bytes]) -> None:
    """Have a pipe hold an order, where the system lets its size be chosen; elsewhere writing waits."""
    if sys.platform == "linux":
        # One user may have only so much room in pipes.
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _ROOM)


def _has_spoken(process: "subprocess.Popen[bytes]", milliseconds: int) -> bool:
    """Whether it has said something, or has ended."""
    poll = select.poll()
    poll.register(_pipe(process.stdout), select.POLLIN)
    return bool(poll.poll(milliseconds))


def _heard(process: "subprocess.Popen[bytes]") -> Any:
    return pickle.load(_pipe(process.stdout))  # noqa: S301 - it is a part of simd


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("both ends are pipes")
    return stream
