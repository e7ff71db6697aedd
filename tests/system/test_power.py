"""Batteries and mains as Linux lists them, and this machine as it is."""

import os
from pathlib import Path

import pytest

from simd.system.power import on_battery

LAPTOP = {"type": "Battery", "scope": "System", "status": "Discharging"}
PLAIN = {"type": "Battery", "status": "Discharging"}
MOUSE = {"type": "Battery", "scope": "Device", "status": "Discharging"}


@pytest.mark.parametrize(
    ("expected", "supplies"),
    [
        (False, []),
        (True, [LAPTOP]),
        (True, [PLAIN, {"type": "Mains", "online": "0"}]),
        (False, [PLAIN, {"type": "Mains", "online": "1"}]),
        (False, [PLAIN, {"type": "Mains", "online": "0"}, {"type": "USB", "online": "1"}]),
        (False, [LAPTOP | {"status": "Not charging"}]),
        (False, [LAPTOP | {"status": "Unknown"}]),
        (False, [MOUSE]),
        (True, [MOUSE, PLAIN]),
        (True, [{"type": "UPS", "status": "Discharging"}]),
        (False, [{"type": "Battery"}, {}]),
    ],
)
def test_what_feeds_the_machine(tmp_path: Path, expected: bool, supplies: list[dict[str, str]]) -> None:  # noqa: FBT001 - a parameter of the test
    """The machine's own battery, while it discharges and nothing else feeds the machine."""
    for number, attributes in enumerate(supplies):
        folder = tmp_path / f"supply{number}"
        folder.mkdir()
        for name, value in attributes.items():
            (folder / name).write_text(f"{value}\n")
    assert expected == on_battery(tmp_path)


def test_a_machine_without_a_list_has_no_battery(tmp_path: Path) -> None:
    """Containers often hide it."""
    assert not on_battery(tmp_path / "none")


@pytest.mark.skipif(
    os.path.isdir("/sys/class/power_supply") and os.listdir("/sys/class/power_supply") != [],  # noqa: PTH112, PTH208
    reason="this machine has power supplies that it tells of",
)
def test_this_machine() -> None:
    """One that tells of no supply runs on none that could be empty."""
    assert not on_battery()
