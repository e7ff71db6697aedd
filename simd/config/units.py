"""How people write durations, sizes, times of day, modes, paths, rules and targets in the configuration."""

import os
import re
from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from simd.core.keeprules import RULES_THERE_ARE, Criterion, KeepRule, parse_rule
from simd.core.quiet import Span
from simd.delivery import check_target

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
BYTES = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}

NEVER = "never"
"""In place of a time: the work is not done by the clock."""

OWNER = 0o600
OTHERS = 0o007

_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])\s*", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_MODE = re.compile(r"0[0-7]{3}", re.ASCII)
_PREFER = f"{Criterion.PREFER}:"
_SIZE_UNITS = {unit.lower(): factor for unit, factor in BYTES.items()}


def duration(value: object) -> float:
    """Seconds from a text such as ``90s``, ``15m``, ``1h 30m`` or ``30d``.

    Raises:
        ValueError: it is no such text, or no time at all.
    """
    if isinstance(value, str):
        parts = _DURATION_PART.findall(value)
        seconds = sum(float(number) * SECONDS[unit] for number, unit in parts)
        if seconds > 0 and not _DURATION_PART.sub("", value).strip():
            return seconds
    raise ValueError("expected a duration: a number and a unit, such as 90s, 15m, 1h, 30d or 2w")


def size(value: object) -> int:
    """Bytes from a text such as ``512MB``, ``1.5GB`` or ``2GiB``; the case of the unit is free.

    Raises:
        ValueError: it is no such text, or nothing at all.
    """
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        factor = _SIZE_UNITS.get(match[2].lower()) if match else None
        if match and factor and float(match[1]) > 0:
            return round(float(match[1]) * factor)
    raise ValueError("expected a size: a number and a unit, such as 512MB, 1.5GB or 2GiB")


def time_of_day(value: object) -> time:
    """A time of day from a text such as ``03:00``, ``3:00`` or ``23:30``.

    Raises:
        ValueError: it is no such text, or the day has no such time.
    """
    if isinstance(value, str):
        match = _TIME.fullmatch(value.strip())
        if match and int(match[1]) < 24 and int(match[2]) < 60:  # noqa: PLR2004 - hours and minutes
            return time(int(match[1]), int(match[2]))
    raise ValueError("expected a time of day from 00:00 to 23:59, such as 03:00")


def time_or_never(value: object) -> time | None:
    """A time of day as in :func:`time_of_day`, or None for the text ``never``.

    Raises:
        ValueError: it is neither.
    """
    if value == NEVER:
        return None
    try:
        return time_of_day(value)
    except ValueError as error:
        raise ValueError(f"{error}, or {NEVER}") from error


def span(value: object) -> Span:
    """A span of the day from a text such as ``09:00-18:00`` or, over midnight, ``22:00-06:30``.

    Raises:
        ValueError: it is no such text, or begins and ends at the same time.
    """
    begin, _, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    try:
        return Span(
            time_of_day(begin.strip()), time_of_day("00:00" if end.strip() == "24:00" else end.strip())
        )
    except ValueError as error:
        raise ValueError(
            "expected a span of the day, such as 09:00-18:00 or, over midnight, 22:00-06:30"
        ) from error


def mode(value: object) -> int:
    """Permission bits from a text such as ``0600``.

    Raises:
        ValueError: it is no such text, or shuts out the owner, or lets everybody in.
    """
    if isinstance(value, str) and _MODE.fullmatch(value):
        bits = int(value, 8)
        if bits & OWNER == OWNER and not bits & OTHERS:
            return bits
    raise ValueError('expected four octal digits that let the owner in and others out, such as "0600"')


def path(value: object) -> Path:
    """An absolute path; ``~`` stands for the home folder, and nothing else is replaced.

    Raises:
        ValueError: it is no text, or not absolute.
    """
    return Path(os.fsdecode(folder(value)))


def folder(value: object) -> bytes:
    """An absolute path as the filesystem spells it; ``~`` stands for the home folder.

    Raises:
        ValueError: it is neither text nor bytes, is not absolute, or holds a zero byte.
    """
    if isinstance(value, str | bytes | Path):
        spelt = os.path.expanduser(os.fsencode(value))  # noqa: PTH111 - Path cannot hold bytes
        if b"\0" in spelt:
            raise ValueError("a path cannot hold a zero byte")
        if os.path.isabs(spelt):  # noqa: PTH117 - Path cannot hold bytes
            return os.path.normpath(spelt)
    raise ValueError("expected an absolute path, such as /mnt/photos or ~/Pictures")


def keep_rule(value: object) -> KeepRule:
    """A keep rule from a text such as ``resolution``, ``taken:newest`` or ``prefer:~/Pictures``.

    Raises:
        ValueError: it is no such text.
    """
    text = value if isinstance(value, str) else ""
    if text.startswith(_PREFER):
        return KeepRule(Criterion.PREFER, folder(text.removeprefix(_PREFER)))
    try:
        return parse_rule(text)
    except ValueError as error:
        raise ValueError(f"expected a keep rule ({RULES_THERE_ARE})") from error


def target(value: object) -> str:
    """The URL of a service that takes messages.

    Raises:
        ValueError: it is no text, or not of that form.
    """
    return check_target(value if isinstance(value, str) else "")


Duration = Annotated[float, BeforeValidator(duration)]
Size = Annotated[int, BeforeValidator(size)]
TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
TimeOrNever = Annotated[time | None, BeforeValidator(time_or_never)]
Target = Annotated[str, BeforeValidator(target)]
DaySpan = Annotated[Span, BeforeValidator(span)]
Rule = Annotated[KeepRule, BeforeValidator(keep_rule)]
Mode = Annotated[int, BeforeValidator(mode)]
AbsolutePath = Annotated[Path, BeforeValidator(path)]
Folder = Annotated[bytes, BeforeValidator(folder)]
