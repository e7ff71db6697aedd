"""The live view: what the daemon does now, in lines that are drawn over the last ones."""

from collections.abc import Iterator, Sequence

from simd.core.wire import Json
from simd.render.status import roots
from simd.render.style import Style
from simd.render.table import Cell, table, width
from simd.render.verdict import activity, verdict
from simd.render.words import count, duration, escape, size

MOST_IN_HAND = 8
"""Lines for files that workers are reading."""

_ESCAPE = "\x1b"


def live(look: Json, style: Style) -> list[str]:
    """The lines of one view.

    Args:
        look: ``status`` and ``pulse`` as the daemon answered, ``rates`` per second; without a daemon that
            can answer, ``waiting`` says why and the others are None.
        style: how to paint.
    """
    if look["status"] is None:
        return [f"Waiting for the daemon: {escape(look['waiting'])}.", "", "Ctrl-C ends this view."]
    return list(_lines(look["status"], look["pulse"], look["rates"], style))


def _lines(status: Json, pulse: Json | None, rates: Json | None, style: Style) -> Iterator[str]:
    said, colour = verdict(status)
    yield style.paint(said, colour)
    if status["problems"]["notes"] and (doing := activity(status)):
        yield doing[0]
    yield ""
    if pulse is not None:
        rows: list[list[Cell]] = [[name, value] for name, value in _figures(status, pulse, rates)]
        yield from table(rows, style).split("\n")
        yield ""
        yield from _in_hand(pulse["reading"], style)
    if shown := roots(status, style):
        yield from shown.split("\n")
        yield ""
    for note in status["problems"]["notes"]:
        yield f"{style.paint('!', 'red')} {escape(note['message'])}"
    version = f"simd {escape(status['version'])}, up {duration(status['uptime_seconds'])}"
    yield style.paint(f"{version}, process {status['pid']}. Ctrl-C ends this view.", "dim")


def _figures(status: Json, pulse: Json, rates: Json | None) -> Iterator[tuple[str, str]]:
    queue, memory, queries = status["queue"], pulse["memory"], pulse["queries"]
    speed = "" if rates is None else f", {rates['files']:,.1f} per second, {size(round(rates['bytes']))}/s"
    yield "reading", f"{count(pulse['done']['files'], 'file')} since the start{speed}"
    yield "queue", ", ".join(f"{queue[name]:,} {name}" for name in ("settling", "waiting", "decoding"))
    yield "queries", f"{queries['count']:,} in the last minute{_times(queries)}"
    workers = count(memory["workers"], "other process", "other processes")
    yield "memory", f"{size(memory['daemon_bytes'])}, and {size(memory['workers_bytes'])} in {workers}"


def _times(queries: Json) -> str:
    if not queries["count"]:
        return ""
    return f", half within {queries['p50_ms']:,.1f} ms, 99 % within {queries['p99_ms']:,.1f} ms"


def _in_hand(files: Sequence[Json], style: Style) -> Iterator[str]:
    longest = sorted(files, key=lambda file: -float(file["seconds"]))
    if not longest:
        return
    rows: list[list[Cell]] = [
        [f"{file['seconds']:,.1f} s", escape(file["path"])] for file in longest[:MOST_IN_HAND]
    ]
    yield from table(rows, style, right={0}).split("\n")
    if len(longest) > MOST_IN_HAND:
        yield f"and {len(longest) - MOST_IN_HAND:,} more"
    yield ""


def cropped(line: str, columns: int) -> str:
    """As much of a line as a terminal shows in one row; escape sequences of :class:`Style` take no room."""
    if width(line) <= columns:
        return line
    shown, used, inside = [], 0, False
    for char in line:
        inside = inside or char == _ESCAPE
        used += 0 if inside else width(char)
        if used <= columns:
            shown.append(char)
        elif inside:
            # What was begun to be painted is ended.
            shown.append(char)
        inside = inside and char != "m"
    return "".join(shown)
