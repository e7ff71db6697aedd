"""The command groups: pages of duplicate groups."""

import os
import re
from argparse import ArgumentParser
from collections.abc import Iterator

from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.subjects import bytes_of, path_fields
from simd.ctl.words import add_null, add_pages, add_preset
from simd.render.groups import groups as view
from simd.render.groups import totals

GROUPINGS = ("star", "complete", "transitive")
KINDS = ("identical", "near")
"""Written out, as the presets are."""


def groups_words(command: ArgumentParser) -> None:
    """Which groups, and how many."""
    add_preset(command)
    command.add_argument(
        "--grouping", choices=GROUPINGS, default="star", help="how pairs become groups (default: star)"
    )
    command.add_argument("--kind", choices=KINDS, help="only groups of this kind")
    command.add_argument("--under", metavar="DIR", help="only groups with a file in this folder or below it")
    command.add_argument(
        "--keep",
        action="append",
        metavar="RULE,...",
        help="which file is kept, in place of the configured rules; the first that tells two files apart "
        "decides: prefer:FOLDER, protected, resolution, lossless, bytes, metadata, taken:oldest, "
        "taken:newest, modified:oldest, modified:newest, path, name",
    )
    add_pages(command)
    command.add_argument("--all", action="store_true", help="every page")
    add_null(command)


def groups(call: Call) -> int:
    """Duplicate groups: one page, or all of them."""
    pages = _pages(call)
    if call.output.as_json:
        call.output.json(_joined(pages))
    elif call.arguments.null:
        for page in pages:
            call.output.paths(path for group in page["groups"] for path in _paths(group))
    else:
        _tell(call, pages)
    return 0


def _tell(call: Call, pages: Iterator[Json]) -> None:
    for page in pages:
        call.output.text(view(page, call.output.style))
        if page["groups"]:
            call.output.text("")
    if page["totals"]["groups"]:
        call.output.text(totals(page))
    if page["next_cursor"] is not None:
        call.output.text(
            f"The next page: simctl groups --cursor {page['next_cursor']} with the same options "
            "(or every page: --all)"
        )


def _pages(call: Call) -> Iterator[Json]:
    given = call.arguments
    asked = {
        "preset": given.preset,
        "grouping": given.grouping,
        "kind": given.kind,
        "limit": given.limit,
        "cursor": given.cursor,
        "keep": None if given.keep is None else ",".join(map(_rules, given.keep)),
        **(path_fields(given.under, "under") if given.under is not None else {}),
    }
    while True:
        page = call.client.get("/v1/groups", asked)
        yield page
        asked["cursor"] = page["next_cursor"]
        if not given.all or asked["cursor"] is None:
            return


def _rules(word: str) -> str:
    r"""Keep rules with absolute folders; ``\,`` is a comma within one."""
    return ",".join(map(_rule, re.split(r"(?<!\\),", word)))


def _rule(word: str) -> str:
    name, _, folder = word.partition(":")
    if name != "prefer" or not folder:
        return word
    # The catalogue knows files by the folders that they lie in, and no shell expands a tilde here.
    path = os.path.realpath(os.path.expanduser(folder.replace(r"\,", ",")))  # noqa: PTH111 - any bytes
    escaped = path.replace(",", r"\,")
    return f"{name}:{escaped}"


def _joined(pages: Iterator[Json]) -> Json:
    found: list[Json] = []
    for page in pages:
        found += page["groups"]
    return {**page, "groups": found}


def _paths(group: Json) -> Iterator[bytes]:
    """The keeper's path, then the others'."""
    keeper = bytes_of(group)
    yield keeper
    yield from (path for path in map(bytes_of, group["members"]) if path != keeper)
