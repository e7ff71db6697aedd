"""The commands plan and history: what is to be cleared up, and what has been."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator

from simd.core.actions.words import Action, StepState
from simd.core.errors import WrongUsage
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.subjects import bytes_of, keep_fields, path_fields
from simd.ctl.words import add_group_choice, add_null, add_pages
from simd.render import plans as views

ACTIONS = tuple(action.value for action in Action)
STATES = tuple(state.value for state in StepState)

LONGEST_SECONDS = 600.0
"""How long a plan may take to be made; one over 100,000 groups takes seconds."""

MOST_ON_A_PAGE = 1_000


def plan_words(command: ArgumentParser) -> None:
    """Which groups, which of their files, and what is to be done to these."""
    command.add_argument(
        "groups",
        nargs="*",
        type=group_number,
        metavar="GROUP",
        help="a group's number, as simctl groups shows it (default: all)",
    )
    add_action(command)
    command.add_argument(
        "--under",
        action="append",
        metavar="DIR",
        help="take away only files in this folder or below it; those that are kept may lie anywhere",
    )
    add_group_choice(command)
    add_null(command)


def add_action(command: ArgumentParser) -> None:
    """``--action`` and ``--permanently``."""
    command.add_argument(
        "--action",
        choices=ACTIONS,
        default=ACTIONS[0],
        help="quarantine: move to a folder beside (the default); trash: to the trash of the desktop; "
        "hardlink, reflink: have files with equal bytes share them; delete: for good, with --permanently",
    )
    command.add_argument(
        "--permanently", action="store_true", help="with --action delete: yes, without a way back"
    )


def history_words(command: ArgumentParser) -> None:
    """Which plan, and which of its steps."""
    command.add_argument(
        "plan",
        nargs="?",
        type=plan_number,
        metavar="PLAN",
        help="a plan's number, for all of its steps (default: list the plans)",
    )
    command.add_argument("--state", choices=STATES, help="only steps in this state")
    add_pages(command)
    command.add_argument("--all", action="store_true", help="every page")
    add_null(command)


def plan(call: Call) -> int:
    """Make a plan, store it and show it; 1 when there is nothing to do."""
    answer = call.client.post("/v1/plans", _asked(call), timeout=LONGEST_SECONDS)
    if call.output.as_json:
        call.output.json(answer)
    elif call.arguments.null:
        call.output.paths(_paths(_whole(call, answer)))
    else:
        call.output.text(views.plan(answer, call.output.style))
        if answer["id"]:
            call.output.text(f"\n{views.next_command(answer)}")
    return 0 if answer["id"] else 1


def history(call: Call) -> int:
    """The plans there are, or the steps of one: a page, or all of them."""
    given = call.arguments
    if given.plan is None:
        if given.state is not None or given.null:
            raise WrongUsage(
                "--state and -0 are about the steps of a plan", hint="simctl history 7 --state done"
            )
        pages, listed = _pages(call, "/v1/plans"), "plans"
    else:
        pages, listed = _pages(call, f"/v1/plans/{given.plan}"), "steps"
    if call.output.as_json:
        call.output.json(_joined(pages, listed))
    elif given.null:
        call.output.paths(_paths(pages))
    else:
        _tell(call, pages)
    return 0


def plan_number(word: str) -> int:
    """The number of a plan.

    Raises:
        ArgumentTypeError: the word is none.
    """
    if not (word.isascii() and word.isdigit()):
        raise ArgumentTypeError(f"a plan is named by its number, as simctl history shows it, not {word!r}")
    return int(word)


def group_number(word: str) -> str:
    """The number of a group, as a word.

    Raises:
        ArgumentTypeError: the word is none.
    """
    if not (word.isascii() and word.isdigit()):
        raise ArgumentTypeError(f"a group is named by its number, as simctl groups shows it, not {word!r}")
    return word


def _asked(call: Call) -> Json:
    given = call.arguments
    asked: Json = {"action": given.action, "grouping": given.grouping, "permanently": given.permanently}
    if given.groups:
        asked["groups"] = given.groups
    if given.under:
        asked["under"] = [path_fields(word) for word in given.under]
    named = {"kind": given.kind, "preset": given.preset}
    return (
        asked | {name: value for name, value in named.items() if value is not None} | keep_fields(given.keep)
    )


def _whole(call: Call, answer: Json) -> Iterator[Json]:
    """A new plan, and the pages that follow the one that was answered."""
    yield answer
    while answer["next_cursor"] is not None:
        asked = {"limit": MOST_ON_A_PAGE, "cursor": answer["next_cursor"]}
        answer = call.client.get(f"/v1/plans/{answer['id']}", asked)
        yield answer


def _pages(call: Call, endpoint: str) -> Iterator[Json]:
    given = call.arguments
    limit = MOST_ON_A_PAGE if given.all and given.limit is None else given.limit
    asked = {"limit": limit, "cursor": given.cursor, "state": given.state}
    while True:
        page = call.client.get(endpoint, asked)
        yield page
        asked["cursor"] = page["next_cursor"]
        if not given.all or asked["cursor"] is None:
            return


def _joined(pages: Iterator[Json], listed: str) -> Json:
    found: list[Json] = []
    for page in pages:
        found += page[listed]
    return {**page, listed: found}


def _paths(pages: Iterator[Json]) -> Iterator[bytes]:
    """Where each file of each step had its place, companions after their picture."""
    for page in pages:
        for step in page["steps"]:
            yield from map(bytes_of, [step, *step["companions"]])


def _tell(call: Call, pages: Iterator[Json]) -> None:
    style, number = call.output.style, call.arguments.plan
    for place, page in enumerate(pages):
        if number is None:
            text = views.plans(page, style)
        else:
            text = views.steps(page["steps"], style) if place else views.history(page, style)
        call.output.text(text)
    if page["next_cursor"] is not None:
        asked = "history" if number is None else f"history {number}"
        call.output.text(
            f"\nThe next page: simctl {asked} --cursor {page['next_cursor']} (or every page: --all)"
        )
