"""Sheets of steps as bytes, for the journal.

A hundred thousand steps are some twenty-five megabytes in this form, and are packed or unpacked within half a
second; as rows of columns they take several times as long. How columns become bytes is said in
:mod:`simd.core.actions.packing`.
"""

import json
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from zlib import crc32

from simd.core.actions.packing import (
    FILES,
    PLACES,
    distinct,
    pack_files,
    pack_paths,
    packed,
    spread,
    unpack_files,
    unpack_paths,
    unpack_sizes,
    unpacked,
)
from simd.core.actions.sheets import Sheet
from simd.core.actions.standing import Standing
from simd.core.actions.words import CompanionRole, StepState
from simd.core.answers.likeness import MatchKind

T = TypeVar("T")

_ROOTS: Final = slice(5, 7)
_KINDS: Final = slice(7, 9)
_WHYS: Final = slice(9, 11)
_ROLES: Final = slice(11, 13)
"""The sections of facts behind those of the files."""


def pack_facts(sheet: Sheet) -> bytes:
    """All that never changes of a sheet, but for what is in its weights.

    Raises:
        ValueError: a path holds a NUL, or a digest has another length than SHA-256 gives.
        struct.error: a number has more than 64 bits.
    """
    roots, root_places = distinct(sheet.roots)
    return packed(
        *pack_files(sheet.files, sheet.keepers),
        pack_paths(roots),
        root_places,
        *_texts(sheet.kinds),
        *_texts(sheet.whys),
        *_texts(sheet.roles),
    )


def unpack_facts(first: int, weights: bytes, facts: bytes) -> Sheet:
    """A sheet again.

    Args:
        first: number of its first step.
        weights: see :func:`pack_weights`.
        facts: see :func:`pack_facts`.

    Raises:
        CatalogueError: it is damaged.
    """
    sizes, units = unpack_weights(first, weights)
    count = len(sizes)
    sections = unpacked(facts)
    files, keepers = unpack_files(sections[FILES])
    roots, root_places = sections[_ROOTS]
    return Sheet(
        first=first,
        files=files,
        keepers=keepers,
        roots=spread(roots.split(b"\0"), root_places, count),
        kinds=_words(sections[_KINDS], count, MatchKind),
        whys=_words(sections[_WHYS], count, str),
        sizes=sizes,
        units=units,
        roles=_words(sections[_ROLES], count, _role),
    )


def unpack_burden(facts: bytes) -> tuple[Sequence[int], Sequence[MatchKind]]:
    """What looking at the file of each step costs: its size in bytes, and how it is like the kept one.

    Raises:
        CatalogueError: it is damaged.
    """
    sections = unpacked(facts)
    sizes = unpack_sizes(sections[FILES])
    return sizes, _words(sections[_KINDS], len(sizes), MatchKind)


def pack_weights(sheet: Sheet) -> bytes:
    """What the sums over a sheet need: the bytes that its steps free, and which of them are companions."""
    count = len(sheet.sizes)
    back = [0 if unit is None else place - unit for place, unit in enumerate(sheet.units, sheet.first)]
    return struct.pack(f"<{count}q{count}I", *sheet.sizes, *back)


def unpack_weights(first: int, weights: bytes) -> tuple[Sequence[int], Sequence[int | None]]:
    """The sizes, and the numbers of the pictures that companions belong to."""
    count = len(weights) // 12
    numbers = struct.unpack(f"<{count}q{count}I", weights)
    back = numbers[count:]
    if not any(back):
        return numbers[:count], (None,) * count
    return numbers[:count], [place - far if far else None for place, far in enumerate(back, first)]


def pack_names(paths: Sequence[bytes | None]) -> bytes:
    """Checksums of paths, by which those are found that may be a certain one; nothing where there is none."""
    there = [path for path in paths if path]
    return struct.pack(f"<{len(there)}I", *map(crc32, there))


def name_of(path: bytes) -> bytes:
    """The checksum of one."""
    return pack_names([path])


def pack_standing(standing: Standing) -> bytes:
    """How far the steps of a sheet have come.

    Raises:
        ValueError: a path holds a NUL.
    """
    moments, dates = distinct(standing.moments)
    return packed(
        *_texts(standing.states),
        pack_paths(standing.places),
        *_texts(standing.reasons),
        json.dumps([moment_text(at) for at in moments]).encode(),
        dates,
        *_texts(standing.traits),
        struct.pack(f"<{len(standing.noted)}q", *standing.noted),
    )


def unpack_standing(body: bytes) -> Standing:
    """The same again.

    Raises:
        CatalogueError: it is damaged.
    """
    *sections, noted = unpacked(body)
    count = len(noted) // 8
    return Standing(
        states=_words(sections[0:2], count, StepState),
        places=unpack_paths(sections[PLACES]),
        reasons=_words(sections[3:5], count, _as_it_is),
        moments=_words(sections[5:7], count, _moment),
        traits=_words(sections[7:9], count, _as_it_is),
        noted=struct.unpack(f"<{count}q", noted),
    )


def unpack_states(body: bytes) -> Sequence[StepState]:
    """The states alone, from the same bytes as :func:`unpack_standing`.

    Raises:
        CatalogueError: it is damaged.
    """
    *sections, noted = unpacked(body)
    return _words(sections[0:2], len(noted) // 8, StepState)


def moment_text(at: datetime | None) -> str | None:
    """A moment as the journal writes it, all of one width, so that they sort as text."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _role(text: str | None) -> CompanionRole | None:
    return None if text is None else CompanionRole(text)


def _as_it_is(text: str | None) -> str | None:
    return text


def _texts(column: Sequence[str | None]) -> tuple[bytes, bytes]:
    values, places = distinct(column)
    return json.dumps(values).encode(), places


def _words(sections: Sequence[bytes], count: int, meaning: Callable[[Any], T]) -> Sequence[T]:
    values, places = sections
    return spread([meaning(value) for value in json.loads(values)], places, count)
