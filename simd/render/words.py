r"""Values as words: paths and other text, sizes, counts, durations, moments.

Text is escaped like ``\x1b`` where a terminal would obey it instead of showing it:
control characters (C0, C1), invisible ones that turn or hide the text around them, and
surrogates, which stand for bytes that are not UTF-8.
"""

_SPACES = frozenset("\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))
"""Blank characters that Python calls unprintable, but that names hold in good faith."""

_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")  # 2**63 is 9.2 EB
_STEP = 1_000
_SURROGATE_BASE = 0xDC00
_TWO_DIGITS, _FOUR_DIGITS = 0xFF, 0xFFFF
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def escape(text: object) -> str:
    """The text with everything that a terminal might obey shown as an escape."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(char if char.isprintable() or char in _SPACES else _escaped(char) for char in shown)


def _escaped(char: str) -> str:
    code = ord(char)
    if _SURROGATE_BASE + 0x80 <= code <= _SURROGATE_BASE + 0xFF:
        return f"\\x{code - _SURROGATE_BASE:02x}"
    if code <= _TWO_DIGITS:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _FOUR_DIGITS else f"\\U{code:08x}"


def size(number: int) -> str:
    """A length in bytes with two or three digits of it: ``3.4 MB``, ``120 kB``."""
    value, units = float(number), iter(_BYTE_UNITS)
    unit = next(units)
    while round(value) >= _STEP:
        value /= _STEP
        unit = next(units)
    return f"{number} B" if unit == "B" else f"{_short(value)} {unit}"


def _short(value: float) -> str:
    """One decimal below ten, none above; what would round to ``10.0`` is ``10``."""
    text = f"{value:.1f}"
    return text if len(text) == len("9.9") else f"{value:.0f}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: ``1 file``, ``12,345 files``."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}"


def duration(seconds: float) -> str:
    """A span in its two largest units: ``0.4 s``, ``3 min 20 s``, ``2 d 4 h``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{_short(seconds)} s"
    if whole < _HOUR:
        return _pair(whole, _MINUTE, "min", 1, "s")
    if whole < _DAY:
        return _pair(whole, _HOUR, "h", _MINUTE, "min")
    return _pair(whole, _DAY, "d", _HOUR, "h")


def _pair(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    head = f"{seconds // large} {large_name}"
    return f"{head} {rest} {small_name}" if rest else head


def moment(iso: str) -> str:
    """An ISO 8601 time to the minute, as its own clock shows it: ``2026-11-20 14:03``."""
    return escape(iso[:16].replace("T", " "))
