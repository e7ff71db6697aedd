"""Reports on the terminal: which there are, what one says, what changed between two."""

from collections.abc import Iterator

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, moment, size

_CHANGE_COLOURS = {"appeared": "yellow", "grew": "yellow", "shrank": "green", "resolved": "green"}


def listing(answer: Json, style: Style) -> str:
    """A line for each report, the newest first, then where they lie and when the next one is due."""
    heads = answer["reports"]
    following = _following(answer["next_at"])
    if not heads:
        return f"There is no report yet. {following}"
    rows: list[list[Cell]] = [
        [
            (escape(head["id"]), "bold"),
            count(head["totals"]["groups"], "group"),
            f"{size(head['totals']['reclaimable_bytes'])} reclaimable",
            (news(head), "dim" if _is_quiet(head) else None),
        ]
        for head in heads
    ]
    total = f"{count(len(heads), 'report')} in {escape(answer['folder'])}. {following}"
    return f"{table(rows, style, right={1, 2})}\n\n{total}"


def news(head: Json) -> str:
    """What a report has that the one before had not: ``12 new (120 MB), 3 resolved``."""
    if head["since"] is None:
        return "the first"
    new = head["new"]
    said = [
        *([f"{new['groups']:,} new ({size(new['reclaimable_bytes'])})"] if new["groups"] else []),
        *([f"{new['resolved_groups']:,} resolved"] if new["resolved_groups"] else []),
        *([f"{size(new['freed_bytes'])} freed"] if new["freed_bytes"] else []),
    ]
    return ", ".join(said) or "nothing new"


def report(answer: Json, style: Style) -> str:
    """What one report says in words, and those of its files that the words do not name."""
    words = "\n".join(escape(line) for line in answer["summary"].splitlines())
    paths = answer["report"]["paths"]
    rows: list[list[Cell]] = [
        [name, escape(paths[key])]
        for name, key in (("page", "html"), ("JSON", "json"), ("CSV", "csv"), ("text", "txt"))
        if escape(paths[key]) not in words
    ]
    return f"{words}\n\n{table(rows, style)}"


def changes(answer: Json, style: Style) -> str:
    """A line for each group that changed between two reports, then what could be freed in each."""
    a, b = escape(answer["a"]), escape(answer["b"])
    before, after = size(answer["reclaimable_before"]), size(answer["reclaimable_after"])
    if not answer["changes"]:
        return f"No group changed from {a} to {b}; {after} reclaimable."
    rows: list[list[Cell]] = [
        [
            (escape(change["change"]), _CHANGE_COLOURS.get(change["change"])),
            f"{change['files_before']:,} -> {count(change['files_after'], 'file')}",
            f"{size(change['reclaimable_before'])} -> {size(change['reclaimable_after'])}",
            escape(change["path"]),
        ]
        for change in answer["changes"]
    ]
    total = f"{count(len(rows), 'group')} changed from {a} to {b}: {before} -> {after} reclaimable."
    return f"{table(rows, style, right={1, 2})}\n\n{total}"


def notified(answer: Json, style: Style) -> str:
    """Whom a trial message reached, and a line for each target that failed."""
    failed = answer["failed"]
    targets = count(answer["sent"] + len(failed), "target")
    return "\n".join([f"{answer['sent']:,} of {targets} took the trial message.", *_failures(failed, style)])


def _failures(failed: list[str], style: Style) -> Iterator[str]:
    for target in failed:
        yield f"{style.paint('!', 'yellow')} not delivered: {escape(target)}"
    if failed:
        yield "  Check notify.targets; the apprise command with -vv says more of a target, secrets included."


def _following(next_at: str | None) -> str:
    return "None is made by night." if next_at is None else f"The next one is due {moment(next_at)}."


def _is_quiet(head: Json) -> bool:
    return head["since"] is not None and news(head) == "nothing new"
