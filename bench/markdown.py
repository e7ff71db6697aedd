"""Rows as tables of a page; a figure beside several yardsticks is one line with a column for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.table import Row, multiple, quantity

HEADS = ("what", "ratio", "bar", "", "measured", "beside", "takes", "note")


def tables(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of all tables that these rows need."""
    named: dict[str, list[Row]] = {}
    for row in rows:
        named.setdefault(row.name, []).append(row)
    beside_many = {name: each for name, each in named.items() if 1 < len(each) == _yardsticks(each)}
    yield from _crossed(beside_many)
    alone = [row for row in rows if row.name not in beside_many]
    if alone:
        yield from table(HEADS, ((*cells(row), row.note) for row in alone))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of one table, and an empty one that ends it."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(_escaped(cell) for cell in row)} |"
    yield ""


def cells(row: Row) -> tuple[str, ...]:
    """What belongs under the :data:`HEADS`, but for the last."""
    ours, theirs = quantity(row.measured, row.unit), quantity(row.yardstick_measured, row.unit)
    return (row.name, _ratio(row), _bar(row), _verdict(row), ours, row.yardstick, theirs)


def _ratio(row: Row) -> str:
    return f"**{multiple(row.ratio)}**"


def _bar(row: Row) -> str:
    return "" if row.bar is None else f"≤ {multiple(row.bar)}"


def _verdict(row: Row) -> str:
    """What was missed is in bold type, so that it is seen first."""
    return row.verdict if row.passed else f"**{row.verdict}**"


def _yardsticks(rows: Sequence[Row]) -> int:
    return len({row.yardstick for row in rows})


def _crossed(named: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    if not named:
        return
    yardsticks = list(dict.fromkeys(row.yardstick for rows in named.values() for row in rows))
    lines = []
    for name, rows in named.items():
        beside = {row.yardstick: row for row in rows}
        compared = [_beside(beside[each]) if each in beside else "" for each in yardsticks]
        notes = dict.fromkeys(row.note for row in rows if row.note)
        lines.append((name, quantity(rows[0].measured, rows[0].unit), *compared, "; ".join(notes)))
    yield from table(("what", "measured", *(f"beside {each}" for each in yardsticks), "note"), lines)


def _beside(row: Row) -> str:
    """The ratio, what the yardstick takes, and the bar."""
    barred = "" if row.bar is None else f", bar {_bar(row)}: {_verdict(row)}"
    times = "times" if row.ratio >= 1 else "of"
    return f"{_ratio(row)} {times} {quantity(row.yardstick_measured, row.unit)}{barred}"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
