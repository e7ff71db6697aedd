"""Reading is held in quiet hours and on battery, and goes on by itself."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from simd.core.holds import HoldReason
from simd.core.quiet import Span
from simd.work.holding import Holding
from simd.work.sparing import LOOK_SECONDS, Sparing, SparingRules
from tests.fakes import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = SparingRules(quiet_hours=(Span(time(9), time(18)),))
PERSON, QUIET, BATTERY = HoldReason.PERSON, HoldReason.QUIET_HOURS, HoldReason.BATTERY


@dataclass
class Machine:
    """A machine whose clock and plug a test holds in its hands; what simd did on it."""

    clock: FakeClock
    plugged: bool = True
    sweeps: int = 0
    woken: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.holding = Holding(self.clock, lambda: self.woken.append(self.clock.monotonic()))

    def spare(self, rules: SparingRules) -> Sparing:
        """Begin to go by rules."""
        return Sparing(
            rules,
            self.holding,
            self.clock,
            lambda: not self.plugged,
            self._sweep,
            zone=self.clock.now().tzinfo,
        )

    def held(self) -> list[HoldReason]:
        """Why nothing is read."""
        return [hold.reason for hold in self.holding.holds]

    def _sweep(self) -> None:
        self.sweeps += 1


@pytest.fixture
def machine() -> Machine:
    """It is Monday morning, five to nine, in Berlin."""
    return Machine(FakeClock(datetime(2026, 5, 4, 8, 55, tzinfo=BERLIN), BERLIN))


def test_quiet_hours_begin_and_end_by_the_clock(machine: Machine) -> None:
    """Meanwhile everybody is told until when; the loop is woken at the end."""
    sparing = machine.spare(OFFICE)
    assert [] == machine.held()
    machine.clock.advance(300)
    sparing.look()
    [hold] = machine.holding.holds
    assert (QUIET, datetime(2026, 5, 4, 9, tzinfo=BERLIN)) == (hold.reason, hold.since)
    assert datetime(2026, 5, 4, 18, tzinfo=BERLIN) == hold.until
    machine.clock.advance(9 * 3_600)
    sparing.look()
    assert ([], 1) == (machine.held(), len(machine.woken))


def test_nothing_is_read_before_the_first_look(machine: Machine) -> None:
    """A daemon that starts in quiet hours is quiet from its first moment."""
    machine.clock.advance(3_600)
    machine.spare(OFFICE)
    assert [QUIET] == machine.held()


def test_the_next_look_is_no_later_than_the_end(machine: Machine) -> None:
    """Else reading would go on later than was told; and a clock that was set is noticed soon."""
    sparing = machine.spare(OFFICE)
    assert LOOK_SECONDS == sparing.look()
    machine.clock.advance(300 + 9 * 3_600 - 4)
    assert 4 == sparing.look()
    machine.clock.set_wall(-7 * 3_600)
    assert LOOK_SECONDS == sparing.look()


def test_the_battery_holds_while_the_plug_is_out(machine: Machine) -> None:
    """Only where a person wants that."""
    sparing, indifferent = machine.spare(SparingRules(on_battery=True)), machine.spare(SparingRules())
    machine.plugged = False
    indifferent.look()
    assert [] == machine.held()
    sparing.look()
    assert [BATTERY] == machine.held()
    machine.plugged = True
    sparing.look()
    assert [] == machine.held()


def test_no_reason_lifts_another(machine: Machine) -> None:
    """Reading goes on when all of them are gone, and the loop is woken then only."""
    sparing = machine.spare(SparingRules(OFFICE.quiet_hours, on_battery=True))
    machine.holding.hold(PERSON)
    machine.plugged = False
    machine.clock.advance(300)
    sparing.look()
    assert {PERSON, QUIET, BATTERY} == set(machine.held())
    machine.holding.lift(PERSON)
    machine.plugged = True
    sparing.look()
    assert ([QUIET], []) == (machine.held(), machine.woken)
    machine.holding.lift(QUIET)
    assert 1 == len(machine.woken)


def test_other_rules_hold_at_once(machine: Machine) -> None:
    """Who changes the hours sees it in the next answer."""
    sparing = machine.spare(SparingRules())
    sparing.follow(SparingRules(quiet_hours=(Span(time(8), time(9)),)))
    assert [QUIET] == machine.held()
    sparing.follow(OFFICE)
    assert [] == machine.held()


def test_a_sweep_of_the_clock_is_put_off_and_made_up_for_once(machine: Machine) -> None:
    """It would wake the disks; what several of them would have found, one finds."""
    sparing = machine.spare(OFFICE)
    assert not sparing.puts_off_sweep()
    machine.clock.advance(300)
    sparing.look()
    assert (True, True) == (sparing.puts_off_sweep(), sparing.puts_off_sweep())
    assert 0 == machine.sweeps
    machine.clock.advance(9 * 3_600)
    for _ in range(2):
        sparing.look()
    assert 1 == machine.sweeps


def test_a_pause_by_hand_puts_off_no_sweep(machine: Machine) -> None:
    """It stops reading; who has gone missing is still noticed."""
    sparing = machine.spare(OFFICE)
    machine.holding.hold(PERSON)
    assert not sparing.puts_off_sweep()


def test_a_pause_from_before_a_restart_tells_its_beginning(machine: Machine) -> None:
    """Whoever restores it says since when."""
    since = datetime(2026, 5, 1, tzinfo=UTC)
    machine.holding.hold(PERSON, since=since)
    assert [since] == [hold.since for hold in machine.holding.holds]
