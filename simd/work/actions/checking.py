"""What has to hold right before something is done to a file: the last look at it, and at what is kept."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from simd.core.actions.grounds import ground
from simd.core.actions.model import PlanRecord, Unit
from simd.core.actions.words import SHARING
from simd.core.answers.likeness import MatchKind
from simd.core.protection import Protection
from simd.core.verdicts import GivenVerdict
from simd.work.actions.looking import Looking
from simd.work.actions.sighting import Demand, Sighter, Unfit


class Checking:
    """Tells what must be left alone. Any thread may ask."""

    def __init__(
        self,
        looking: Looking,
        protection: Callable[[], Protection],
        verdicts: Callable[[], Sequence[GivenVerdict]],
    ) -> None:
        """``protection`` and ``verdicts`` give what a person has decided by now."""
        self._looking = looking
        self._protection = protection
        self._verdicts = verdicts

    def reasons(
        self, plan: PlanRecord, units: Sequence[Unit], sighter: Sighter, *, keep: bool
    ) -> list[str | None]:
        """For each unit, why it must be left alone; None for those that may be done.

        With ``keep``, what closer looks find is kept, for groups and plans to come.

        Of every file is asked that it is there, and still the one that was planned with; of pictures of
        equal bytes, that the bytes are equal now; of those that look the same, that a closer look finds
        so as well, unless a person has chosen them one by one.
        """
        protection = self._protection()
        verdicts = {verdict.images: verdict for verdict in self._verdicts()}
        demands = partial(_demands, plan)
        reasons = [ground(unit, protection, verdicts) or misfit(unit, sighter, demands) for unit in units]
        if plan.by_hand:
            return reasons
        fit = (unit.picture for unit, reason in zip(units, reasons, strict=True) if reason is None)
        near = [step for step in fit if step.kind is MatchKind.NEAR]
        if not near:
            return reasons
        doubts = self._looking.doubts(near, keep=keep)
        return [reason or doubts.get(unit.picture) for unit, reason in zip(units, reasons, strict=True)]


def _demands(plan: PlanRecord, unit: Unit) -> list[Demand]:
    together = plan.action in SHARING
    return [Demand(step.file, step.keeper, step.kind is MatchKind.IDENTICAL, together) for step in unit.steps]


def misfit(unit: Unit, sighter: Sighter, demands: Callable[[Unit], Iterable[Demand]]) -> str | None:
    """What has become of the files of a unit that forbids to do anything; None where nothing has.

    Args:
        unit: of a plan.
        sighter: looks at the files, unless another has, a moment ago.
        demands: what has to be so of them.
    """
    if unit.picture.file.path in sighter.met:
        return None
    try:
        for demand in demands(unit):
            sighter.require(demand)
    except Unfit as unfit:
        return unfit.reason
    return None
