"""Checks of what starts the daemon. Files are read, and no manager is asked."""

import getpass
import os
from collections.abc import Mapping
from pathlib import Path

from simd.core.answers.daemon import Check
from simd.system.units.manager import service_manager

SYSTEM_UNIT = Path("/etc/systemd/system/simd.service")
WANTS = "default.target.wants"
LINGER = Path("/var/lib/systemd/linger")


def check_service(
    environ: Mapping[str, str] = os.environ, system_unit: Path = SYSTEM_UNIT, linger: Path = LINGER
) -> Check:
    """Whether something starts the daemon again after the next start of the machine.

    Args:
        environ: names the user's folder of settings.
        system_unit: where a unit of the whole machine would be.
        linger: holds a file for each user whose services outlive the log-out.
    """
    manager = service_manager(environ)
    if not os.path.lexists(manager.unit):
        if os.path.lexists(system_unit):
            return _well("installed for the whole machine")
        return _well("not installed: nobody starts simd but you", "simctl service install")
    if manager.name != "systemd":
        return _well("starts at log-in")
    if not os.path.lexists(manager.unit.parent / WANTS / manager.unit.name):
        message, hint = "installed, but not started at log-in", "systemctl --user enable simd"
        return Check(name="service", ok=False, message=message, hint=hint)
    if (linger / getpass.getuser()).exists():
        return _well("starts with the machine, and outlives the log-out")
    return _well("starts at log-in and ends at log-out", "loginctl enable-linger keeps it running")


def _well(message: str, hint: str | None = None) -> Check:
    return Check(name="service", ok=True, message=message, hint=hint)
