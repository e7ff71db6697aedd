"""Columns as bytes: sections behind a checksum, and how the values of a column are laid in them.

Pure functions. They load nothing but what a process needs that reads the files of a sheet and must be ready
in no time. All integers are little-endian. What is packed begins with a checksum, a version and the lengths
of its sections; where few values recur in a column, they stand once, followed by their numbers.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, TypeVar
from zlib import crc32

from simd.core.actions.files import Files
from simd.core.errors import CatalogueError

T = TypeVar("T")

VERSION: Final = 1
"""Raised when the form changes; what is kept has to be packed anew then."""

FILES: Final = slice(0, 5)
"""The sections of the facts of a sheet that :func:`pack_files` makes: the first."""

PLACES: Final = 2
"""The section of the standing of a sheet in which it is told where the files lie."""

_NUMBERS: Final = 8
"""Columns of numbers: size, times and inode of the files, and of the keepers."""

_DIGEST: Final = 32
_CHECKED: Final = 4
"""Bytes of the checksum, with which everything begins."""


def packed(*sections: bytes) -> bytes:
    """Sections as one value."""
    head = struct.pack(f"<BB{len(sections)}I", VERSION, len(sections), *map(len, sections))
    body = b"".join((head, *sections))
    return crc32(body).to_bytes(_CHECKED, "little") + body


def unpacked(value: bytes) -> list[bytes]:
    """The sections of a value.

    Raises:
        CatalogueError: it is damaged.
        ValueError: it has a form that is not known.
    """
    if int.from_bytes(value[:_CHECKED], "little") != crc32(value[_CHECKED:]):
        raise CatalogueError(
            "A part of the journal of actions is damaged.",
            hint="Stop the daemon, and put the newest copy of journal.db, from the folder backups of the "
            "state folder, in its place.",
        )
    version, count = value[_CHECKED], value[_CHECKED + 1]
    if version != VERSION:
        raise ValueError(f"version {version} of a sheet is not known")
    start = _CHECKED + 2
    lengths = struct.unpack_from(f"<{count}I", value, start)
    start += 4 * count
    sections = []
    for length in lengths:
        sections.append(value[start : start + length])
        start += length
    return sections


def pack_files(files: Files, keepers: Files) -> tuple[bytes, ...]:
    """Files, and what is kept instead of each, as sections.

    Raises:
        ValueError: a path holds a NUL, or a digest has another length than SHA-256 gives.
        struct.error: a number has more than 64 bits.
    """
    digests, places = distinct([None, *files.digests, *keepers.digests])
    if set(map(len, digests[1:])) - {_DIGEST}:
        raise ValueError("a digest has 32 bytes")
    return (
        struct.pack(_numbers(len(files.paths)), *_every_number(files), *_every_number(keepers)),
        pack_paths(files.paths),
        pack_paths(keepers.paths),
        b"".join(digests[1:]),
        places,
    )


def unpack_files(sections: Sequence[bytes]) -> tuple[Files, Files]:
    """Files, and what is kept instead of each, from their sections."""
    numbers, paths, kept, digests, places = sections
    count = _count(numbers)
    columns = struct.unpack(_numbers(count), numbers)
    parts = [columns[start : start + count] for start in range(0, _NUMBERS * count, count)]
    known = [None, *struct.unpack(f"{_DIGEST}s" * (len(digests) // _DIGEST), digests)]
    both = spread(known, places, 2 * count + 1)
    return (
        _files(unpack_paths(paths), parts[:4], both[1 : count + 1]),
        _files(unpack_paths(kept), parts[4:], both[count + 1 :]),
    )


def unpack_sizes(sections: Sequence[bytes]) -> Sequence[int]:
    """The sizes of files alone, in bytes, from the same sections as :func:`unpack_files`."""
    numbers = sections[0]
    return struct.unpack_from(f"<{_count(numbers)}q", numbers)


def pack_paths(paths: Sequence[bytes | None]) -> bytes:
    """Joined by what none of them can hold; an empty one stands for none.

    Raises:
        ValueError: one holds a NUL.
    """
    joined = b"\0".join([path or b"" for path in paths])
    if joined.count(b"\0") != len(paths) - 1:
        raise ValueError("a path holds no NUL")
    return joined


def unpack_paths(joined: bytes) -> list[bytes | None]:
    """The paths again."""
    return [path or None for path in joined.split(b"\0")]


def distinct(column: Sequence[Any]) -> tuple[list[Any], bytes]:
    """The values of a column in order of their first places, and which stands where, if there are several."""
    if column.count(column[0]) == len(column):
        return [column[0]], b""
    values = list(dict.fromkeys(column))
    count = len(values)
    numbers = dict(zip(values, range(count), strict=True)) if count < len(column) else {}
    places = map(numbers.__getitem__, column) if numbers else range(count)
    return values, struct.pack(f"<{len(column)}{_width(count)}", *places)


def spread(values: Sequence[T], places: bytes, count: int) -> Sequence[T]:
    """A column of so many values again."""
    if not places:
        return (values[0],) * count
    return [values[place] for place in struct.unpack(f"<{count}{_width(len(values))}", places)]


def _width(values: int) -> str:
    return "B" if values <= 1 << 8 else "H" if values <= 1 << 16 else "I"


def _count(numbers: bytes) -> int:
    return len(numbers) // (8 * _NUMBERS)


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
