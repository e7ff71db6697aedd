"""Whether the machine runs on its battery."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

SUPPLIES = Path("/sys/class/power_supply")
"""Where Linux lists batteries and mains, as Documentation/ABI/testing/sysfs-class-power describes."""

_STORES = frozenset({"Battery", "UPS"})


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """Whether a battery of the machine itself feeds it now; False where there is none, or nothing is known.

    A mouse or a keyboard has a battery too, which is no concern of ours: its scope is a device.
    """
    if sys.platform != "linux":
        battery = psutil.sensors_battery()
        return battery is not None and battery.power_plugged is False
    found = list(_states(supplies))
    if any(kind not in _STORES and state == "1" for kind, state in found):
        return False
    return any(kind in _STORES and state == "Discharging" for kind, state in found)


def _states(supplies: Path) -> Iterator[tuple[str, str]]:
    """The kind of each supply of the machine, and whether it is online, or what a battery does."""
    for supply in supplies.iterdir() if supplies.is_dir() else ():
        if _word(supply / "scope") != "Device":
            kind = _word(supply / "type")
            yield kind, _word(supply / ("status" if kind in _STORES else "online"))


def _word(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        # Not every supply has every attribute, and a supply may be pulled out at any moment.
        return ""
