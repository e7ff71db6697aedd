"""Counters and histograms of this process, for whoever asks how it has fared.

An instrument is made once, where it is used, as a logger is; it belongs to the process and is never
taken back. To count takes a lock and less than a microsecond, so any thread may do it on any road.
"""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol

from simd.core.answers.daemon import Metric, MetricKind

MOST_SERIES: Final = 100
"""Combinations of label values that one instrument keeps; what comes later counts as :data:`OTHER`."""

OTHER: Final = "other"

QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds in seconds for what a person waits for."""

PATIENT: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 3_600.0)
"""Bounds in seconds for what may take its time."""


class Instrument(Protocol):
    """Whatever has samples to give."""

    name: str

    def samples(self) -> Iterator[Metric]:
        """Its present values."""
        ...


class Counter:
    """A number that only grows, for each combination of label values."""

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self._text = text
        self._labels = tuple(labels)
        self._lock = Lock()
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}

    def add(self, *values: str, by: float = 1.0) -> None:
        """Count ``by`` more under these label values, one for each label."""
        with self._lock:
            key = _series(values, self._values, len(self._labels))
            self._values[key] = self._values.get(key, 0.0) + by

    @property
    def total(self) -> float:
        """The sum over all label values."""
        with self._lock:
            return sum(self._values.values())

    def samples(self) -> Iterator[Metric]:
        """A sample for each combination that has been counted."""
        with self._lock:
            values = list(self._values.items())
        for key, value in values:
            labels = dict(zip(self._labels, key, strict=True))
            yield Metric(name=self.name, kind=MetricKind.COUNTER, help=self._text, value=value, labels=labels)


class Histogram:
    """How often a duration fell between fixed bounds, for each combination of label values."""

    def __init__(self, name: str, text: str, bounds: Sequence[float], labels: Sequence[str] = ()) -> None:
        """``bounds`` are upper bounds in seconds, ascending."""
        self.name = name
        self._text = text
        self._bounds = tuple(bounds)
        self._labels = tuple(labels)
        self._lock = Lock()
        self._series: dict[tuple[str, ...], _Series] = {}
        if not labels:
            self._series[()] = _Series(len(self._bounds))

    def observe(self, seconds: float, *values: str) -> None:
        """Note one duration under these label values, one for each label."""
        place = bisect_left(self._bounds, seconds)
        with self._lock:
            key = _series(values, self._series, len(self._labels))
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = _Series(len(self._bounds))
            series.counts[place] += 1
            series.sum += seconds

    def samples(self) -> Iterator[Metric]:
        """The buckets, each with all that is below its bound, the sum and the count of each combination."""
        with self._lock:
            held = [(key, list(series.counts), series.sum) for key, series in self._series.items()]
        for key, counts, total in held:
            labels = dict(zip(self._labels, key, strict=True))
            below = 0
            for bound, number in zip((*self._bounds, math.inf), counts, strict=True):
                below += number
                yield self._sample("_bucket", below, labels | {"le": _bound(bound)})
            yield self._sample("_sum", total, labels)
            yield self._sample("_count", below, labels)

    def _sample(self, suffix: str, value: float, labels: dict[str, str]) -> Metric:
        return Metric(
            name=self.name,
            kind=MetricKind.HISTOGRAM,
            help=self._text,
            value=value,
            labels=labels,
            suffix=suffix,
        )


class _Series:
    """The counts of one combination of label values."""

    __slots__ = ("counts", "sum")

    def __init__(self, bounds: int) -> None:
        self.counts = [0] * (bounds + 1)
        self.sum = 0.0


class Instruments:
    """All instruments of one process, by their names."""

    def __init__(self) -> None:
        self._held: dict[str, Instrument] = {}

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """A counter; its name ends with ``_total``.

        Raises:
            ValueError: the name is taken.
        """
        made = Counter(name, text, labels)
        self._hold(made)
        return made

    def histogram(self, name: str, text: str, bounds: Sequence[float], *labels: str) -> Histogram:
        """A histogram; its name ends with its unit.

        Raises:
            ValueError: the name is taken.
        """
        made = Histogram(name, text, bounds, labels)
        self._hold(made)
        return made

    def samples(self) -> Iterator[Metric]:
        """The samples of every instrument, in order of their making."""
        for instrument in list(self._held.values()):
            yield from instrument.samples()

    def _hold(self, instrument: Instrument) -> None:
        if instrument.name in self._held:
            raise ValueError(f"there is an instrument {instrument.name} already")
        self._held[instrument.name] = instrument


INSTRUMENTS: Final = Instruments()
"""Those of this process."""

counter = INSTRUMENTS.counter
histogram = INSTRUMENTS.histogram


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the last questions took.

    Attributes:
        count: how many there were.
        p50: seconds within which half of them were answered; None when there was none.
        p99: seconds within which 99 of a hundred were.
    """

    count: int
    p50: float | None
    p99: float | None


class Recent:
    """The last durations with their moments, for figures of the last minute. Any thread may note one.

    Attributes:
        noted: how many there were in all.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self.noted = 0
        self._lock = Lock()
        self._last: deque[tuple[float, float]] = deque(maxlen=capacity)

    def note(self, moment: float, seconds: float) -> None:
        """Something took ``seconds``, and ended at this moment of the monotonic clock."""
        with self._lock:
            self.noted += 1
            self._last.append((moment, seconds))

    def since(self, moment: float) -> Latency:
        """The figures of what ended after a moment; by nearest rank, of the last 10,000 at most."""
        with self._lock:
            last = self._last.copy()
        taken = sorted(seconds for at, seconds in last if at > moment)
        return Latency(len(taken), _quantile(taken, 0.5), _quantile(taken, 0.99))


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def _series(values: tuple[str, ...], held: Collection[tuple[str, ...]], labels: int) -> tuple[str, ...]:
    """The combination under which these values count."""
    if len(values) != labels:
        raise ValueError(f"{labels} label values are wanted, not {len(values)}")
    return values if values in held or len(held) < MOST_SERIES else (OTHER,) * labels


def _bound(bound: float) -> str:
    return "+Inf" if math.isinf(bound) else repr(bound)
