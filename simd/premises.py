"""What there is before there is a daemon: its lock, its socket, and somebody who answers there.

All of it is light, so that a client gets an answer, and a second daemon its refusal, before the
libraries of the daemon are imported.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from simd.config import Settings
from simd.core.answers.daemon import LoadingPhase
from simd.porch import Loading, Porch
from simd.render.verdict import LOADING_WORDS
from simd.system.folders import check_contents, private_folder
from simd.system.lock import ProcessLock
from simd.system.mounts import check_local
from simd.system.notify import ServiceNotices
from simd.system.socket import BoundSocket, bind_socket

DATABASE = "catalogue.db"
"""Written out: the room that owns the name takes longer to import than all that is here."""

PATIENCE_OF_MANAGER = 60.0
"""Seconds that the service manager is asked to wait on, again and again while the porch is open."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Where a daemon is going to work.

    Attributes:
        listening: its socket.
        porch: answers there until it is closed.
        notices: for the service manager.
        started: the moment of the start on the monotonic clock.
        enter: to be told each phase of the start before it begins; may raise, to go no further.
    """

    listening: BoundSocket
    porch: Porch
    notices: ServiceNotices
    started: float
    enter: Callable[[LoadingPhase], None]


def open_premises(settings: Settings, go_on: Callable[[], None], running: ExitStack) -> Premises:
    """Lock the state folder, bind the socket, and begin to answer there.

    Args:
        settings: where the state folder and the socket are.
        go_on: called before each phase; raises when somebody wants to go no further.
        running: gets what must be done at the end, in order.

    Raises:
        AlreadyRunning: another daemon owns the state folder, or answers on the socket.
        ConfigError: the folder lies on another machine, or it or the socket cannot be made.
    """
    started = time.monotonic()
    notices = ServiceNotices.from_environment()
    check_local(settings.state_dir)
    private_folder(settings.state_dir)
    running.enter_context(ProcessLock(settings.state_dir))
    check_contents(settings.state_dir)
    listening = bind_socket(Path(settings.socket), settings.socket_mode)
    running.callback(listening.remove)
    loading = Loading(settings.roots, settings.state_dir / DATABASE, started)
    porch = Porch(listening, loading.status, lambda: notices.extend(PATIENCE_OF_MANAGER))
    porch.open()
    running.callback(porch.close)

    def enter(phase: LoadingPhase) -> None:
        go_on()
        loading.phase = phase
        notices.status(LOADING_WORDS[phase])

    return Premises(listening, porch, notices, started, enter)
