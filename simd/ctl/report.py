"""The command report: reports that are there, and what can be asked about them."""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Mapping

from simd.core.errors import BadRequest, Failed, NotFound
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.parser import Parser, add_command
from simd.render import reports as views
from simd.render.style import Style

LATEST = "latest"
"""Stands for the newest report, as in the protocol."""


def report_words(command: ArgumentParser) -> None:
    """What to do, each with its own arguments."""
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=Parser)
    for name, (summary, example, words, action) in ACTIONS.items():
        parser = add_command(actions, name, summary, example)
        words(parser)
        parser.set_defaults(action=action)


def report(call: Call) -> int:
    """Do what was asked for."""
    return int(call.arguments.action(call))


def _no_words(_command: ArgumentParser) -> None:
    """No arguments."""


def _show_words(command: ArgumentParser) -> None:
    command.add_argument("id", nargs="?", metavar="ID", default=LATEST, help="a report (default: the newest)")
    command.add_argument("--open", action="store_true", help="open its page in the browser")


def _diff_words(command: ArgumentParser) -> None:
    command.add_argument("a", metavar="OLD", help="a report, or latest")
    command.add_argument("b", metavar="NEW", help="a report, or latest")


def _now(call: Call) -> int:
    """Make a report, with its progress on standard error."""
    from simd.ctl.reporting import make  # noqa: PLC0415 - threads, which the other actions do without

    _answer(call, make(call), views.report)
    return 0


def _list(call: Call) -> int:
    """Every report that is kept."""
    _answer(call, call.client.get("/v1/reports"), views.listing)
    return 0


def _show(call: Call) -> int:
    """One report in words, and in the browser where that is wished."""
    answer = call.client.get(f"/v1/reports/{_id(call.arguments.id)}")
    if call.arguments.open and call.output.as_json:
        _open(answer["report"]["paths"]["html"])
    _answer(call, answer, views.report)
    if call.arguments.open and not call.output.as_json:
        _open(answer["report"]["paths"]["html"])
    return 0


def _diff(call: Call) -> int:
    """What changed between two reports."""
    answer = call.client.get("/v1/reports/diff", {"a": call.arguments.a, "b": call.arguments.b})
    _answer(call, answer, views.changes)
    return 0


def _test_notification(call: Call) -> int:
    """Send a trial message; 1 when a target did not take it."""
    from simd.ctl.reporting import LONGEST_DELIVERY_SECONDS  # noqa: PLC0415 - as above

    answer = call.client.post("/v1/notifications/test", timeout=LONGEST_DELIVERY_SECONDS)
    _answer(call, answer, views.notified)
    return int(bool(answer["failed"]))


def _answer(call: Call, answer: Json, view: Callable[[Json, Style], str]) -> None:
    if call.output.as_json:
        call.output.json(answer)
    else:
        call.output.text(view(answer, call.output.style))


def _id(word: str) -> str:
    """The word, if it can be a part of a URL as it is; whether there is such a report the daemon knows."""
    if word.isascii() and word.replace("-", "").isalnum():
        return word
    raise BadRequest(
        f"{word!r} is not the id of a report", hint="simctl report list shows those that there are"
    )


def _open(page: str) -> None:
    """Show a page in the browser.

    Raises:
        NotFound: the page is gone.
        Failed: no browser could be started.
    """
    import webbrowser  # noqa: PLC0415 - slow, and seldom needed
    from pathlib import Path  # noqa: PLC0415 - as above

    if not os.path.exists(page):  # noqa: PTH110 - pathlib costs 8 ms of every call
        raise NotFound(f"{page} is gone", hint="simctl report now makes a new one", path=page)
    if not webbrowser.open(Path(page).as_uri()):
        raise Failed("no browser could be started", hint=f"open the page yourself: {page}", path=page)


ACTIONS: Mapping[
    str, tuple[str, str, Callable[[ArgumentParser], None], Callable[[Call], int]]
] = {
    "now": ("make a report and wait for it", "simctl report now", _no_words, _now),
    "list": ("every report that is kept, the newest first", "simctl report list", _no_words, _list),
    "show": (
        "what a report says in words, and where its files are",
        "simctl report show --open",
        _show_words,
        _show,
    ),
    "diff": (
        "the groups that changed between two reports",
        "simctl report diff 2026-11-20 latest",
        _diff_words,
        _diff,
    ),
    "test-notification": (
        "send a trial message to every target of the settings",
        "simctl report test-notification",
        _no_words,
        _test_notification,
    ),
}  # fmt: skip
"""Every action: what it does, an example, its arguments, and the function that does it."""
