"""The command rematch: every image compared anew, followed to its end."""

import time
from argparse import ArgumentParser
from contextlib import closing
from threading import Event, Thread

from simd.client.events import EventStream
from simd.core.errors import Failed, SimdError
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.progress import Silence, chosen_view
from simd.render.holds import reasons, remedies
from simd.render.words import count, duration

EVENT = "rematch"


def rematch_words(_command: ArgumentParser) -> None:
    """No arguments."""


def rematch(call: Call) -> int:
    """Begin a rematch, or join the one that is under way, and wait for its end."""
    asked_at = time.monotonic()
    with closing(chosen_view(call)) as view, closing(call.client.events()) as events:
        started = call.client.post("/v1/rematch")
        status = call.client.get("/v1/status")
        if status["paused"]:
            return _tell_paused(call, started, status["holds"])
        follower = Follower(events, view)
        try:
            ended = follower.ended()
        finally:
            events.close()
            follower.join()
    took_ms = round((time.monotonic() - asked_at) * 1_000)
    answer = {**started, "finished": True, "pairs_after": ended["pairs"], "took_ms": took_ms}
    if call.output.as_json:
        call.output.json(answer)
        return 0
    call.output.text(
        f"Compared {count(started['images'], 'image')}: {count(ended['pairs'], 'similar pair')}, "
        f"{started['pairs']:,} before, in {duration(took_ms / 1_000)}."
    )
    return 0


class Follower:
    """A thread that reads events: shows progress, and waits for the end."""

    def __init__(self, events: EventStream, view: Silence) -> None:
        self._events = events
        self._view = view
        self._ended: Json | None = None
        self._fault: SimdError | None = None
        self._over = Event()
        self._thread = Thread(target=self._follow, name="events", daemon=True)
        self._thread.start()

    def ended(self) -> Json:
        """Wait for the end; what is told of it.

        Raises:
            Failed: it was interrupted, or the daemon stopped first.
        """
        self._over.wait()
        if self._ended is None:
            raise self._fault or Failed(
                "the daemon stopped before the rematch was over", hint="it goes on when simd runs again"
            )
        return self._ended

    def join(self) -> None:
        """Wait for the thread, once the events are closed."""
        self._thread.join()

    def _follow(self) -> None:
        try:
            for name, data in self._events:
                if name == EVENT and self._is_over(data):
                    return
        except SimdError as error:
            self._fault = error
        finally:
            self._over.set()

    def _is_over(self, data: Json) -> bool:
        if data["phase"] == "done":
            self._ended = data
        elif data["phase"] == "failed":
            self._fault = Failed(f"the rematch was interrupted: {data['message']}", hint=data["hint"])
        else:
            self._view.show(data)
        return data["phase"] in {"done", "failed"}


def _tell_paused(call: Call, started: Json, holds: list[Json]) -> int:
    if call.output.as_json:
        call.output.json({**started, "finished": False, "pairs_after": None, "took_ms": None})
    else:
        call.output.text(f"Hashing is paused, and the rematch waits: {reasons(holds)}.")
        call.output.note(f"hint: {remedies(holds)}")
    return 0
