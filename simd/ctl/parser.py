"""The grammar of the command line: the list of commands, and what all of them share.

The arguments of a command are defined beside the function that runs it. Only the module
of the command that is asked for is imported, and only its parser is built: with all of
them every call would take 15 ms longer.
"""

import argparse
import importlib
from collections.abc import Iterable, Mapping

import simd
from simd.core.errors import WrongUsage

EXIT_CODES = """\
exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 no daemon to talk to,
4 the daemon refused, 5 it failed"""

COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "status": ("machine", "how the daemon is and what it is doing", "simctl status --json"),
    "sync": (
        "machine",
        "return when every change made so far is committed and searchable",
        "cp new.jpg ~/Pictures && simctl sync && simctl groups",
    ),
    "scan": ("scan", "sweep the watched folders now", "simctl scan ~/Pictures/2024"),
    "query": (
        "search",
        "near-duplicates of any file, catalogued or not",
        "curl -s https://example.org/a.jpg | simctl query --transforms -",
    ),
    "have": (
        "search",
        "tell whether each file is there already",
        "simctl have /media/card/*.jpg || echo new ones",
    ),
    "groups": (
        "groups",
        "duplicate groups, each with its keeper first",
        "simctl groups --under ~/Pictures --all",
    ),
    "show": ("pictures", "all that is known of one image and its files", "simctl show 42"),
    "compare": ("pictures", "compare two pictures by every measure", "simctl compare a.jpg b.jpg"),
    "mark": (
        "verdicts",
        "decide that pictures are different, a series, or to be kept",
        "simctl mark different a.jpg b.jpg",
    ),
    "unmark": ("verdicts", "take back what was decided about pictures", "simctl unmark a.jpg b.jpg"),
    "verdicts": (
        "verdicts",
        "what was decided about pictures; export and import it",
        "simctl verdicts export verdicts.jsonl",
    ),
    "partition": (
        "partition",
        "lay pictures into numbered folders of similar ones",
        "simctl partition ~/Pictures/2024 --grade 0.95 --out ~/sorted",
    ),
    "cull": (
        "cull",
        "sort by hand: groups laid into folders, to delete there what is not wanted",
        "simctl cull export ~/cull",
    ),
    "problems": ("problems", "files that could not be read, and why", "simctl problems --retry"),
    "protect": (
        "protect",
        "have files or folders keep their place, or list those that do",
        "simctl protect ~/Pictures/Masters",
    ),
    "unprotect": ("protect", "take protection back", "simctl unprotect ~/Pictures/Masters"),
    "plan": (
        "plans",
        "plan what to do with duplicates, file by file; nothing is done yet",
        "simctl plan --under ~/Pictures/Phone",
    ),
    "apply": ("clearing", "do what a plan says", "simctl apply 7"),
    "history": ("plans", "the plans there are, or what became of each file of one", "simctl history 7"),
    "undo": ("clearing", "take back a plan, or a step of one", "simctl undo 7"),
    "restore": (
        "clearing",
        "put files back in the place that they had",
        "simctl restore ~/Pictures/Phone/IMG_0042.jpg",
    ),
    "purge": (
        "clearing",
        "delete for good what has been in quarantine for long",
        "simctl purge --older-than 30d",
    ),
    "report": (
        "report",
        "reports: make one, list them, show one, compare two",
        "simctl report show --open",
    ),
    "rematch": (
        "rematch",
        "compare every image with every other anew, and follow it",
        "simctl rematch",
    ),
    "reload": ("reloading", "have the daemon read its settings again", "simctl reload"),
    "pause": ("machine", "stop hashing; queries still answer", "simctl pause"),
    "resume": ("machine", "go on hashing", "simctl resume"),
    "service": (
        "service",
        "have the daemon run as a service: install, start, stop, look at it",
        "simctl service install ~/Pictures",
    ),
    "doctor": ("doctor", "check the machine and say what to do", "simctl doctor"),
    "completion": (
        "completion",
        "print the completions of a shell",
        "simctl completion bash > ~/.local/share/bash-completion/completions/simctl",
    ),
}
"""Every command: the module of ``simd.ctl`` that holds it, what it does, and an example."""


class Layout(argparse.RawDescriptionHelpFormatter):
    """Help in 80 columns. To ask the terminal costs an import of 5 ms on every call, with help or not."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others."""

    def error(self, message: str) -> None:  # type: ignore[override]  # NoReturn would import typing
        """Refuse the command line.

        Raises:
            WrongUsage: always.
        """
        raise WrongUsage(message, hint=f"see {self.prog} --help")


def parse(words: list[str]) -> argparse.Namespace:
    """What the words ask for.

    Raises:
        WrongUsage: they ask for nothing that there is.
        SystemExit: they ask for help or the version, which has been printed.
    """
    named = next((word for word in words if word in COMMANDS), None)
    if named is not None:
        try:
            return build_parser([named]).parse_args(words)
        except WrongUsage:
            pass  # the name may have been another option's value: let the whole grammar decide
    return build_parser().parse_args(words)


def build_parser(names: Iterable[str] = tuple(COMMANDS)) -> Parser:
    """The parser of these commands; of every command when none are named."""
    parser = Parser(
        prog="simctl",
        description="Ask the simd daemon about duplicate images.",
        epilog=f"example:\n  simctl query holiday.jpg\n\n{EXIT_CODES}",
        formatter_class=Layout,
        parents=[_options_of_every_command()],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"simctl {simd.__version__}")
    parser.set_defaults(json=False, socket=None, null=False)
    actions = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, prog="simctl")
    for name in names:
        module, summary, example = COMMANDS[name]
        command = add_command(actions, name, summary, example)
        family = importlib.import_module(f"simd.ctl.{module}")
        getattr(family, f"{name}_words")(command)
        command.set_defaults(run=getattr(family, name))
    return parser


def add_command(
    actions: "argparse._SubParsersAction[Parser]", name: str, summary: str, example: str
) -> Parser:
    """Add a command, or an action of one, with its help and the options that all of them take."""
    return actions.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=Layout,
        parents=[_options_of_every_command()],
        allow_abbrev=False,
    )


def _options_of_every_command() -> Parser:
    """Options that stand before or after the command; only those that are given leave a trace."""
    options = Parser(add_help=False, argument_default=argparse.SUPPRESS, formatter_class=Layout)
    options.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options.add_argument(
        "--socket", metavar="PATH", help="the daemon's socket (default: $SIMD_SOCKET, or found)"
    )
    return options
