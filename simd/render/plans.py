"""Plans: what is to be done to files that are not kept, what came of it, and which plans there are."""

from collections.abc import Iterator, Sequence

from simd.core.wire import Json
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, moment, size

MOST_STEPS = 50
"""Steps of a new plan that are shown at once; ``history`` shows the rest."""

# By the values of simd.core.actions.words, which are no more than names here.
_FREES = {
    "quarantine": "frees {size} once purged",
    "trash": "frees {size} once the trash is emptied",
    "hardlink": "frees {size}",
    "reflink": "frees {size}",
    "delete": "frees {size}, for good",
}
_AT_ONCE = {"hardlink", "reflink"}
_DONE = {
    "quarantine": "moved to quarantine",
    "trash": "moved to the trash",
    "hardlink": "replaced by hard links",
    "reflink": "replaced by clones that share their bytes",
    "delete": "deleted for good",
    "undo": "put back as they were",
    "restore": "put back as they were",
    "purge": "deleted for good",
}
_DONE_TO_ONE = _DONE | {
    "hardlink": "replaced by a hard link",
    "reflink": "replaced by a clone that shares its bytes",
    "undo": "put back as it was",
    "restore": "put back as it was",
}
_STATE_COLOURS = {
    "done": "green",
    "applied": "green",
    "refused": "red",
    "undone": "cyan",
    "purged": "dim",
    "doing": "yellow",
    "undoing": "yellow",
    "purging": "yellow",
    "unfinished": "yellow",
}


def plan(answer: Json, style: Style) -> str:
    """A new plan: what it does, its first steps, and what a person should know before it is applied."""
    if not answer["id"]:
        why = "" if answer["warnings"] else " No duplicates were found among what was asked for."
        return "\n".join([f"Nothing to clear up.{why}", *_warnings(answer, style)])
    shown = answer["steps"][:MOST_STEPS]
    more = _pictures(answer) - len(shown)
    parts = [f"{_head(answer, style)}.", steps(shown, style)]
    if more:
        parts.append(f"... and {more:,} more: simctl history {escape(answer['id'])} --all")
    if answer["warnings"]:
        parts.append("\n".join(_warnings(answer, style)))
    return "\n\n".join(parts)


def next_command(answer: Json) -> str:
    """How to go on from a new plan."""
    number = escape(answer["id"])
    return (
        f"Nothing is done yet. Do it:  simctl apply {number}\n"
        f"or see what would be refused:  simctl apply {number} --dry-run"
    )


def history(answer: Json, style: Style) -> str:
    """A plan as it stands, and the steps of one page."""
    told = [
        f"{style.paint(escape(answer['state']), _STATE_COLOURS.get(answer['state']))}: {_tally(answer)}",
        f"made {moment(answer['made_at'])}",
    ]
    if answer["last_at"] is not None:
        told.append(f"last changed {moment(answer['last_at'])}")
    head = f"{_head(answer, style)}\n{'; '.join(told)}"
    parts = [head, steps(answer["steps"], style) or "No step is in this state."]
    if answer["state"] == "planned" and answer["warnings"]:
        parts.append("\n".join(_warnings(answer, style)))
    return "\n\n".join(parts)


def steps(listed: Sequence[Json], style: Style) -> str:
    """Steps below the files that are kept instead; companions below their pictures."""
    rows: list[list[Cell]] = []
    keeper: object = None
    for step in listed:
        kept = (step["keeper"], step.get("keeper_b64"))
        if kept != keeper:
            rows.append([("keep", "green"), "", "", (escape(step["keeper"]), "green")])
            keeper = kept
        rows += _rows(step, style)
    return table(rows, style, right={2}, indent="  ")


def plans(answer: Json, style: Style) -> str:
    """A line for each plan of one page, the newest first."""
    if not answer["plans"]:
        return "There are no plans. simctl plan makes one."
    rows: list[list[Cell]] = [
        [
            (escape(each["id"]), "bold"),
            moment(each["made_at"]),
            escape(each["action"]),
            (escape(each["state"]), _STATE_COLOURS.get(each["state"])),
            size(each["bytes_freed"]),
            _tally(each),
        ]
        for each in answer["plans"]
    ]
    return table(rows, style, right={0, 4})


