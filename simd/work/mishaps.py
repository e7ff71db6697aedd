"""What has befallen the watching of folders lately, for ``status`` and ``doctor``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from simd.core.answers import Note
from simd.core.display import display_path
from simd.core.mishaps import is_mishap, remedy_for
from simd.ports import Clock
from simd.render.words import count

TOLD_SECONDS = 3_600.0
"""How long a mishap is told after it happened last."""


@dataclass(frozen=True, slots=True)
class _Mishap:
    reason: str
    roots: frozenset[bytes]
    at: datetime
    until: float
    times: int = 1


class Mishaps:
    """The reasons of sweeps that nobody asked for. Any thread may note one, and ask."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: dict[str, _Mishap] = {}

    def note(self, reason: str, root: bytes) -> None:
        """A root is swept for a reason; ordinary ones are passed over."""
        if not is_mishap(reason):
            return
        until = self._clock.monotonic() + TOLD_SECONDS
        with self._lock:
            held = self._held.get(reason)
            if held is None:
                self._held[reason] = _Mishap(reason, frozenset({root}), self._clock.now(), until)
                return
            again = root in held.roots
            self._held[reason] = replace(
                held,
                roots=held.roots | {root},
                at=self._clock.now(),
                until=until,
                times=held.times + again,
            )

    def notes(self) -> Sequence[Note]:
        """What happened in the last hour, the latest last."""
        now = self._clock.monotonic()
        with self._lock:
            self._held = {reason: held for reason, held in self._held.items() if held.until > now}
            held = sorted(self._held.values(), key=lambda one: one.until)
        return [Note(message=_words(one), hint=remedy_for(one.reason)) for one in held]


def _words(mishap: _Mishap) -> str:
    first, *others = sorted(mishap.roots)
    what = f"{display_path(first)} was" if not others else f"{count(len(others) + 1, 'folder')} were"
    often = f" ({mishap.times} times, the last at {mishap.at:%H:%M})" if mishap.times > 1 else ""
    when = f" at {mishap.at:%H:%M}" if mishap.times == 1 else ""
    return f"{what} swept{when}, because: {mishap.reason}{often}."
