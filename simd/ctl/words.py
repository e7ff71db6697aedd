"""Arguments that several commands take."""

from argparse import ArgumentParser

PRESETS = ("strict", "default", "loose")
GROUPINGS = ("star", "complete", "transitive")
KINDS = ("identical", "near")
"""Written out: the modules that define them take longer to import than a whole call."""


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


def add_group_choice(command: ArgumentParser) -> None:
    """``--preset``, ``--grouping``, ``--kind`` and ``--keep``: which groups, and what is kept in each."""
    add_preset(command)
    command.add_argument(
        "--grouping", choices=GROUPINGS, default="star", help="how pairs become groups (default: star)"
    )
    command.add_argument("--kind", choices=KINDS, help="only groups of this kind")
    command.add_argument(
        "--keep",
        action="append",
        metavar="RULE,...",
        help="which file is kept, in place of the configured rules; the first that tells two files apart "
        "decides: prefer:FOLDER, protected, resolution, lossless, bytes, metadata, taken:oldest, "
        "taken:newest, modified:oldest, modified:newest, path, name",
    )


def add_pages(command: ArgumentParser) -> None:
    """``--limit`` and ``--cursor``."""
    command.add_argument("--limit", type=int, metavar="N", help="at most this many on a page (default: 100)")
    command.add_argument("--cursor", metavar="C", help="the page that begins here, as the one before says")


def add_null(command: ArgumentParser) -> None:
    """``-0``."""
    command.add_argument("-0", "--null", action="store_true", help="print bare paths, each ended by NUL")
