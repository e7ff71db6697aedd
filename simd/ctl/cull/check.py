"""``simctl cull check``: what a person has deleted of an export, and what that would mean."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.cull.lines import path_lines
from simd.core.cull.model import Exported, GroupVerdict
from simd.core.display import display_path
from simd.core.errors import BadRequest
from simd.core.wire import Json
from simd.ctl.call import Call
from simd.ctl.cull.looking import look_at
from simd.ctl.cull.record import TO_DELETE, Group, Record, applied, path_json, read, write_whole
from simd.render import cull as views

NOTHING = 1
"""The answer is no: nothing is to go."""

_NAMED = 5
"""Emptied folders that are named one by one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An export after a check.

    Attributes:
        record: what was exported.
        verdicts: groups of which something goes.
        answer: what the check has to say.
    """

    record: Record
    verdicts: Sequence[GroupVerdict]
    answer: Json


def check(call: Call) -> int:
    """Write what is to go into ``to_delete.txt``, and tell it; 1 when it is nothing."""
    found = checked(export_of(call), allow_empty=call.arguments.allow_empty)
    if call.output.as_json:
        call.output.json(found.answer)
    else:
        call.output.text(views.checked(found.answer, call.output.style))
    return 0 if found.verdicts else NOTHING


def export_of(call: Call) -> bytes:
    """The folder that a command line names."""
    return os.path.abspath(os.fsencode(call.arguments.out))  # noqa: PTH100 - bytes


def checked(out: bytes, *, allow_empty: bool) -> Checked:
    """Check an export, and write its ``to_delete.txt``.

    Args:
        out: the folder.
        allow_empty: of a group of which nothing is left, the best stays, and the rest goes.

    Raises:
        BadRequest: there is no export, it is not finished, or a group was emptied.
        Failed: it could not be read or written.
    """
    record = read(out)
    plans = applied(out)
    finding = look_at(out, record)
    if not allow_empty:
        _refuse_emptied(out, finding.verdicts)
    verdicts = [verdict for verdict in finding.verdicts if verdict.goes]
    files = [file for verdict in verdicts for file in verdict.goes]
    lines = path_lines(file.path for file in files)
    corrected = _written(out) not in {None, lines}
    write_whole(out, TO_DELETE, lines)
    answer = {
        "out": display_path(out),
        "made_at": record.made_at,
        "plans": plans,
        "files": len(files),
        "bytes": sum(file.size for file in files),
        "groups": [
            _group(group, verdict)
            for group, verdict in zip(record.groups, finding.verdicts, strict=True)
            if verdict.goes
        ],
        "remarks": _remarks(finding.verdicts),
        "moved": [_moved(place, those) for place, those in finding.moved],
        "unknown": [path_json(place) for place in finding.unknown],
        "list": display_path(os.path.join(out, TO_DELETE)),  # noqa: PTH118 - bytes
        "corrected": corrected,
    }
    return Checked(record, verdicts, answer)


def _refuse_emptied(out: bytes, verdicts: Sequence[GroupVerdict]) -> None:
    emptied = [verdict.folder for verdict in verdicts if verdict.emptied]
    if not emptied:
        return
    named = ", ".join(map(str, emptied[:_NAMED]))
    more = f" and {len(emptied) - _NAMED:,} more" if len(emptied) > _NAMED else ""
    folders, are = ("folder", "is") if len(emptied) == 1 else ("folders", "are")
    raise BadRequest(
        f"{folders} {named}{more} of {display_path(out)} {are} empty: no copy of the picture would be left",
        hint="put back what is to stay, or say --allow-empty: the best file of each stays then all the same",
        path=display_path(os.path.join(out, b"%d" % emptied[0])),  # noqa: PTH118 - bytes
    )


def _written(out: bytes) -> bytes | None:
    """What the list says by now; None where there is none, or none that can be read."""
    try:
        with open(os.path.join(out, TO_DELETE), "rb") as stream:  # noqa: PTH118, PTH123 - bytes
            return stream.read()
    except OSError:
        return None  # it is written anew, which tells what is wrong


def _group(group: Group, verdict: GroupVerdict) -> Json:
    return {
        "folder": verdict.folder,
        "id": group.id,
        "goes": [_file(file) for file in verdict.goes],
        "stays": [_file(file) for file in verdict.stays],
    }


def _file(file: Exported) -> Json:
    return {"name": file.name.decode(), **path_json(file.path), "bytes": file.size}


def _remarks(verdicts: Sequence[GroupVerdict]) -> list[Json]:
    return [
        {"folder": verdict.folder, **path_json(remark.file.path), "text": remark.text}
        for verdict in verdicts
        for remark in verdict.remarks
    ]


def _moved(place: bytes, those: tuple[Exported, ...]) -> Json:
    return {**path_json(place), "files": [path_json(file.place) for file in those]}
