"""The lag of a file counts from its last change, of files that changed under the daemon's eyes."""

from simd.core.stamp import Stamp
from simd.work.arrivals import Copied, Vanished
from simd.work.lag import SEARCHABLE_SECONDS, Lag
from tests.fakes import FakeClock


def _noted() -> tuple[float, float]:
    of = {metric.suffix: metric.value for metric in SEARCHABLE_SECONDS.samples()}
    return of["_count"], of["_sum"]


def _changed_at(moment: float) -> Copied:
    return Copied(b"/p/a.jpg", Stamp(1, 0, int(moment * 1e9), 1), bytes(32))


def test_only_what_changed_since_the_start_counts(clock: FakeClock) -> None:
    """A modification time of long ago, an old file and one that is gone do not matter."""
    began = clock.now().timestamp()
    lag = Lag(clock)
    clock.advance(60)
    count, total = _noted()

    lag.note(_changed_at(began + 57.5))
    assert (count + 1, total + 2.5) == _noted()
    lag.note(_changed_at(began - 1))
    lag.note(Vanished(b"/p/b.jpg"))
    assert (count + 1, total + 2.5) == _noted()
    lag.note(_changed_at(began + 61))
    assert (count + 2, total + 2.5) == _noted()
