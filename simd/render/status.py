"""The daemon at a glance."""

from collections.abc import Iterator

from simd.core.wire import Json
from simd.render.holds import reasons
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, duration, escape, moment, size

LOADING_WORDS = {
    "start": "starting",
    "open": "opening the catalogue",
    "check": "checking the catalogue after an unclean end",
    "upgrade": "bringing the catalogue's tables up to date",
    "index": "building the index",
}
"""What a daemon does that is loading, by the phase of its progress."""

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
    """The whole of ``GET /v1/status``."""
    state = escape(answer["state"])
    head = (
        f"{style.paint('simd ' + escape(answer['version']), 'bold')}, "
        f"{style.paint(state, _STATE_COLOURS.get(state))}"
        f"{', hashing is paused' if answer['paused'] and state != 'paused' else ''}, "
        f"up {duration(answer['uptime_seconds'])}, process {answer['pid']}"
    )
    rows: list[list[Cell]] = [[name, value] for name, value in _lines(answer)]
    return "\n".join([head, "", _roots(answer, style), "", table(rows, style), *_notes(answer, style)])


def _roots(answer: Json, style: Style) -> str:
    if not answer["roots"]:
        return "No folder is watched."
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
    if answer["state"] == "loading":
        yield "progress", progress(answer["progress"])
        yield _catalogue(answer)
        return
    if answer["holds"]:
        yield "paused", reasons(answer["holds"])
    files, queue, index = answer["files"], answer["queue"], answer["index"]
    yield "files", _counts(files, ("present", "missing", "offline"))
    yield "images", f"{answer['images']:,}, {count(answer['pairs'], 'similar pair')}"
    yield "queue", _counts(queue, ("settling", "waiting", "decoding"))
    if answer["progress"] is not None:
        yield "progress", progress(answer["progress"])
    hashes = count(index["distinct"], "distinct hash", "distinct hashes")
    tiers = _counts(index, ("live", "frozen"))
    yield "index", f"{count(index['images'], 'image')}, {hashes} ({tiers})"
    if answer["next_report"] is not None:
        yield "next report", moment(answer["next_report"])
    unreadable = answer["problems"]["count"]
    yield (
        "problems",
        f"{count(unreadable, 'file')} could not be read; see simctl problems" if unreadable else "none",
    )
    yield _catalogue(answer)
    if answer["catalogue"]["recovery"]:
        yield "recovery", escape(answer["catalogue"]["recovery"])


def _catalogue(answer: Json) -> tuple[str, str]:
    part = answer["catalogue"]
    return "catalogue", f"{escape(part['path'])}, {size(part['bytes'])}, SQLite {escape(part['sqlite'])}"


def _counts(part: Json, names: tuple[str, ...]) -> str:
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
        yield f"\n{style.paint('!', 'yellow')} {escape(note['message'])}"
        if note["hint"]:
            yield f"  {escape(note['hint'])}"
