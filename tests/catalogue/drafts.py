"""Plans of units that were made one by one."""

from collections.abc import Iterable
from itertools import islice

from simd.core.actions.model import Unit
from simd.core.actions.sheets import UNITS_AT_MOST, Draft, sheet_of
from simd.core.actions.words import Action


def draft_of(
    units: Iterable[Unit],
    action: Action = Action.QUARANTINE,
    *,
    by_hand: bool = False,
    warnings: tuple[str, ...] = (),
) -> Draft:
    """A plan of these, as full sheets in their order."""
    rest, sheets = iter(units), []
    while portion := list(islice(rest, UNITS_AT_MOST)):
        sheets.append(sheet_of([step for unit in portion for step in unit.steps]))
    return Draft(action=action, by_hand=by_hand, warnings=warnings, sheets=tuple(sheets))
