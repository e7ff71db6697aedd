"""The command cull: duplicates sorted by hand, by deleting in folders."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping

from simd.ctl.call import Call
from simd.ctl.parser import Parser, add_command
from simd.ctl.plans import add_action, group_number
from simd.ctl.words import add_group_choice


def cull_words(command: ArgumentParser) -> None:
    """What to do, each with its own arguments."""
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=Parser)
    for name, (summary, example, words, action) in ACTIONS.items():
        parser = add_command(actions, name, summary, example)
        words(parser)
        parser.set_defaults(step=action)


def cull(call: Call) -> int:
    """Do what was asked for."""
    return int(call.arguments.step(call))


def _export_words(command: ArgumentParser) -> None:
    command.add_argument("out", metavar="OUT", help="a new or empty folder, in no watched one")
    command.add_argument(
        "groups",
        nargs="*",
        type=group_number,
        metavar="GROUP",
        help="a group's number, as simctl groups shows it (default: all)",
    )
    command.add_argument("--under", metavar="DIR", help="only groups with a file in this folder or below it")
    add_group_choice(command)
    command.add_argument(
        "--copy", action="store_true", help="lay copies, also where hard links would take no space"
    )


def _check_words(command: ArgumentParser) -> None:
    command.add_argument("out", metavar="OUT", help="the folder of an export")
    command.add_argument(
        "--allow-empty",
        action="store_true",
        help="take an emptied folder as meant; the best file of such a group stays all the same",
    )


def _apply_words(command: ArgumentParser) -> None:
    _check_words(command)
    add_action(command)
    ways = command.add_mutually_exclusive_group()
    ways.add_argument("--plan-only", action="store_true", help="make and show the plan, and do nothing")
    ways.add_argument(
        "--dry-run", action="store_true", help="also have every file checked, and say what would be done"
    )


def _export(call: Call) -> int:
    from simd.ctl.cull.export import export  # noqa: PLC0415 - needless for help

    return export(call)


def _check(call: Call) -> int:
    from simd.ctl.cull.check import check  # noqa: PLC0415 - as above

    return check(call)


def _apply(call: Call) -> int:
    from simd.ctl.cull.apply import apply  # noqa: PLC0415 - as above

    return apply(call)


ACTIONS: Mapping[
    str, tuple[str, str, Callable[[ArgumentParser], None], Callable[[Call], int]]
] = {
    "export": (
        "lay each duplicate group into a numbered folder, as hard links where that can be",
        "simctl cull export ~/cull --under ~/Pictures",
        _export_words,
        _export,
    ),
    "check": (
        "write what you have deleted there into to_delete.txt, and say what stays",
        "simctl cull check ~/cull",
        _check_words,
        _check,
    ),
    "apply": (
        "check, then make a plan of it and do that",
        "simctl cull apply ~/cull",
        _apply_words,
        _apply,
    ),
}  # fmt: skip
"""Every action: what it does, an example, its arguments, and the function that does it."""
