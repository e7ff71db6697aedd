"""How long a file takes from its last change until it can be found."""

from simd.ports import Clock
from simd.runtime.instruments import histogram
from simd.work.arrivals import Arrival, Copied, Read, Recognised

BOUNDS = (0.5, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 30.0, 60.0, 300.0, 3_600.0)
"""In seconds; a file rests for two of them by default."""

SEARCHABLE_SECONDS = histogram(
    "simd_searchable_seconds",
    "Seconds from a file's last change to its being searchable, of files that changed since the start.",
    BOUNDS,
)


class Lag:
    """Notes the lag of every file that has been written."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start_ns = clock.now().timestamp() * 1e9

    def note(self, arrival: Arrival) -> None:
        """A file is searchable from now on.

        Its change time counts, which no program can set: the modification time of a copy may be years
        old. What changed before the start was waiting for the daemon, and says nothing about its pace.
        """
        if not isinstance(arrival, Read | Copied | Recognised) or arrival.stamp.ctime_ns < self._start_ns:
            return
        lag = self._clock.now().timestamp() - arrival.stamp.ctime_ns / 1e9
        # A clock that was set back has no say.
        SEARCHABLE_SECONDS.observe(max(lag, 0.0))
