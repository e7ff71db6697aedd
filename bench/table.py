"""What a benchmark is given and what it gives back, and the table that is printed of it."""

from collections.abc import Sequence
from dataclasses import dataclass

PREFIXES = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
LONGER = ((86_400.0, "days"), (3_600.0, "h"))
COLUMNS = ("benchmark", "ratio", "bar", "", "measured", "yardstick", "", "note")
WORDS = (0, 3, 5, 7)
"""Columns that align to the left; figures align to the right."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of every benchmark.

    Attributes:
        sizes: how large to measure, in whatever the benchmark counts; empty for its own choice.
    """

    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """A place in a plot of how cost grows: both figures of a row are drawn at this size.

    Attributes:
        plot: which plot; :mod:`bench.plots` names them.
        size: how many hashes.
    """

    plot: str
    size: int


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its yardstick.

    Attributes:
        name: what was measured.
        measured: our figure, the smaller the better.
        unit: of both figures; seconds are ``s`` and bytes are ``B``.
        yardstick: what it is measured against.
        yardstick_measured: the yardstick's figure from the same run, or a fixed limit.
        bar: greatest ratio of the two that passes; None where the figure only informs.
        note: what a reader should know.
        growth: where both figures stand in a plot, if anywhere.
    """

    name: str
    measured: float
    unit: str
    yardstick: str
    yardstick_measured: float
    bar: float | None = None
    note: str = ""
    growth: Growth | None = None

    @property
    def ratio(self) -> float:
        """Our figure as a multiple of the yardstick's."""
        return self.measured / self.yardstick_measured

    @property
    def passed(self) -> bool:
        """Whether the ratio is within the bar."""
        return self.bar is None or self.ratio <= self.bar

    @property
    def verdict(self) -> str:
        """``pass``, ``FAIL``, or nothing where there is no bar."""
        return "" if self.bar is None else "pass" if self.passed else "FAIL"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A yardstick that could not be asked here.

    Attributes:
        name: which.
        why: and what would help.
    """

    name: str
    why: str


Outcome = Row | Skipped


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text, with a line of headings."""
    cells = [COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    lines = []
    for line in cells:
        padded = [
            cell.ljust(width) if column in WORDS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def multiple(ratio: float) -> str:
    """A ratio as a multiple or a fraction: ``1.25``, ``1/8``, ``1/17,500``."""
    if ratio >= 1:
        return rounded(ratio)
    return f"1/{rounded(1 / ratio)}" if ratio > 0 else "0"


def rounded(value: float) -> str:
    """Three figures, without an exponent: ``1.25``, ``17,500``."""
    return f"{float(f'{value:.3g}'):,.10g}"


def quantity(value: float, unit: str) -> str:
    """A figure in a readable size: ``152 µs``, ``4.2 days``, ``38.1 MB``."""
    if unit == "s":
        longer = next((step for step in LONGER if value >= step[0]), None)
        if longer is not None:
            return f"{value / longer[0]:.3g} {longer[1]}"
        scale, prefix = next((step for step in PREFIXES if value >= step[0]), PREFIXES[-1])
        return f"{rounded(value / scale)} {prefix}s"
    if unit == "B":
        power = 0
        while value >= 1000 and power < 4:
            value, power = value / 1000, power + 1
        return f"{value:.3g} {('', 'k', 'M', 'G', 'T')[power]}B"
    return f"{value:.4g} {unit}"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        multiple(row.ratio),
        "" if row.bar is None else multiple(row.bar),
        row.verdict,
        quantity(row.measured, row.unit),
        row.yardstick,
        quantity(row.yardstick_measured, row.unit),
        row.note,
    )
