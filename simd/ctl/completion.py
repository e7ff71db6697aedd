"""The command completion: scripts that complete simctl's words in a shell."""

import argparse

from simd.ctl.call import Call
from simd.ctl.parser import build_parser

SHELLS = ("bash", "zsh", "tcsh")

FILE_NAMES = frozenset({"FILE", "PATH", "PATH|ID", "A", "B", "PICTURE"})
DIRECTORY_NAMES = frozenset({"DIR", "OUT", "PHOTOS"})
"""The names that the help gives to words that are paths."""


def completion_words(command: argparse.ArgumentParser) -> None:
    """Which shell."""
    command.add_argument("shell", choices=SHELLS)


def completion(call: Call) -> int:
    """The script for one shell."""
    import shtab  # noqa: PLC0415 - the grammar of all commands is built without it

    parser = build_parser()
    _complete_paths(parser, shtab.FILE, shtab.DIRECTORY)
    shell = call.arguments.shell
    script = shtab.complete(parser, shell=shell)
    if call.output.as_json:
        call.output.json({"shell": shell, "script": script})
    else:
        call.output.text(script)
    return 0


def _complete_paths(parser: argparse.ArgumentParser, file: object, directory: object) -> None:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to walk a parser
        if action.metavar in FILE_NAMES:
            action.complete = file  # type: ignore[attr-defined]  # shtab's convention
        elif action.metavar in DIRECTORY_NAMES:
            action.complete = directory  # type: ignore[attr-defined]  # shtab's convention
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for command in action.choices.values():
                _complete_paths(command, file, directory)
