"""``info.json``: what was exported, mapped to where it came from, and ``applied.json``: what became of it."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from simd.core.cull.model import Exported
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest, Failed, NotFound
from simd.core.wire import Json
from simd.ctl.subjects import bytes_of

FORMAT = 1
INFO = b"info.json"
UNFINISHED = b"info.json.part"
TO_DELETE = b"to_delete.txt"
APPLIED = b"applied.json"
OWN_NAMES = frozenset({INFO, UNFINISHED, TO_DELETE, APPLIED, TO_DELETE + b".part", APPLIED + b".part"})
"""What simd itself writes at the top of an export."""

AGAIN = "make a new export into another folder: simctl cull export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group that was exported.

    Attributes:
        folder: its number.
        id: of the group, when it was exported.
        kind: ``identical`` or ``near``.
        files: the one to keep first.
    """

    folder: int
    id: str
    kind: str
    files: Sequence[Exported]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An export.

    Attributes:
        made_at: ISO 8601 with offset.
        generation: of the catalogue that it was made of.
        choice: the options that say who is in one group, as ``POST /v1/plans`` takes them.
        groups: in the order of their folders.
        left_out: files of these groups that were not laid, each with its reason.
    """

    made_at: str
    generation: int
    choice: Json
    groups: Sequence[Group]
    left_out: Sequence[Json]


def begin(out: bytes) -> None:
    """Mark a folder as an export that is not finished.

    Raises:
        Failed: nothing can be written there.
    """
    path = _within(out, UNFINISHED)
    try:
        with open(path, "xb"):  # noqa: PTH123 - bytes
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


def finish(out: bytes, record: Record) -> None:
    """Write the record, which makes the export one that is finished."""
    # Files that a power cut took out of the folders would look as if a person had deleted them.
    os.sync()
    parts = {
        "format": json.dumps(FORMAT),
        "made_at": json.dumps(record.made_at),
        "generation": json.dumps(record.generation),
        "choice": json.dumps(record.choice),
        "groups": _lines([_group_json(group) for group in record.groups]),
        "left_out": _lines(record.left_out),
    }
    text = ",\n".join(f'"{name}": {part}' for name, part in parts.items())
    write_whole(out, INFO, f"{{\n{text}\n}}\n".encode())


def read(out: bytes) -> Record:
    """The record of an export.

    Raises:
        NotFound: there is no such folder, or no export in it.
        BadRequest: the export was interrupted, is of another version, or its record is damaged.
    """
    shown = display_path(_within(out, INFO))
    body = _read_json(out, INFO)
    if body is None:
        raise _no_record(out)
    if body.get("format") != FORMAT:
        raise BadRequest(
            f"{shown} is of the format {body.get('format')!r}, and this simd knows {FORMAT}",
            hint=f"use the simd that made it, or {AGAIN}",
            path=shown,
        )
    try:
        return Record(
            made_at=body["made_at"],
            generation=body["generation"],
            choice=dict(body["choice"]),
            groups=[_group(part) for part in body["groups"]],
            left_out=list(body["left_out"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(shown) from error


def applied(out: bytes) -> list[str]:
    """The plans by which an export was applied; none where it was not."""
    body = _read_json(out, APPLIED)
    if body is None:
        return []
    plans = body.get("plans")
    if not isinstance(plans, list) or not all(isinstance(plan, str) for plan in plans):
        raise _damaged(display_path(_within(out, APPLIED)))
    return plans


def note_applied(out: bytes, plans: Sequence[str]) -> None:
    """Note the plans by which an export is being applied."""
    write_whole(out, APPLIED, json.dumps({"plans": list(plans)}).encode() + b"\n")


def write_whole(out: bytes, name: bytes, content: bytes) -> None:
    """Write a file of an export whole or not at all, over the one that was there.

    Raises:
        Failed: it could not be written.
    """
    path = _within(out, name)
    try:
        with open(path + b".part", "wb") as stream:  # noqa: PTH123 - bytes
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(path + b".part", path)  # noqa: PTH105 - bytes
        _sync_folder(out)
    except OSError as error:
        raise _unwritable(path, error) from error


def path_json(path: bytes) -> Json:
    """The fields of a path."""
    encoded = path_b64(path)
    return {"path": display_path(path)} | ({} if encoded is None else {"path_b64": encoded})


def _within(out: bytes, name: bytes) -> bytes:
    return os.path.join(out, name)  # noqa: PTH118 - bytes


def _sync_folder(folder: bytes) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_json(out: bytes, name: bytes) -> Json | None:
    """A JSON object of an export; None where the file is not there."""
    path = _within(out, name)
    shown = display_path(path)
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - bytes
            body = json.load(stream)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Failed(
            f"{shown} cannot be read: {error.strerror}", hint="may you read it?", path=shown
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(shown) from error
    if not isinstance(body, dict):
        raise _damaged(shown)
    return body


def _no_record(out: bytes) -> BadRequest:
    shown = display_path(out)
    if not os.path.isdir(out):  # noqa: PTH112 - bytes
        return NotFound(f"{shown} is no folder", hint="name the folder of an export", path=shown)
    if os.path.exists(_within(out, UNFINISHED)):  # noqa: PTH110 - bytes
        return BadRequest(
            f"the export into {shown} was interrupted", hint=f"delete that folder, and {AGAIN}", path=shown
        )
    return NotFound(
        f"{shown} holds no export: info.json is not there", hint="name the folder of an export", path=shown
    )


def _unwritable(path: bytes, error: OSError) -> Failed:
    shown = display_path(path)
    return Failed(
        f"{shown} cannot be written: {error.strerror}",
        hint="is there room, and may you write there?",
        path=shown,
    )


def _damaged(shown: str) -> BadRequest:
    return BadRequest(f"{shown} is damaged", hint=AGAIN, path=shown)


def _lines(parts: Sequence[Json]) -> str:
    """A list with a line for each part: Python indents JSON ten times as slowly as it writes it."""
    return "[\n" + ",\n".join(json.dumps(part, ensure_ascii=False) for part in parts) + "\n]"


def _group_json(group: Group) -> Json:
    return {
        "folder": group.folder,
        "id": group.id,
        "kind": group.kind,
        "files": [_file_json(file) for file in group.files],
    }


def _file_json(file: Exported) -> Json:
    return {
        "name": file.name.decode(),
        **path_json(file.path),
        "digest": file.digest,
        "bytes": file.size,
        "mtime_ns": file.mtime_ns,
        "inode": file.inode,
        "laid_mtime_ns": file.laid_mtime_ns,
        "laid_inode": file.laid_inode,
        "keeper": file.keeper,
        "protected": file.protected,
        "linked": file.linked,
    }


def _group(part: Json) -> Group:
    folder = int(part["folder"])
    files = [_file(entry, folder) for entry in part["files"]]
    if not files:
        raise ValueError("a group without files")
    return Group(folder=folder, id=str(part["id"]), kind=str(part["kind"]), files=files)


def _file(entry: Json, folder: int) -> Exported:
    return Exported(
        folder=folder,
        name=str(entry["name"]).encode(),
        path=bytes_of(entry),
        digest=str(entry["digest"]),
        size=int(entry["bytes"]),
        mtime_ns=int(entry["mtime_ns"]),
        inode=int(entry["inode"]),
        laid_mtime_ns=int(entry["laid_mtime_ns"]),
        laid_inode=int(entry["laid_inode"]),
        keeper=bool(entry["keeper"]),
        protected=bool(entry["protected"]),
        linked=bool(entry["linked"]),
    )
