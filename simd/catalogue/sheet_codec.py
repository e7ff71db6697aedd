"""Sheets of steps as bytes, for the journal.

A hundred thousand steps are some twenty-five megabytes in this form, and are packed or unpacked within half a
second; as rows of columns they take several times as long. All integers are little-endian. What is packed
begins with a checksum, a version and the lengths of its sections; where few values recur in a column,
they stand once, followed by their numbers.
"""

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final, TypeVar
from zlib import crc32

from simd.core.actions.sheets import Files, Sheet
from simd.core.actions.standing import Standing
from simd.core.actions.words import CompanionRole, StepState
from simd.core.answers.likeness import MatchKind
from simd.core.errors import CatalogueError

T = TypeVar("T")

VERSION: Final = 1
"""Raised when the form changes; what is kept has to be packed anew then."""

_DIGEST: Final = 32
_CHECKED: Final = 4
"""Bytes of the checksum, with which everything begins."""


def pack_facts(sheet: Sheet) -> bytes:
    """All that never changes of a sheet, but for what is in its weights.

    Raises:
        ValueError: a path holds a NUL, or a digest has another length than SHA-256 gives.
        struct.error: a number has more than 64 bits.
    """
    files, keepers = sheet.files, sheet.keepers
    count = len(sheet.sizes)
    digests, places = _distinct([None, *files.digests, *keepers.digests])
    if set(map(len, digests[1:])) - {_DIGEST}:
        raise ValueError("a digest has 32 bytes")
    roots, root_places = _distinct(sheet.roots)
    return _packed(
        struct.pack(_numbers(count), *_every_number(files), *_every_number(keepers)),
        _paths(files.paths),
        _paths(keepers.paths),
        b"".join(digests[1:]),
        places,
        _paths(roots),
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
    numbers, paths, kept, digests, places, roots, root_places, *texts = _unpacked(facts)
    columns = struct.unpack(_numbers(count), numbers)
    parts = [columns[start : start + count] for start in range(0, 8 * count, count)]
    known = [None, *struct.unpack(f"{_DIGEST}s" * (len(digests) // _DIGEST), digests)]
    both = _spread(known, places, 2 * count + 1)
    return Sheet(
        first=first,
        files=_files(_split(paths), parts[:4], both[1 : count + 1]),
        keepers=_files(_split(kept), parts[4:], both[count + 1 :]),
        roots=_spread(roots.split(b"\0"), root_places, count),
        kinds=_words(texts[0:2], count, MatchKind),
        whys=_words(texts[2:4], count, str),
        sizes=sizes,
        units=units,
        roles=_words(texts[4:6], count, _role),
    )


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
    moments, dates = _distinct(standing.moments)
    return _packed(
        *_texts(standing.states),
        _paths(standing.places),
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
    *sections, noted = _unpacked(body)
    count = len(noted) // 8
    return Standing(
        states=_words(sections[0:2], count, StepState),
        places=_split(sections[2]),
        reasons=_words(sections[3:5], count, _as_it_is),
        moments=_words(sections[5:7], count, _moment),
        traits=_words(sections[7:9], count, _as_it_is),
        noted=struct.unpack(f"<{count}q", noted),
    )


def moment_text(at: datetime | None) -> str | None:
    """A moment as the journal writes it, all of one width, so that they sort as text."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _role(text: str | None) -> CompanionRole | None:
    return None if text is None else CompanionRole(text)


def _as_it_is(text: str | None) -> str | None:
    return text


def _numbers(count: int) -> str:
    """Sizes and times are signed, inodes are not; of the files, and then of the keepers."""
    return f"<{3 * count}q{count}Q{3 * count}q{count}Q"


def _every_number(files: Files) -> Iterable[int | None]:
    """Sizes, times and inodes, column by column; zeros where there is no file."""
    numbers = chain(files.sizes, files.mtimes, files.ctimes, files.inodes)
    return [number or 0 for number in numbers] if None in files.paths else numbers


def _files(
    paths: Sequence[bytes | None], numbers: Sequence[Sequence[int]], digests: Sequence[bytes | None]
) -> Files:
    if None in paths:
        there = [path is not None for path in paths]
        sizes, mtimes, ctimes, inodes = (_where(there, column) for column in numbers)
        return Files(paths, sizes, mtimes, ctimes, inodes, digests)
    return Files(paths, numbers[0], numbers[1], numbers[2], numbers[3], digests)


def _where(there: Sequence[bool], column: Sequence[int]) -> Sequence[int | None]:
    return [number if is_there else None for is_there, number in zip(there, column, strict=True)]


def _paths(paths: Sequence[bytes | None]) -> bytes:
    """Joined by what none of them can hold; an empty one stands for none."""
    joined = b"\0".join([path or b"" for path in paths])
    if joined.count(b"\0") != len(paths) - 1:
        raise ValueError("a path holds no NUL")
    return joined


def _split(joined: bytes) -> list[bytes | None]:
    return [path or None for path in joined.split(b"\0")]


def _texts(column: Sequence[str | None]) -> tuple[bytes, bytes]:
    values, places = _distinct(column)
    return json.dumps(values).encode(), places


def _words(sections: Sequence[bytes], count: int, meaning: Callable[[Any], T]) -> Sequence[T]:
    values, places = sections
    return _spread([meaning(value) for value in json.loads(values)], places, count)


def _distinct(column: Sequence[Any]) -> tuple[list[Any], bytes]:
    """The values of a column in order of their first places, and which stands where, if there are several."""
    if column.count(column[0]) == len(column):
        return [column[0]], b""
    values = list(dict.fromkeys(column))
    count = len(values)
    numbers = dict(zip(values, range(count), strict=True)) if count < len(column) else {}
    places = map(numbers.__getitem__, column) if numbers else range(count)
    return values, struct.pack(f"<{len(column)}{_width(count)}", *places)


def _spread(values: Sequence[T], places: bytes, count: int) -> Sequence[T]:
    if not places:
        return (values[0],) * count
    return [values[place] for place in struct.unpack(f"<{count}{_width(len(values))}", places)]


def _width(values: int) -> str:
    return "B" if values <= 1 << 8 else "H" if values <= 1 << 16 else "I"


def _packed(*sections: bytes) -> bytes:
    head = struct.pack(f"<BB{len(sections)}I", VERSION, len(sections), *map(len, sections))
    packed = b"".join((head, *sections))
    return crc32(packed).to_bytes(_CHECKED, "little") + packed


def _unpacked(packed: bytes) -> list[bytes]:
    if int.from_bytes(packed[:_CHECKED], "little") != crc32(packed[_CHECKED:]):
        raise CatalogueError(
            "A part of the journal of actions is damaged.",
            hint="Stop the daemon, and put the newest copy of journal.db, from the folder backups of the "
            "state folder, in its place.",
        )
    version, count = packed[_CHECKED], packed[_CHECKED + 1]
    if version != VERSION:
        raise ValueError(f"version {version} of a sheet is not known")
    start = _CHECKED + 2
    lengths = struct.unpack_from(f"<{count}I", packed, start)
    start += 4 * count
    sections = []
    for length in lengths:
        sections.append(packed[start : start + length])
        start += length
    return sections
