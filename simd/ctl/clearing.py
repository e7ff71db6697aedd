"""The commands that act on files: apply, undo, restore and purge."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError

from simd.core.errors import BadRequest
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.plans import plan_number
from simd.ctl.progress import followed
from simd.ctl.subjects import path_fields
from simd.render import plans as views
from simd.render.words import count, size

EVENT = "action"

LONGEST_SECONDS = 86_400.0
"""How long the daemon may act. Its end would break the connection, so that nothing is waited for in vain."""

REFUSED = 1
"""The answer is no: not all of it was done."""

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])\s*", re.ASCII)
_ACTION_NAME = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_MOST_SECONDS = 100 * 365 * 86_400


def apply_words(command: ArgumentParser) -> None:
    """Which plan."""
    command.add_argument("plan", type=plan_number, metavar="PLAN", help="a plan's number")
    _add_dry_run(command)


def undo_words(command: ArgumentParser) -> None:
    """A plan, or a step of one."""
    command.add_argument(
        "action",
        type=_action_name,
        metavar="ACTION|PLAN",
        help="a step such as 7.3, as simctl history 7 shows it, or a whole plan such as 7",
    )


def restore_words(command: ArgumentParser) -> None:
    """Files."""
    command.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="where a file had its place, or where it lies now in quarantine or in the trash",
    )


def purge_words(command: ArgumentParser) -> None:
    """How long files must have been in quarantine."""
    command.add_argument(
        "--older-than",
        required=True,
        type=_span,
        metavar="AGE",
        help="only what came there that long ago: a number and a unit, such as 30d, 12h or 2w",
    )
    command.add_argument("--yes", action="store_true", help="do not ask")
    _add_dry_run(command)


def apply(call: Call) -> int:
    """Do what a plan says; 1 when some of it was refused."""
    number, dry = call.arguments.plan, call.arguments.dry_run
    # Asked first, so that nothing can go wrong between the deed and what is said of it.
    head = {} if call.output.as_json else call.client.get(f"/v1/plans/{number}", {"limit": 1})
    answer = acted(call, f"/v1/plans/{number}/apply", {"dry_run": dry}, f"history {number}")
    if not call.output.as_json:
        call.output.text(views.outcome(answer, head["action"], call.output.style))
        if further := views.afterwards(answer, head["action"]):
            call.output.text(f"\n{further}")
    return _ended(call, answer)


def undo(call: Call) -> int:
    """Take back a plan, or a step of one; 1 when some of it was refused."""
    name = call.arguments.action
    answer = acted(call, "/v1/undo", {"action": name}, f"history {name.partition('.')[0]}")
    return _told(call, answer, "undo")


def restore(call: Call) -> int:
    """Put files back in their place; 1 when some of them were refused."""
    body = {"paths": [path_fields(word) for word in call.arguments.files]}
    return _told(call, acted(call, "/v1/restore", body, "history"), "restore")


def purge(call: Call) -> int:
    """Delete what has been in quarantine for long; 1 when some of it was refused, or nobody agreed."""
    given = call.arguments
    body = {"older_than": given.older_than, "dry_run": given.dry_run}
    if not given.dry_run and not given.yes:
        _refuse_unasked(call)
        found = acted(call, "/v1/purge", body | {"dry_run": True}, "history")
        if not found["done"]:
            return _told(call, found, "purge")
        if not _agreed(call, found):
            return REFUSED
    return _told(call, acted(call, "/v1/purge", body, "history"), "purge")


def acted(call: Call, endpoint: str, body: Json, look: str) -> Json:
    """What came of acting on files; whoever does not wait for that is told that it goes on.

    Args:
        call: whose terminal shows the progress.
        endpoint: what acts.
        body: of the request.
        look: the command, without ``simctl``, that shows how far it is.
    """
    rehearsed = body.get("dry_run", False)
    try:
        return followed(
            call,
            EVENT,
            lambda: call.client.post(endpoint, body, timeout=LONGEST_SECONDS),
            _checked if rehearsed else _progress,
        )
    except KeyboardInterrupt:
        if not call.output.as_json and not rehearsed:
            call.output.note(f"simctl: the daemon goes on; simctl {look} shows how far it is")
        raise


def _add_dry_run(command: ArgumentParser) -> None:
    command.add_argument(
        "--dry-run", action="store_true", help="check every file and say what would be done, but do nothing"
    )


def _action_name(word: str) -> str:
    if not _ACTION_NAME.fullmatch(word):
        raise ArgumentTypeError(f"a plan is a number such as 7, a step of it 7.3, not {word!r}")
    return word


def _span(word: str) -> float:
    """Seconds from a text such as ``30d`` or ``1h 30m``; the settings write them like this too."""
    parts = _PART.findall(word)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if not parts or _PART.sub("", word).strip() or seconds > _MOST_SECONDS:
        raise ArgumentTypeError(
            f"a number and a unit (s, m, h, d or w), such as 30d, 12h or 2w, not {word!r}"
        )
    return seconds


def _progress(data: Json) -> Json:
    return {"phase": data["verb"], "done": data["done"] + data["refused"], "total": data["total"]}


def _checked(data: Json) -> Json:
    """Progress of a dry run: nobody may think that it does what it only looks at."""
    return _progress(data) | {"phase": "dry run"}


def _refuse_unasked(call: Call) -> None:
    if call.output.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadRequest(
            "what is purged cannot be brought back, and there is nobody to ask",
            hint="--yes purges without a question; --dry-run says what it would be",
        )


def _agreed(call: Call, found: Json) -> bool:
    """Whether the person, having seen how much it is, wants it."""
    call.output.note(
        f"{count(found['done'], 'picture')} in quarantine, {size(found['bytes'])}, will be deleted for good."
    )
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _told(call: Call, answer: Json, verb: str) -> int:
    if not call.output.as_json:
        call.output.text(views.outcome(answer, verb, call.output.style))
    return _ended(call, answer)


def _ended(call: Call, answer: Json) -> int:
    if call.output.as_json:
        call.output.json(answer)
    return REFUSED if answer["refused"] else 0
