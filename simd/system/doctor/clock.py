"""Checks of the clock, which says when reports, backups and sweeps are due."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simd.core.answers.daemon import Check

MADE = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time: simd was made later."""

LEEWAY = timedelta(hours=1)
"""Files may bear a time so far ahead: other machines write them on shared disks, clocks are corrected."""

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
"""There once systemd-timesyncd has set the clock."""


def check_clock(state: Path, now: datetime) -> Check:
    """Whether the time is believable, and not earlier than what simd has written before.

    Args:
        state: the state folder.
        now: the time that the clock shows, aware.
    """
    shown = now.strftime("%Y-%m-%d %H:%M %Z").strip()
    hint = "set the clock: timedatectl set-ntp true; until then timed work is not to be relied on"
    if now < MADE:
        return Check(name="clock", ok=False, message=f"{shown} is a time before simd was made", hint=hint)
    latest = max(_written(state), default=now)
    if latest - now > LEEWAY:
        message = f"{shown}, but {state} was written to at {latest.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"
        return Check(name="clock", ok=False, message=message, hint=hint)
    kept = ", set by the network" if SYNCHRONIZED.exists() else ""
    return Check(name="clock", ok=True, message=f"{shown}{kept}", hint=None)


def _written(state: Path) -> Iterator[datetime]:
    try:
        entries = list(state.iterdir())
    except OSError:
        # It is not there yet, or closed to us; another check says so.
        return
    for entry in entries:
        yield datetime.fromtimestamp(entry.lstat().st_mtime, UTC)
