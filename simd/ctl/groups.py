"""The command groups: pages of duplicate groups."""

from argparse import ArgumentParser
from collections.abc import Iterator

from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.subjects import bytes_of, keep_rules, path_fields
from simd.ctl.words import add_group_choice, add_null, add_pages
from simd.render.groups import groups as view
from simd.render.groups import totals


def groups_words(command: ArgumentParser) -> None:
    """Which groups, and how many."""
    add_group_choice(command)
    command.add_argument("--under", metavar="DIR", help="only groups with a file in this folder or below it")
    add_pages(command)
    command.add_argument("--all", action="store_true", help="every page")
    add_null(command)


def groups(call: Call) -> int:
    """Duplicate groups: one page, or all of them."""
    given = call.arguments
    pages = group_pages(call, limit=given.limit, cursor=given.cursor, every=given.all)
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


def group_pages(
    call: Call, *, limit: int | None = None, cursor: str | None = None, every: bool = True
) -> Iterator[Json]:
    """The groups that the options of a call choose: the page at a cursor, or every page from there on."""
    given = call.arguments
    asked = {
        "preset": given.preset,
        "grouping": given.grouping,
        "kind": given.kind,
        "limit": limit,
        "cursor": cursor,
        "keep": keep_rules(given.keep),
        **(path_fields(given.under, "under") if given.under is not None else {}),
    }
    while True:
        page = call.client.get("/v1/groups", asked)
        yield page
        asked["cursor"] = page["next_cursor"]
        if not every or asked["cursor"] is None:
            return


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
