"""The start of the daemon, in the order in which a person or a client notices it.

First what is light: the lock, the socket, and the porch that answers on it. Then what takes
longest, begun before the libraries of the rest are imported, so that it goes on beside them.
Then the rest, and last the real server in the place of the porch. Where no catalogue is yet, the
workers load their libraries beside all of that.

    settings ─► lock, socket, porch ─► catalogue ─┬─► index ──────────┬─► workers ─► server
                                                  └─► imports, parts ─┘
"""

import gc
import logging
import math
import os
import platform
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from types import FrameType

import simd
from simd.config import Settings
from simd.core.answers.daemon import LoadingPhase
from simd.core.errors import DamagedCatalogue, SimdError
from simd.premises import Premises, open_premises
from simd.runtime.clock import SystemClock
from simd.system.logs import start_logging

log = logging.getLogger(__name__)

LASTING_SECONDS = 600.0
"""A catalogue that is damaged again so soon lies on a disk, or in a memory, that no new start repairs."""


def run(settings: Settings, reread: Callable[[], Settings], *, show: bool) -> None:
    """Run the daemon until it is interrupted.

    Args:
        settings: what was configured.
        reread: loads the settings anew, as these were loaded; called when somebody asks for it.
        show: tell the terminal what is read and found.

    Raises:
        SimdError: the daemon cannot start, or cannot go on; the message says why.
    """
    level = "warning" if show and settings.log.level == "info" else settings.log.level
    writer = start_logging(level, settings.log.format)
    end = _End()
    began = time.monotonic()
    log.info(
        "simd %s starts with Python %s and SQLite %s, process %d",
        simd.__version__,
        platform.python_version(),
        sqlite3.sqlite_version,
        os.getpid(),
        extra={"state_dir": os.fsencode(settings.state_dir), "roots": len(settings.roots)},
    )
    try:
        with end.on_signals():
            _run_and_repair(settings, reread, end, show=show)
    except _EndedEarly:
        log.info("ended before everything was loaded")
    finally:
        seconds = round(time.monotonic() - began, 1)
        log.info("simd has stopped after %.1f s", seconds, extra={"seconds": seconds})
        writer.stop()


def _run_and_repair(settings: Settings, reread: Callable[[], Settings], end: "_End", *, show: bool) -> None:
    """Run the daemon; begin again when it found its catalogue damaged, as a new start repairs that.

    Raises:
        DamagedCatalogue: that was of no use.
    """
    began_again = -math.inf
    while True:
        try:
            with ExitStack() as running:
                premises = open_premises(settings, end.go_on, running)
                _load_and_serve(settings, reread, premises, end, running, show=show)
        except DamagedCatalogue as error:
            if time.monotonic() - began_again < LASTING_SECONDS:
                raise
            began_again = time.monotonic()
            log.error("%s The daemon begins again, to repair it.", error.message)  # noqa: TRY400 - a known kind
            settings = _read_again(settings, reread)
        else:
            return


def _read_again(settings: Settings, reread: Callable[[], Settings]) -> Settings:
    """The settings as any new start would find them, or as they were when they do not hold together."""
    try:
        return reread()
    except SimdError as error:
        log.warning("the settings stay as they were at the start: %s", error.message)
        return settings


class _EndedEarly(Exception):
    """Somebody ended the daemon before it was ready."""


class _End:
    """The wish that the daemon ends, which may come before there is a daemon."""

    def __init__(self) -> None:
        self._wished = False
        self._stop: Callable[[], None] | None = None
        self._reload: Callable[[], object] | None = None

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Take an interrupt or a termination for the wish, and a hang-up for the one to read the settings."""
        before = {number: signal.signal(number, self._wish) for number in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._hang_up)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def go_on(self) -> None:
        """Go on with the start, unless the wish is there.

        Raises:
            _EndedEarly: it is.
        """
        if self._wished:
            raise _EndedEarly

    def fulfil_by(self, stop: Callable[[], None]) -> None:
        """From now on, the wish is fulfilled by ``stop``; at once if it is there already."""
        self._stop = stop
        if self._wished:
            stop()

    def reload_by(self, reload: Callable[[], object]) -> None:
        """From now on, ``reload`` reads the settings again."""
        self._reload = reload

    def _hang_up(self, _number: int, _frame: FrameType | None) -> None:
        # While the daemon loads there is nothing to do: the settings have just been read.
        if self._reload is not None:
            Thread(target=_reload_and_log, args=(self._reload,), name="reload", daemon=True).start()

    def _wish(self, _number: int, _frame: FrameType | None) -> None:
        self._wished = True
        if self._stop is not None:
            self._stop()


def _reload_and_log(reload: Callable[[], object]) -> None:
    """Nobody waits for an answer to a signal: what is wrong is told in the log."""
    try:
        reload()
    except SimdError as error:
        log.error("the settings stay as they are: %s", error.message)  # noqa: TRY400 - a known kind


def _load_and_serve(
    settings: Settings,
    reread: Callable[[], Settings],
    premises: Premises,
    end: _End,
    running: ExitStack,
    *,
    show: bool,
) -> None:
    clock = SystemClock()
    with _no_collections():
        premises.enter(LoadingPhase.START)
        # Imported when their turn comes: the porch answers meanwhile, and the index is filled beside them.
        from simd.work.loading import lay_foundation  # noqa: PLC0415

        foundation = lay_foundation(settings.state_dir, clock, premises.enter, running)
        from simd.daemon import Daemon  # noqa: PLC0415

        daemon = Daemon(settings, reread, premises, foundation, clock)
        service = daemon.start()
    end.fulfil_by(daemon.stop)
    end.reload_by(service.reload)
    if show:
        from simd.foreground import follow  # noqa: PLC0415 - only a terminal needs it

        Thread(target=follow, args=(service, settings.socket), name="foreground", daemon=True).start()
    daemon.serve()


@contextmanager
def _no_collections() -> Iterator[None]:
    """Look for no garbage meanwhile, and never again in what came to be: it is there to stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
