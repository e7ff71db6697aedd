"""The daemon at a glance."""

from collections.abc import Iterator, Sequence

from simd.core.wire import Json
from simd.render.reports import news
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.verdict import LOADING_WORDS, activity, verdict
from simd.render.words import count, duration, escape, moment, size

_STATE_COLOURS = {
    "loading": "cyan",
    "ready": "green",
    "watching": "green",
    "scanning": "cyan",
    "paused": "yellow",
    "degraded": "yellow",
    "offline": "red",
}


def status(answer: Json, style: Style) -> str:
    """The whole of ``GET /v1/status``: the verdict, the folders, what is of interest, what needs a person."""
    rows: list[list[Cell]] = [[name, value] for name, value in _lines(answer)]
    parts = ["\n".join(_verdict(answer, style)), roots(answer, style), table(rows, style)]
    return "\n\n".join([*(part for part in parts if part), *_notes(answer, style)])


def _verdict(answer: Json, style: Style) -> Iterator[str]:
    said, colour = verdict(answer)
    head, _, rest = said.partition(": ")
    yield f"{style.paint(f'{head}:', colour)} {rest}" if rest else style.paint(said, colour)
    # Who is needed is told of that first, and of what goes on all the same in a line of its own.
    if answer["problems"]["notes"] and answer["state"] != "loading" and (doing := activity(answer)):
        yield doing[0]


def roots(answer: Json, style: Style) -> str:
    """A line for each watched folder."""
    rows: list[list[Cell]] = []
    if answer["state"] == "loading":
        return "\n".join(escape(root["path"]) for root in answer["roots"])
    for root in answer["roots"]:
        state = escape(root["state"])
        remark = "; ".join(
            [*(["network"] if root["network"] else []), *([root["reason"]] if root["reason"] else [])]
        )
        rows.append(
            [
                (state, _STATE_COLOURS.get(state)),
                count(root["files"], "file"),
                escape(root["path"]),
                f"({escape(remark)})" if remark else "",
            ]
        )
    return table(rows, style, right={1})


def _lines(answer: Json) -> Iterator[tuple[str, str]]:
    if answer["state"] != "loading":
        yield from _contents(answer)
    yield _catalogue(answer)
    if answer["catalogue"]["recovery"]:
        yield "recovery", escape(answer["catalogue"]["recovery"])
    state = "" if answer["state"] == "loading" else f"{escape(answer['state'])}, "
    version, up = escape(answer["version"]), duration(answer["uptime_seconds"])
    yield "daemon", f"simd {version}, {state}up {up}, process {answer['pid']}"


def _contents(answer: Json) -> Iterator[tuple[str, str]]:
    """What is known, what is on its way, and what became of it; leaving out what is not there."""
    queue, index, reports = answer["queue"], answer["index"], answer.get("last_report")
    on_their_way = [name for name in ("settling", "waiting", "decoding") if queue[name]]
    if on_their_way:
        yield "queue", _counts(queue, on_their_way)
    if answer["problems"]["count"]:
        yield "unreadable", f"{count(answer['problems']['count'], 'file')}; simctl problems says why"
    if reports is not None:
        yield "last report", f"{moment(reports['made_at'])}: {_headline(reports)}"
    if answer["next_report"] is not None:
        yield "next report", moment(answer["next_report"])
    lost = [name for name in ("missing", "offline") if answer["files"][name]]
    files = _counts(answer["files"], ["present", *lost])
    yield "library", f"{files}; {count(answer['images'], 'image')}, {count(answer['pairs'], 'similar pair')}"
    hashes = count(index["distinct"], "distinct hash", "distinct hashes")
    yield "index", f"{count(index['images'], 'image')}, {hashes} ({_counts(index, ('live', 'frozen'))})"


def _headline(head: Json) -> str:
    totals = head["totals"]
    groups = count(totals["groups"], "group")
    return f"{groups}, {size(totals['reclaimable_bytes'])} to free; {news(head)}"


def _catalogue(answer: Json) -> tuple[str, str]:
    part = answer["catalogue"]
    return "catalogue", f"{escape(part['path'])}, {size(part['bytes'])}, SQLite {escape(part['sqlite'])}"


def _counts(part: Json, names: Sequence[str]) -> str:
    return ", ".join(f"{part[name]:,} {name}" for name in names)


def progress(part: Json) -> str:
    """Long work in one line: ``decode: 120 of 500 (24 %), 85 per second``."""
    if part["phase"] in LOADING_WORDS:
        return LOADING_WORDS[part["phase"]]
    done, total, rate = part["done"], part.get("total"), part.get("per_second")
    share = f" of {total:,} ({100 * done // total} %)" if total else ""
    speed = f", {rate:,.0f} per second" if rate else ""
    return f"{escape(part['phase'])}: {done:,}{share}{speed}"


def _notes(answer: Json, style: Style) -> Iterator[str]:
    for note in answer["problems"]["notes"]:
        hint = f"\n  {escape(note['hint'])}" if note["hint"] else ""
        yield f"{style.paint('!', 'red')} {escape(note['message'])}{hint}"
