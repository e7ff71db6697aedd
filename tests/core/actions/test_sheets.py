"""Steps as columns, and back."""

from collections.abc import Sequence

import pytest

from simd.core.actions.files import Files
from simd.core.actions.known import Known
from simd.core.actions.model import ActionName, Step, Unit
from simd.core.actions.sheets import Sheet, sheet_of
from simd.core.actions.standing import Standing
from simd.core.answers.likeness import MatchKind
from simd.core.stamp import Stamp


def step(number: int, unit: int | None = None) -> Step:
    """A step without a keeper."""
    known = Known(b"/%d" % number, Stamp(number, 2, 3, 4), None)
    return Step(ActionName(7, number), known, None, b"/", MatchKind.NEAR, "so", number, unit)


STEPS = [step(5), step(6), step(7, 6), step(8, 6), step(9)]


def test_steps_come_back_from_their_columns() -> None:
    """With the number of any plan; two of five are pictures' companions."""
    sheet = sheet_of(STEPS)
    assert (STEPS, 5, 3) == (list(sheet.steps(7)), sheet.first, sheet.pictures)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([5, 9], [Unit(STEPS[0]), Unit(STEPS[4])]),
        ([6], [Unit(STEPS[1], (STEPS[2], STEPS[3]))]),
        ([7], []),
        ([], []),
    ],
    ids=["without companions", "with two", "a companion is no picture", "none"],
)
def test_pictures_are_chosen_with_their_companions(wanted: Sequence[int], expected: list[Unit]) -> None:
    """Whatever is said of the companions themselves."""
    chosen = [each.name.step in wanted for each in STEPS]
    assert expected == sheet_of(STEPS).chosen_units(7, Standing.planned(len(STEPS)), chosen)


@pytest.mark.parametrize("steps", [[step(5), step(7)], [step(5)._replace(name=ActionName(7))]])
def test_numbers_that_do_not_follow_each_other_make_no_sheet(steps: list[Step]) -> None:
    """They would come back as others."""
    with pytest.raises(ValueError, match="numbers"):
        sheet_of(steps)


def test_a_step_needs_a_file() -> None:
    """Only a keeper may be missing."""
    whole = sheet_of(STEPS[:1])
    nothing = Files.of([None])
    columns = {name: getattr(whole, name) for name in ("roots", "kinds", "whys", "sizes", "units", "roles")}
    with pytest.raises(ValueError, match="no file"):
        list(Sheet(first=5, files=nothing, keepers=nothing, **columns).steps(7))
