"""Making a report, followed by its events until it is there."""

from contextlib import closing
from threading import Thread

from simd.client.events import EventStream
from simd.core.errors import SimdError
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.progress import Silence, chosen_view

LONGEST_SECONDS = 3_600.0
"""How long a report may take; a million images take minutes."""

LONGEST_DELIVERY_SECONDS = 120.0
"""How long the daemon may take to hear from every target."""


def make(call: Call) -> Json:
    """Ask for a report and show its progress; the daemon's answer."""
    with closing(chosen_view(call)) as view, closing(call.client.events()) as events:
        follower = Thread(target=_follow, args=(events, view), name="events", daemon=True)
        follower.start()
        try:
            return call.client.post("/v1/reports", timeout=LONGEST_SECONDS)
        finally:
            events.close()
            follower.join()


def _follow(events: EventStream, view: Silence) -> None:
    try:
        for name, data in events:
            if name == "report" and "done" in data:
                view.show(data)
    except SimdError:
        # Only the progress is lost: what became of the report, the answer to the request tells.
        return
