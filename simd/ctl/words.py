"""Arguments that several commands take."""

from argparse import ArgumentParser

PRESETS = ("strict", "default", "loose")
"""Written out: the module that defines them takes longer to import than a whole call."""


def add_files(command: ArgumentParser) -> None:
    """``FILE...``."""
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="a picture; - reads one from standard input"
    )


def add_preset(command: ArgumentParser) -> None:
    """``--preset``."""
    command.add_argument(
        "--preset", choices=PRESETS, help="how near is near (default: what the daemon is set to)"
    )


def add_pages(command: ArgumentParser) -> None:
    """``--limit`` and ``--cursor``."""
    command.add_argument("--limit", type=int, metavar="N", help="at most this many on a page (default: 100)")
    command.add_argument("--cursor", metavar="C", help="the page that begins here, as the one before says")


def add_null(command: ArgumentParser) -> None:
    """``-0``."""
    command.add_argument("-0", "--null", action="store_true", help="print bare paths, each ended by NUL")
