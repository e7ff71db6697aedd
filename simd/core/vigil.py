"""Who among the threads is late: the decision of whoever watches over them.

A thread shows that it lives by beating. One that is late may be stuck, or the machine may be; a
watcher that cries when the machine was busy or stood still is worse than none, so three things
excuse a thread: a long step that it declared, another thread's long step that it waits for, and
a time in which the one who looks did not run either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

STALL_SECONDS = 5.0
"""If whoever looks comes so much later than agreed, nobody else is blamed for that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSign:
    """The last sign of life of a thread.

    Attributes:
        name: of the thread.
        at: the moment of its last beat, on the steady clock.
        allowed: seconds within which the next beat is due.
        doing: the long step that it has declared; ``allowed`` is then meant for this step.
        awaits: the threads whose work it waits for in the course of its own.
    """

    name: str
    at: float
    allowed: float
    doing: str | None = None
    awaits: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A thread that should have beaten. ``silent`` is in seconds, counted from when it was last excused."""

    name: str
    silent: float
    allowed: float
    doing: str | None


@dataclass(frozen=True, slots=True)
class Vigil:
    """What is remembered from one look to the next.

    Attributes:
        looked_at: the moment of the last look, on the steady clock.
        agreed: seconds after which the next look is due.
        excused: up to when each thread is excused.
        stalled_until: up to when everybody is.
    """

    looked_at: float
    agreed: float
    excused: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    stalled_until: float = float("-inf")

    def look(self, now: float, signs: Sequence[LifeSign]) -> "tuple[Vigil, list[Late]]":
        """Look at every thread that is not at rest.

        Args:
            now: the present moment on the steady clock.
            signs: one for each thread; a thread that rests has none.

        Returns:
            What is to be remembered, and who is late.
        """
        stalled = now if now - self.looked_at > self.agreed + STALL_SECONDS else self.stalled_until
        busy = {p.name for p in signs if p.doing is not None and now - max(p.at, stalled) <= p.allowed}
        excused = {
            sign.name: now if busy.intersection(sign.awaits) else self.excused.get(sign.name, sign.at)
            for sign in signs
        }
        late = []
        for sign in signs:
            silent = now - max(sign.at, stalled, excused[sign.name])
            if silent > sign.allowed:
                late.append(Late(name=sign.name, silent=silent, allowed=sign.allowed, doing=sign.doing))
        return Vigil(now, self.agreed, MappingProxyType(excused), stalled), late
