"""``simctl cull export``: the groups laid into folders, for a person to delete in."""

import os
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime

from simd.core.display import display_path
from simd.core.errors import BadRequest, Failed, NotFound
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.cull.placing import Offer, Placing, offer
from simd.ctl.cull.record import Record, begin, finish
from simd.ctl.groups import group_pages
from simd.ctl.laying import make_folder, refuse_used
from simd.ctl.progress import chosen_view
from simd.ctl.subjects import bytes_of, keep_fields
from simd.render import cull as views

NOTHING = 1
"""The answer is no: there is no group to lay."""

MOST_ON_A_PAGE = 1_000


def export(call: Call) -> int:
    """Lay groups into folders; 1 when there are none, 5 when some file could not be read or written."""
    out = os.path.abspath(os.fsencode(call.arguments.out))  # noqa: PTH100 - bytes
    refuse_used(out, "for the export")
    _refuse_watched(out, call.client.get("/v1/status")["roots"])
    offers, generation = _offers(call)
    answer: Json = {"out": display_path(out), "groups": 0, "files": 0, "linked": 0, "left_out": []}
    failed = 0
    if offers:
        placing = _placed(call, out, offers)
        finish(out, _record(call, placing, generation))
        failed = placing.failed
        files = [file for group in placing.groups for file in group.files]
        answer |= {
            "groups": len(placing.groups),
            "files": len(files),
            "linked": sum(file.linked for file in files),
            "left_out": placing.left_out,
        }
    _tell(call, answer | {"generation": generation})
    return Failed.exit_code if failed else 0 if answer["groups"] else NOTHING


def _tell(call: Call, answer: Json) -> None:
    if call.output.as_json:
        call.output.json(answer)
        return
    for trouble in answer["left_out"]:
        call.output.note(f"simctl: {trouble['path']}: {trouble['reason']}")
    call.output.text(views.exported(answer))


def _placed(call: Call, out: bytes, offers: list[Offer]) -> Placing:
    """Lay every group, with the progress on standard error."""
    if not os.path.isdir(out):  # noqa: PTH112 - bytes
        make_folder(out)
    begin(out)
    placing = Placing(out, copies=call.arguments.copy)
    with closing(chosen_view(call)) as view:
        for number, offered in enumerate(offers, 1):
            placing.lay(offered)
            view.show({"phase": "lay", "done": number, "total": len(offers)})
    return placing


def _record(call: Call, placing: Placing, generation: int) -> Record:
    return Record(
        made_at=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        generation=generation,
        choice=_choice(call),
        groups=placing.groups,
        left_out=placing.left_out,
    )


def _choice(call: Call) -> Json:
    """The options that say who is in one group, as a plan takes them."""
    given = call.arguments
    preset = {} if given.preset is None else {"preset": given.preset}
    return {"grouping": given.grouping, **preset, **keep_fields(given.keep)}


def _refuse_watched(out: bytes, roots: Iterable[Json]) -> None:
    """Refuse a place that the daemon watches: it would take what is laid there for new duplicates.

    Raises:
        BadRequest: it does.
    """
    there = os.path.realpath(out)
    for root in roots:
        watched = os.path.realpath(bytes_of(root))
        if _lies_in(there, watched) or _lies_in(watched, there):
            raise BadRequest(
                f"{display_path(out)} and the watched folder {root['path']} lie within one another",
                hint="simd would take what is laid there for new duplicates; "
                "name a folder outside of what simctl status lists, best on the same disk",
                path=display_path(out),
            )


def _lies_in(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def _offers(call: Call) -> tuple[list[Offer], int]:
    """The groups that were asked for and of which a file may go, and the generation that they are of.

    Raises:
        NotFound: a group was named that there is not.
    """
    wanted = set(call.arguments.groups)
    found: set[str] = set()
    offers: list[Offer] = []
    laid: set[bytes] = set()
    generation = 0
    for page in group_pages(call, limit=MOST_ON_A_PAGE):
        generation = page["generation"]
        for group in page["groups"]:
            if wanted and group["id"] not in wanted:
                continue
            found.add(group["id"])
            offered = offer(group)
            # Groups change while they are paged through; no file is to be laid twice.
            if laid.isdisjoint(file.path for file in offered.files) and not _all_protected(offered):
                offers.append(offered)
                laid.update(file.path for file in offered.files)
    if wanted - found:
        number = min(wanted - found, key=int)
        raise NotFound(
            f"there is no group {number} by these options", hint="simctl groups lists those that there are"
        )
    return offers, generation


def _all_protected(offered: Offer) -> bool:
    return all(file.protected for file in offered.files)
