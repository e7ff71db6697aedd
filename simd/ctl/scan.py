"""The command scan: a sweep now, followed until what it found is searchable."""

from argparse import ArgumentParser
from contextlib import closing
from threading import Event, Thread

from simd.client.events import EventStream
from simd.core.errors import Failed, SimdError, TimedOut, Unavailable
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.machine import ANSWERING_SECONDS
from simd.ctl.progress import Silence, chosen_view
from simd.ctl.subjects import path_fields
from simd.render.holds import reasons, remedies
from simd.render.words import count, duration, escape

SYNC_SECONDS = 600.0
"""How long one wait for the queue lasts; it is repeated for as long as the queue needs."""


def scan_words(command: ArgumentParser) -> None:
    """Folders, ``--rehash`` and ``--accept-missing``."""
    command.add_argument(
        "paths", nargs="*", metavar="PATH", help="a watched folder or one below it (default: all)"
    )
    command.add_argument("--rehash", action="store_true", help="read every file again, changed or not")
    command.add_argument(
        "--accept-missing", action="store_true", help="believe it when most files of a folder are gone"
    )


def scan(call: Call) -> int:
    """Sweep, wait for the sweep and then for what it found to be read."""
    given = call.arguments
    body = {"paths": _paths(call), "rehash": given.rehash, "accept_missing": given.accept_missing}
    with closing(chosen_view(call)) as view, closing(call.client.events()) as events:
        started = call.client.post("/v1/scan", body)
        follower = Follower(events, started, view)
        try:
            sums = follower.swept()
            synced, trouble = _settle(call)
        finally:
            events.close()
            follower.join()
    if trouble is None or not call.output.as_json:
        _tell(call, {**started, **sums, "synced": synced})
    if trouble is not None:
        raise trouble
    return 0


class Follower:
    """A thread that reads events: shows progress, and collects the sweeps of one scan.

    A scan of several folders is a sweep of each, and each tells its own end.
    """

    def __init__(self, events: EventStream, started: Json, view: Silence) -> None:
        self._events = events
        self._scan = started["scan"]
        self._awaited = len(started["roots"])
        self._view = view
        self._sweeps: list[Json] = []
        self._fault: SimdError | None = None
        self._over = Event()
        self._thread = Thread(target=self._follow, name="events", daemon=True)
        self._thread.start()

    def swept(self) -> Json:
        """Wait for the end of every sweep; their sums.

        Raises:
            Failed: the daemon stopped first.
        """
        if self._awaited:
            self._over.wait()
        if len(self._sweeps) < self._awaited:
            raise self._fault or Failed("the daemon stopped before the sweep was over", hint="see its log")
        return {
            name: sum(sweep[name] for sweep in self._sweeps)
            for name in ("files", "changed", "missing", "took_ms")
        }

    def join(self) -> None:
        """Wait for the thread, once the events are closed."""
        self._thread.join()

    def _follow(self) -> None:
        try:
            for name, data in self._events:
                if name == "progress":
                    self._view.show(data)
                elif name == "scanned" and data["scan"] == self._scan:
                    self._sweeps.append(data)
                    if len(self._sweeps) == self._awaited:
                        self._over.set()
        except SimdError as error:
            self._fault = error
        finally:
            self._over.set()


def _paths(call: Call) -> list[Json] | None:
    return [path_fields(word) for word in call.arguments.paths] or None


def _settle(call: Call) -> tuple[bool, Unavailable | None]:
    """Wait until what the sweep found is searchable; whether it is, and what speaks against it."""
    while not (status := call.client.get("/v1/status"))["paused"]:
        try:
            call.client.post("/v1/sync", {"timeout": SYNC_SECONDS}, timeout=SYNC_SECONDS + ANSWERING_SECONDS)
        except TimedOut:
            continue
        except Unavailable as error:
            return False, error
        return True, None
    if not call.output.as_json:
        holds = status["holds"]
        call.output.note(f"Hashing is paused, and what the sweep found waits: {reasons(holds)}.")
        call.output.note(f"hint: {remedies(holds)}")
    return False, None


def _tell(call: Call, answer: Json) -> None:
    if call.output.as_json:
        call.output.json(answer)
        return
    roots = ", ".join(escape(root) for root in answer["roots"])
    call.output.text(
        f"Swept {roots}: {count(answer['files'], 'file')}, {answer['changed']:,} new or changed, "
        f"{answer['missing']:,} missing, in {duration(answer['took_ms'] / 1_000)}."
    )
