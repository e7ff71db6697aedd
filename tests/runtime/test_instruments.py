"""Instruments lose no count, keep few series, and read back as what they are."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.runtime.instruments import MOST_SERIES, Instruments, Latency, Recent


def _values(instruments: Instruments, name: str, suffix: str = "") -> dict[tuple[str, ...], float]:
    found = [metric for metric in instruments.samples() if (metric.name, metric.suffix) == (name, suffix)]
    return {tuple(metric.labels.values()): metric.value for metric in found}


def test_threads_lose_no_count() -> None:
    """Eight threads that count at once count as much as one after another."""
    instruments = Instruments()
    counted = instruments.counter("simd_x_total", "X.", "kind")
    taken = instruments.histogram("simd_x_seconds", "X.", (1.0,))

    def work(_number: int) -> None:
        for _ in range(2_000):
            counted.add("a")
            taken.observe(0.5)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))

    assert {("a",): 16_000.0} == _values(instruments, "simd_x_total")
    assert {(): 16_000.0} == _values(instruments, "simd_x_seconds", "_count")
    assert {(): 8_000.0} == _values(instruments, "simd_x_seconds", "_sum")


def test_series_are_bounded() -> None:
    """However many values a label takes, a fixed number of series is kept, and no count is lost."""
    instruments = Instruments()
    counted = instruments.counter("simd_x_total", "X.", "path")
    for number in range(3 * MOST_SERIES):
        counted.add(str(number))

    values = _values(instruments, "simd_x_total")
    assert MOST_SERIES + 1 == len(values)
    assert 2.0 * MOST_SERIES == values["other",]
    assert 3.0 * MOST_SERIES == sum(values.values())


def test_counters_without_labels_are_there_from_the_start() -> None:
    """What never happened is 0, so that its first time shows as a rise."""
    instruments = Instruments()
    instruments.counter("simd_x_total", "X.")
    instruments.histogram("simd_x_seconds", "X.", (1.0, 2.0))
    assert {(): 0.0} == _values(instruments, "simd_x_total")
    assert {("1.0",): 0, ("2.0",): 0, ("+Inf",): 0} == _values(instruments, "simd_x_seconds", "_bucket")


@given(
    st.lists(st.floats(0, 10), max_size=60), st.lists(st.floats(0, 9), min_size=1, max_size=6, unique=True)
)
def test_buckets_hold_all_that_is_not_above_their_bound(durations: list[float], bounds: list[float]) -> None:
    """Each bucket counts what is at most its bound, as Prometheus reads it; the last counts everything."""
    instruments = Instruments()
    taken = instruments.histogram("simd_x_seconds", "X.", sorted(bounds))
    for seconds in durations:
        taken.observe(seconds)

    expected = {
        ("+Inf" if math.isinf(bound) else repr(bound),): sum(seconds <= bound for seconds in durations)
        for bound in (*bounds, math.inf)
    }
    assert expected == _values(instruments, "simd_x_seconds", "_bucket")


def test_a_name_belongs_to_one_instrument() -> None:
    """A second instrument of a name, or label values that do not fit, are mistakes of the program."""
    instruments = Instruments()
    counted = instruments.counter("simd_x_total", "X.", "a")
    with pytest.raises(ValueError, match="already"):
        instruments.histogram("simd_x_total", "X.", (1.0,))
    with pytest.raises(ValueError, match="1 label values are wanted, not 2"):
        counted.add("a", "b")


def test_recent_durations() -> None:
    """Only what ended after the moment counts; the quantiles are the nearest ranks."""
    recent = Recent(capacity=200)
    for number in range(300):
        recent.note(moment=float(number), seconds=number / 1_000)

    assert Latency(100, 0.249, 0.298) == recent.since(199.0)
    assert 200 == recent.since(-1.0).count
    assert Latency(0, None, None) == recent.since(299.0)
