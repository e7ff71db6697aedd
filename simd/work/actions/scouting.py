"""Looking at the files of a batch in another process, while those of the batch before are acted on.

Opening and reading files is a third of the work, and Python does one thing at a time.
"""

import logging
import pickle
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import compress
from typing import IO, Any, Final

from simd.core.actions.model import Unit
from simd.work.actions.scout import order_of
from simd.work.actions.sighting import Demands, Sighter

log = logging.getLogger(__name__)

_COMMAND: Final = (sys.executable, "-P", "-m", "simd.work.actions.scout")

_PATIENCE: Final = 500
"""Milliseconds of waiting, after which it is asked whether to go on."""

_LOST: Final = (OSError, EOFError, pickle.UnpicklingError)
"""What the end of the other process looks like from here."""

Turn = tuple[Sequence[Unit], Sighter]
"""A batch, and one who has seen of its files what was seen ahead."""


@contextmanager
def looking_ahead(
    batches: Iterator[Sequence[Unit]],
    demands: Callable[[Sequence[Unit]], Demands | None] | None,
    go_on: Callable[[], None],
) -> Iterator[Iterator[Turn]]:
    """Batches one after the other, seen no earlier than the batch before was begun.

    Args:
        batches: of units.
        demands: what has to be so of the files of a batch, None where that is not to be seen before its turn;
            None if that is so of all.
        go_on: asked before each, and while the other process is waited for; raises to stop.
    """
    scout = Scout(go_on)
    try:
        yield _turns(batches, demands or _nothing, go_on, scout)
    finally:
        scout.close()


def _turns(
    batches: Iterator[Sequence[Unit]],
    demands: Callable[[Sequence[Unit]], Demands | None],
    go_on: Callable[[], None],
    scout: "Scout",
) -> Iterator[Turn]:
    following = next(batches, None)
    while following is not None:
        go_on()
        batch, sighter = following, scout.sighter()
        following = next(batches, None)
        wanted = demands(following) if following is not None else None
        if wanted is not None:
            scout.ask(wanted)
        yield batch, sighter


def _nothing(_units: Sequence[Unit]) -> None:
    return None


class Scout:
    """Another process that looks at files. It begins when it is asked first; nobody waits for it to be ready.

    What it finds as it should be is not looked at again. All else is, by whoever asks: so whatever becomes
    of the other process, nothing is lost but time.
    """

    def __init__(self, go_on: Callable[[], None]) -> None:
        """``go_on`` is asked while an answer is waited for, and raises to stop."""
        self._go_on = go_on
        self._asked: Demands | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = self._is_lost = False

    def ask(self, demands: Demands) -> None:
        """Have files looked at, if it is ready."""
        try:
            process = self._standing_by()
            if process is not None:
                pickle.dump(order_of(demands.values()), _pipe(process.stdin))
                _pipe(process.stdin).flush()
                self._asked = demands
        except _LOST as error:
            self._lose(error)

    def sighter(self) -> Sighter:
        """One who has seen what was found as it should be, of all that was asked last; has seen nothing else.

        Raises:
            Exception: whatever ``go_on`` raises.
        """
        asked, self._asked = self._asked, None
        if asked is not None and self._process is not None:
            while not _has_spoken(self._process, _PATIENCE):
                self._go_on()
            try:
                return Sighter(frozenset(compress(asked, _heard(self._process))))
            except _LOST as error:
                self._lose(error)
        return Sighter()

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
        if not self._is_ready and _has_spoken(self._process, 0):
            self._is_ready = _heard(self._process)
        return self._process if self._is_ready else None

    def _lose(self, error: Exception) -> None:
        log.warning("files are not looked at ahead any more: %s", error or type(error).__name__)
        self._is_lost = True
        self.close()


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
