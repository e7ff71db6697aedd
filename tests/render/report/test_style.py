"""The style sheet: colours that can be read."""

import re
from importlib.resources import files
from itertools import product

import pytest

import simd.render.report

SHEET = (files(simd.render.report) / "templates" / "page.css").read_text("utf-8")
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
_BLOCK = re.compile(r":root \{(.*?)\}", re.DOTALL)
_COLOUR = re.compile(r"--([a-z-]+): #([0-9a-f]{6});")


def _schemes() -> dict[str, dict[str, str]]:
    light, dark = (dict(_COLOUR.findall(block)) for block in _BLOCK.findall(SHEET)[:2])
    return {"light": light, "dark": dark}


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, 0 to 1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    """Every colour of text on every ground where the sheet puts it."""
    colours = _schemes()[scheme]
    pairs = [
        *product(("ink", "quiet", "accent", "warn"), ("paper", "card")),
        ("card", "accent"),
        ("ink", "accent-soft"),
        ("accent", "accent-soft"),
        ("ink", "warn-soft"),
        ("warn", "warn-soft"),
    ]
    poor = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert not {pair: ratio for pair, ratio in poor.items() if ratio < LEAST_CONTRAST}


def test_both_schemes_have_every_colour() -> None:
    """The dark scheme redefines all of them, and no rule names a colour that is not there."""
    light, dark = _schemes().values()
    assert light.keys() == dark.keys()
    assert set(re.findall(r"var\(--([a-z-]+)\)", SHEET)) <= {*light, "radius"}


def test_colours_stand_only_in_the_schemes() -> None:
    """No rule has a colour of its own, which one of the schemes would make unreadable."""
    rules = SHEET[SHEET.index("* { box-sizing") :]
    assert {"--paper: #ffffff"} == set(re.findall(r"(?:--[a-z-]+: )?#[0-9a-f]{3,6}\b", rules))


def test_motion_is_only_for_those_who_like_it() -> None:
    """Smooth scrolling is asked for nowhere else, and nothing moves by itself."""
    assert 1 == SHEET.count("scroll-behavior")
    assert "@media (prefers-reduced-motion: no-preference) {\n  html { scroll-behavior" in SHEET
    assert "transition" not in SHEET
    assert "animation" not in SHEET
