"""From pictures that go to the sheets of a plan: numbers without a gap, and units that stay whole."""

from collections.abc import Mapping

import pytest

from simd.core.actions.files import Files
from simd.core.actions.known import Known
from simd.core.actions.leaving import Belongings, Leaving, alone
from simd.core.actions.model import Companion, Step
from simd.core.actions.words import CompanionRole
from simd.core.answers import MatchKind
from simd.core.stamp import Stamp

COUNT = 7


def stamp(number: int) -> Stamp:
    """Another one for each number."""
    return Stamp(number, 1, 2, number)


def leaving() -> Leaving:
    """``/0`` to ``/6``, each for its own keeper."""
    numbers = range(COUNT)
    sheet = alone(
        files=Files.of(Known(b"/%d" % number, stamp(number), b"d" * 32) for number in numbers),
        keepers=Files.of(Known(b"/k%d" % number, stamp(number), b"k" * 32) for number in numbers),
        roots=[b"/"] * COUNT,
        kinds=[MatchKind.NEAR if number % 2 else MatchKind.IDENTICAL for number in numbers],
        whys=[f"why {number}" for number in numbers],
        sizes=[10 * number for number in numbers],
    )
    return Leaving(sheet, [None] * COUNT, [None] * COUNT)


def companion(name: bytes, role: CompanionRole) -> Companion:
    """A file beside a picture."""
    return Companion(name, role, stamp(99))


RAW, SIDECAR = companion(b"/2.cr2", CompanionRole.RAW), companion(b"/2.xmp", CompanionRole.SIDECAR)
BESIDE = {
    RAW.path: companion(b"/k2.cr2", CompanionRole.RAW),
    SIDECAR.path: companion(b"/k2.xmp", CompanionRole.SIDECAR),
}
BELONGINGS: Mapping[int, Belongings] = {
    2: Belongings((RAW, SIDECAR), BESIDE),
    5: Belongings((companion(b"/5.aae", CompanionRole.SIDECAR),), {}),
}


@pytest.mark.parametrize("at_most", [1, 2, 3, 256])
def test_sheets_hold_whole_units_in_order(at_most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many units fit on one: every picture is followed by what belongs to it."""
    monkeypatch.setattr("simd.core.actions.leaving.UNITS_AT_MOST", at_most)
    sheets = list(leaving().sheets(range(COUNT), BELONGINGS, first=1))
    assert [min(at_most, COUNT - start) for start in range(0, COUNT, at_most)] == [s.pictures for s in sheets]
    steps = [step for sheet in sheets for step in sheet.steps(7)]
    assert list(range(1, COUNT + 4)) == [step.name.step for step in steps]
    assert [b"/0", b"/1", b"/2", b"/2.cr2", b"/2.xmp", b"/3", b"/4", b"/5", b"/5.aae", b"/6"] == [
        step.file.path for step in steps
    ]
    assert [None, None, None, 3, 3, None, None, None, 8, None] == [step.unit for step in steps]
    assert [0, 10, 20, 99, 99, 30, 40, 50, 99, 60] == [step.size for step in steps]


def kept(step: Step) -> bytes | None:
    """The path of what stays instead."""
    return None if step.keeper is None else step.keeper.path


def test_a_companion_has_its_equal_beside_the_keeper() -> None:
    """A raw file; of a sidecar it is not asked, and so it counts as no equal file."""
    [sheet] = leaving().sheets(range(COUNT), BELONGINGS, first=1)
    steps = {step.file.path: step for step in sheet.steps(1)}
    assert (b"/k2", b"/k2.cr2", None) == tuple(kept(steps[path]) for path in (b"/2", RAW.path, SIDECAR.path))
    assert (MatchKind.IDENTICAL, MatchKind.NEAR) == (steps[RAW.path].kind, steps[SIDECAR.path].kind)
    assert CompanionRole.SIDECAR is steps[SIDECAR.path].role


def test_some_of_them_keep_their_order() -> None:
    """Those that are taken, by their places, and nothing else."""
    [sheet] = leaving().sheets([1, 4], {}, first=3)
    assert [(3, b"/1", b"/k1", "why 1"), (4, b"/4", b"/k4", "why 4")] == [
        (step.name.step, step.file.path, kept(step), step.why) for step in sheet.steps(1)
    ]
