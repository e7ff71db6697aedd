"""How much was done with pictures, by what has become of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simd.core.actions.words import Action, StepState
from simd.core.answers.reports import Deeds, DeedTotals

ENDED = (StepState.DONE, StepState.REFUSED, StepState.UNDONE, StepState.PURGED)
"""States in which something has come of what was asked."""

_DONE: Mapping[Action, str] = {
    Action.QUARANTINE: "quarantined",
    Action.TRASH: "trashed",
    Action.HARDLINK: "linked",
    Action.REFLINK: "linked",
    # It was put aside, and the deletion was refused.
    Action.DELETE: "quarantined",
}


@dataclass(frozen=True, slots=True)
class Sum:
    """Steps that stand alike.

    Attributes:
        action: of their plans.
        state: one of :data:`ENDED`.
        refused: the last thing that was asked for was refused; then they stand as they stood before.
        pictures: how many of them are no companions.
        bytes: what all of them free.
    """

    action: Action
    state: StepState
    refused: bool
    pictures: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the journal has to tell a report.

    Attributes:
        deeds: since the report before.
        noted: how far the journal was read; the next report begins there.
    """

    deeds: Deeds
    noted: int


NOTHING = Summary(Deeds(), 0)
"""Of a journal that is empty."""


def sum_deeds(sums: Iterable[Sum], in_quarantine: DeedTotals) -> Deeds:
    """What was done, from the sums over steps."""
    pictures: Counter[str] = Counter()
    freed: Counter[str] = Counter()
    for each in sums:
        name = _name(each)
        pictures[name] += each.pictures
        freed[name] += each.bytes
    totals = {name: DeedTotals(pictures=pictures[name], bytes=freed[name]) for name in pictures}
    return Deeds(**totals, in_quarantine=in_quarantine)


def _name(each: Sum) -> str:
    """The field of :class:`Deeds` that such steps count in."""
    if each.refused or each.state is StepState.REFUSED:
        return "refused"
    if each.state is StepState.UNDONE:
        return "undone"
    if each.state is StepState.PURGED:
        return "deleted" if each.action is Action.DELETE else "purged"
    return _DONE[each.action]
