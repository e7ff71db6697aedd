"""Leaving the machine alone when a person wants it for other things: quiet hours, and on battery."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from threading import Event, Lock

from simd.core.holds import HoldReason
from simd.core.quiet import Span, quiet_until
from simd.ports import Clock
from simd.work.holding import Holding

LOOK_SECONDS = 15.0
"""How often the clock on the wall and the power supply are looked at. Nobody tells of a clock that
was set, and the timers of a machine that sleeps stand still."""


@dataclass(frozen=True, slots=True)
class SparingRules:
    """When to read nothing.

    Attributes:
        quiet_hours: spans of the day.
        on_battery: whether a machine that runs on its battery is spared.
    """

    quiet_hours: tuple[Span, ...] = ()
    on_battery: bool = False


class Sparing:
    """Holds reading by rules, and puts off the sweeps of the clock meanwhile."""

    def __init__(
        self,
        rules: SparingRules,
        holding: Holding,
        clock: Clock,
        runs_on_battery: Callable[[], bool],
        sweep: Callable[[], None],
        *,
        zone: tzinfo | None = None,
    ) -> None:
        """``sweep`` is called when a sweep that was put off may begin; ``zone`` is that of the hours."""
        self._rules = rules
        self._holding = holding
        self._clock = clock
        self._runs_on_battery = runs_on_battery
        self._sweep = sweep
        self._zone = zone
        self._sweep_owed = False
        self._lock = Lock()
        self.look()

    def follow(self, rules: SparingRules) -> None:
        """Go by other rules from now on; may be called from any thread."""
        self._rules = rules
        self.look()

    def puts_off_sweep(self) -> bool:
        """Whether a sweep by the clock has to wait; it is made up for, once."""
        with self._lock:
            spared = self._spared()
            self._sweep_owed |= spared
        return spared

    def look(self) -> float:
        """Hold or lift by what the clock and the power supply say; the seconds until the next look."""
        with self._lock:
            rules, now = self._rules, self._clock.now()
            until = quiet_until(rules.quiet_hours, now, self._zone)
            if until is None:
                self._holding.lift(HoldReason.QUIET_HOURS)
            else:
                self._holding.hold(HoldReason.QUIET_HOURS, until=until)
            if rules.on_battery and self._runs_on_battery():
                self._holding.hold(HoldReason.BATTERY)
            else:
                self._holding.lift(HoldReason.BATTERY)
            may_sweep = self._sweep_owed and not self._spared()
            self._sweep_owed &= not may_sweep
        if may_sweep:
            self._sweep()
        return LOOK_SECONDS if until is None else min(LOOK_SECONDS, max(0.1, (until - now).total_seconds()))

    def loop(self, stop: Event) -> None:
        """Look again and again until ``stop`` is set."""
        while not self._clock.wait(stop, self.look()):
            pass

    def _spared(self) -> bool:
        holds = self._holding.holds
        return HoldReason.QUIET_HOURS in holds or HoldReason.BATTERY in holds
