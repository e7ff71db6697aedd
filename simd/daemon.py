"""The life of the daemon: its parts are started and stopped here.

Parts start in the order in which they need each other and stop in reverse. Watches come before
the first sweep, so that nothing falls between the two; the server comes last, in the place of
the porch that answered before it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from threading import Event

from simd.api import ApiServer, create_app
from simd.assembly import Assembly, begin_pool
from simd.config import Settings
from simd.core.answers import Reloaded
from simd.core.errors import DamagedCatalogue, Failed, Loading
from simd.delivery import abandon
from simd.parts import Parts
from simd.plans import REPORT_JOB, timed_jobs
from simd.ports import Clock
from simd.premises import Premises
from simd.reloading import Reloading
from simd.runtime.threads import NamedThread
from simd.schedule import Schedule
from simd.service import Service
from simd.work.loading import Foundation
from simd.work.upkeep import Upkeep

log = logging.getLogger(__name__)

FAREWELL = 10.0
"""Seconds that a thread may take to end."""

READERS_FAREWELL = 0.5
"""The same for one that only reads, maybe a million rows at once: it may end with the process."""


class Daemon:
    """Everything of one daemon, on its premises and its foundation."""

    def __init__(
        self,
        settings: Settings,
        reread: Callable[[], Settings],
        premises: Premises,
        foundation: Foundation,
        clock: Clock,
    ) -> None:
        """``reread`` loads the settings anew, as they were loaded at the start."""
        self._settings = settings
        self._reread = reread
        self._reloading: Reloading | None = None
        self._premises = premises
        self._foundation = foundation
        self._clock = clock
        self._running = ExitStack()
        self._stopped = Event()
        self._dead_thread: str | None = None
        self._schedule: Schedule | None = None
        self._server: ApiServer | None = None

    def start(self) -> Service:
        """Start every part; until :meth:`serve` the porch answers on the socket.

        Raises:
            SimdError: a part cannot work; the message says why.
        """
        with ExitStack() as running:
            service = self._start(running)
            self._running = running.pop_all()
        return service

    def serve(self) -> None:
        """Answer on the socket until :meth:`stop` is called, then stop every part.

        Raises:
            DamagedCatalogue: the catalogue was found to be damaged; a new start repairs it.
            Failed: a thread that the daemon cannot do without has died; a service manager
                should start it again.
        """
        if self._server is None:
            raise RuntimeError("start() comes before serve()")
        with self._running:
            try:
                if not self._stopped.is_set():
                    self._premises.porch.close()
                    self._server.serve()
            finally:
                # A service manager would see to it that what is stopping does not start anew.
                if not self._is_damaged:
                    self._premises.notices.stopping()
        if self._is_damaged:
            raise DamagedCatalogue(
                "The catalogue was found to be damaged, or not in its place any more, while it was in use.",
                hint="Start simd again: it sets a damaged catalogue aside and restores a copy.",
            )
        if self._dead_thread is not None:
            raise Failed(
                f"The {self._dead_thread} thread ended by an error, so the daemon cannot go on.",
                hint="The log has the details. Starting simd again sweeps every folder.",
            )

    def stop(self) -> None:
        """Let :meth:`serve` end; may be called from a signal handler or any thread."""
        self._stopped.set()
        if self._server is not None:
            self._server.stop()

    @property
    def _is_damaged(self) -> bool:
        """Whether the daemon ended by itself because its catalogue is damaged."""
        return self._dead_thread is not None and self._foundation.catalogue.suspects_damage

    def _keep_up(self, upkeep: Upkeep, stopping: Event) -> None:
        upkeep.loop(stopping)
        if not stopping.is_set():
            self._thread_died("upkeep")

    def _reload(self) -> Reloaded:
        if self._reloading is None:
            raise Loading("The daemon is starting.", hint="Ask again in a moment.")
        return self._reloading.reload()

    def _thread_died(self, name: str) -> None:
        self._dead_thread = name
        self.stop()

    def _start(self, running: ExitStack) -> Service:
        settings, started = self._settings, self._premises.started
        notices = self._premises.notices
        assembly = Assembly(
            settings, self._foundation, self._clock, notices, started, self._next_report, self._reload
        )
        ground = assembly.lay_ground(running)
        road = assembly.build_road(ground)
        running.callback(road.ingest.pending.close)
        # Listeners learn that it is over before those who wait for work to be done are let go.
        running.callback(ground.broadcast.close)
        parts = assembly.join(ground, road)
        parts.actions.recover()
        service = Service(parts)
        service.record_job_success("sweep", self._clock.now())
        # All of this goes on while the index is filled, and before the threads, which would hold it up;
        # the first status finds the catalogue counted.
        with ThreadPoolExecutor(1, "counting") as beside:
            counted = beside.submit(service.status)
            self._server = ApiServer(create_app(service), self._premises.listening)
            counted.result()
        self._foundation.filled.result()
        # Not before: the processors have enough to do until then.
        begin_pool(ground.pool, running, self._thread_died)
        threads = self._threads(parts)
        for thread in threads:
            thread.start()
            running.callback(thread.stop, READERS_FAREWELL if thread.name == "groups" else FAREWELL)
        # All are asked before the first is waited for: each takes a while to come to a good place to end.
        running.callback(_ask_to_stop, threads)
        service.sweep_all("start")
        self._start_schedule(service, running)
        self._start_guard(parts, running)
        if self._schedule is not None:
            self._reloading = Reloading(settings, self._reread, ground, parts, service, self._schedule)
        # The schedule waits for its jobs to end, so a report under way is given up before it is stopped.
        running.callback(abandon)
        running.callback(parts.reports.close)
        running.callback(parts.actions.close)
        running.callback(parts.catalogue.hurry)
        running.callback(parts.catch_up.close)
        seconds = round(time.monotonic() - started, 1)
        log.info("ready after %.1f s, answers on %s", seconds, settings.socket, extra={"seconds": seconds})
        return service

    def _next_report(self) -> datetime | None:
        """When the next nightly report is due; the schedule is made after those who ask this."""
        return None if self._schedule is None else self._schedule.next_run(REPORT_JOB)

    def _threads(self, parts: Parts) -> list[NamedThread]:
        ingest, sweeper = parts.ingest, parts.sweeper
        return [
            NamedThread("ingest", ingest.loop, ingest.mailbox.wake, self._thread_died),
            NamedThread("sweeper", sweeper.loop, sweeper.wake, self._thread_died),
            NamedThread("sparing", parts.sparing.loop, None, self._thread_died),
            NamedThread("upkeep", partial(self._keep_up, parts.upkeep), None, self._thread_died),
            NamedThread("rematch", parts.rematch.loop, parts.rematch.wake),
            NamedThread("groups", parts.groups.prepare, parts.groups.close),
        ]

    def _start_guard(self, parts: Parts, running: ExitStack) -> None:
        """Begin to watch over what runs; ready is who answers, and has set all watches."""
        if self._server is None or self._schedule is None:
            raise RuntimeError("the guard comes last")
        guard = parts.guard
        guard.watch(self._server.heart, parts.catalogue.heart, parts.ingest.heart, parts.sweeper.heart)
        guard.watch(parts.upkeep.heart, parts.rematch.heart, self._schedule.heart)
        guard.expect(self._server.started, parts.sweeper.watching)
        thread = NamedThread("guard", guard.loop, None, self._thread_died)
        thread.start()
        running.callback(thread.stop)

    def _start_schedule(self, service: Service, running: ExitStack) -> None:
        schedule = self._schedule = Schedule(
            timed_jobs(self._settings, service),
            self._clock,
            service.job_success,
            service.record_job_success,
            on_jump=service.sweep_all,
        )
        schedule.start()
        running.callback(schedule.stop)


def _ask_to_stop(threads: Sequence[NamedThread]) -> None:
    for thread in threads:
        thread.ask_to_stop()
