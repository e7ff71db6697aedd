"""What the service managers of all systems have in common, and which is there."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from simd.system.units.launchd import Launchd
from simd.system.units.plan import Ended, Plan, Program, Run, UnitReport
from simd.system.units.systemd import Systemd


class ServiceManager(Protocol):
    """Decides what must be written and run; it does neither."""

    @property
    def name(self) -> str:
        """What the manager is called: ``systemd`` or ``launchd``."""

    @property
    def unit(self) -> Path:
        """The file that makes simd known to it."""

    @property
    def log(self) -> str:
        """Where the daemon's messages are: a command to read them, or a file."""

    @property
    def waits(self) -> bool:
        """Whether its programs return when the daemon is ready; else only when it has been started."""

    def install(self, program: Program, now: UnitReport) -> Plan:
        """Make the daemon known, have it started at every log-in, and start it anew."""

    def uninstall(self, now: UnitReport) -> Plan:
        """Stop the daemon and forget it."""

    def start(self, now: UnitReport) -> Plan:
        """Start the daemon."""

    def stop(self, now: UnitReport) -> Plan:
        """Stop the daemon until the next start or log-in."""

    def restart(self, now: UnitReport) -> Plan:
        """Stop the daemon if it runs, and start it."""

    def inquiry(self) -> Run:
        """What to run to learn how the service fares."""

    def report(self, answer: Ended) -> UnitReport:
        """What the answer to the inquiry means."""

    def lines(self, count: int, *, follow: bool = False) -> Run:
        """What to run to show messages of and about the daemon: the newest, and those to come."""

    def own_lines(self, count: int, since: float = 0.0) -> Run:
        """What to run to read the daemon's own messages and nothing else.

        Args:
            count: how many, the newest.
            since: seconds of the epoch; older ones are left out where the manager knows their time.
        """


def service_manager(environ: Mapping[str, str], platform: str = sys.platform) -> ServiceManager:
    """The manager of services of this system, for the user who asks."""
    home = Path.home()
    if platform == "darwin":
        return Launchd(home, os.getuid())
    named = environ.get("XDG_CONFIG_HOME", "")
    return Systemd(Path(named) if os.path.isabs(named) else home / ".config")  # noqa: PTH117 - may be empty
