"""The server: uvicorn on a Unix socket that is bound already."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event

import uvicorn
from fastapi import FastAPI

from simd.api.connection import LimitedConfig, Limits
from simd.runtime.heartbeat import Heart

BEAT_SECONDS = 5.0
SECONDS_ALLOWED = 60.0
"""Nothing on the event loop may take long, but the processor may be elsewhere."""


BACKLOG = 2048
"""Clients that may wait to be let in."""


class ApiServer:
    """Serves the app on a socket, in the thread that calls :meth:`serve`.

    Attributes:
        started: set when connections are accepted.
        heart: shows that the event loop goes round.
    """

    def __init__(self, app: FastAPI, sock: socket.socket, limits: Limits | None = None) -> None:
        self.started = Event()
        self.heart = Heart("server", SECONDS_ALLOWED)
        self._sock = sock
        self._server = _Server(LimitedConfig(app, limits or Limits()), app, self.started, self.heart)

    def serve(self) -> None:
        """Answer until :meth:`stop`; the socket is closed then, and its file remains.

        Once only: a server that has stopped does not start again.
        """
        # asyncio.run would take SIGINT from the daemon, whose main thread this may be.
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._server.serve(sockets=[self._sock]))
            loop.run_until_complete(_end_tasks(loop))
        finally:
            loop.close()

    def stop(self) -> None:
        """Ask :meth:`serve` to return; from any thread, without waiting for it.

        Event streams end and calls that wait are told to go at once; quick ones may finish.
        """
        self._server.should_exit = True


async def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what outlived the server's own patience, and see it end."""
    remaining = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in remaining:
        task.cancel()
    await asyncio.gather(*remaining, return_exceptions=True)
    await loop.shutdown_asyncgens()


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to the daemon and tells when it listens."""

    def __init__(self, config: LimitedConfig, app: FastAPI, started: Event, heart: Heart) -> None:
        super().__init__(config)
        self._app = app
        self._listening = started
        self._heart = heart

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none: the daemon decides what a signal means."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        for sock in sockets or ():
            # How many may wait is another matter than how many are accepted at once.
            sock.listen(BACKLOG)
        self._beat()
        self._listening.set()

    def _beat(self) -> None:
        self._heart.beat()
        asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who wait, then close."""
        self._app.state.calls.stop()
        await super().shutdown(sockets)
