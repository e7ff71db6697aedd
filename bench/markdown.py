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
        yield from table(HEADS, (_cells(row) for row in alone))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of one table, and an empty one that ends it."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for cells in rows:
        yield f"| {' | '.join(_escaped(cell) for cell in cells)} |"
    yield ""


def ratio(row: Row) -> str:
    """The ratio, so that it is seen first."""
    return f"**{multiple(row.ratio)}**"


def bar(row: Row) -> str:
    """The greatest ratio that passes, if any."""
    return "" if row.bar is None else multiple(row.bar)


def verdict(row: Row) -> str:
    """What was missed is seen first, too."""
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
    barred = "" if row.bar is None else f", bar {bar(row)}: {verdict(row)}"
    return f"{ratio(row)} of {quantity(row.yardstick_measured, row.unit)}{barred}"


def _cells(row: Row) -> tuple[str, ...]:
    ours, theirs = quantity(row.measured, row.unit), quantity(row.yardstick_measured, row.unit)
    return (row.name, ratio(row), bar(row), verdict(row), ours, row.yardstick, theirs, row.note)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