def outcome(answer: Json, verb: str, style: Style) -> str:
    """What came of a plan that was applied, undone, restored or purged.

    Args:
        answer: the outcome.
        verb: the plan's action, or ``undo``, ``restore`` or ``purge``.
        style: how to paint.
    """
    would = " would be" if answer["dry_run"] else ""
    lines = []
    if answer["done"]:
        done = (_DONE_TO_ONE if answer["done"] == 1 else _DONE).get(verb, "done")
        lines.append(f"{count(answer['done'], 'picture')}{would} {done}, {size(answer['bytes'])}.")
    if answer["refused"]:
        lines.append(f"{count(answer['refused'], 'picture')}{would} {style.paint('refused', 'red')}:")
        lines.append(_troubles(answer["troubles"], style))
        if answer["refused"] > len(answer["troubles"]):
            lines.append(f"  ... and {answer['refused'] - len(answer['troubles']):,} more")
    return "\n".join(lines) or "There is nothing to do."


def afterwards(answer: Json, action: str) -> str:
    """What can be done once a plan was applied; empty when that is nothing."""
    if answer["dry_run"] or not answer["done"] or action == "delete":
        return ""
    undo = f"Take it back:  simctl undo {escape(answer['plans'][0])}"
    return (
        f"{undo}\nFree the space, for good:  simctl purge --older-than 30d"
        if action == "quarantine"
        else undo
    )


def _head(answer: Json, style: Style) -> str:
    words = [escape(answer["action"]), count(_pictures(answer), "picture"), _frees(answer)]
    number = style.paint(f"Plan {escape(answer['id'])}", "bold")
    return f"{number}: {', '.join(word for word in words if word)}"


def _frees(head: Json) -> str:
    """What a plan frees, and when; empty when that is nothing any more."""
    if not head["bytes_freed"]:
        return ""
    if head["state"] == "purged" or (head["state"] == "applied" and head["action"] in _AT_ONCE):
        return f"freed {size(head['bytes_freed'])}"
    return _FREES.get(head["action"], "frees {size}").format(size=size(head["bytes_freed"]))


def _pictures(head: Json) -> int:
    return sum(head["tally"].values())


def _tally(head: Json) -> str:
    """``2 done, 1 refused``."""
    return ", ".join(f"{number:,} {escape(state)}" for state, number in head["tally"].items() if number)


def _warnings(answer: Json, style: Style) -> Iterator[str]:
    return (f"{style.paint('!', 'yellow')} {escape(warning)}" for warning in answer["warnings"])


def _rows(step: Json, style: Style) -> Iterator[list[Cell]]:
    """A step, where its file went, and the same of its companions.

    What is said of a path stands in its cell: a column of its own would begin behind the longest of all.
    """
    state = "" if step["state"] == "planned" else escape(step["state"])
    why = style.paint(f"({escape(step['kind'])}: {escape(step['why'])})", "dim")
    yield [
        escape(step["id"]),
        (state, _STATE_COLOURS.get(state)),
        size(step["bytes"]),
        f"{escape(step['path'])}  {why}",
    ]
    if step["reason"] is not None:
        yield ["", "", "", (f"  {_reason(step)}", "yellow")]
    yield from _place(step)
    for companion in step["companions"]:
        about = style.paint(f"({escape(companion['role'])}, {size(companion['bytes'])})", "dim")
        yield ["", "", "", f"  {escape(companion['path'])}  {about}"]
        yield from _place(companion)


def _place(part: Json) -> Iterator[list[Cell]]:
    if part["to"] is not None:
        yield ["", "", "", (f"  -> {escape(part['to'])}", "dim")]


def _reason(step: Json) -> str:
    """Why a step was refused, without the path at its beginning, where that stands beside it."""
    reason, path = str(step["reason"]), str(step["path"])
    if reason.startswith(f"{path} "):
        return escape(f"It{reason.removeprefix(path)}")
    return escape(reason.removeprefix(f"{path}: "))


def _troubles(refused: Sequence[Json], style: Style) -> str:
    rows: list[list[Cell]] = [
        [escape(step["id"]), escape(step["path"]), (_reason(step), "yellow")] for step in refused
    ]
    return table(rows, style, indent="  ")
