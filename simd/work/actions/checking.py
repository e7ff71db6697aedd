"""What has to hold right before something is done to a file: the last look at it, and at what is kept."""

from collections.abc import Callable, Mapping, Sequence

from simd.core.actions.grounds import ground
from simd.core.actions.known import Known
from simd.core.actions.model import PlanRecord, Step, Unit
from simd.core.actions.words import SHARING, Action
from simd.core.answers.likeness import MatchKind
from simd.core.display import display_path
from simd.core.protection import Protection
from simd.core.verdicts import GivenVerdict
from simd.work.actions.looking import Looking
from simd.work.actions.sighting import Looks, Sighter, Unfit


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
        reasons = [ground(unit, protection, verdicts) or _misfit(plan, unit, sighter) for unit in units]
        doubts: Mapping[Step, str] = {}
        if not plan.by_hand:
            fit = (unit.picture for unit, reason in zip(units, reasons, strict=True) if reason is None)
            near = [step for step in fit if step.kind is MatchKind.NEAR]
            doubts = self._looking.doubts(near, keep=keep) if near else {}
        return [reason or doubts.get(unit.picture) for unit, reason in zip(units, reasons, strict=True)]


def looks_at(plan: PlanRecord, units: Sequence[Unit]) -> Looks | None:
    """The files that :meth:`Checking.reasons` looks at; None where that must wait until their turn has come.

    The kept file that another becomes a link to, or shares its bytes with, is altered by that.
    """
    if plan.action in SHARING:
        return None
    files: dict[bytes, tuple[Known, bool]] = {}
    for unit in units:
        for step in unit.steps:
            equal = step.kind is MatchKind.IDENTICAL
            files[step.file.path] = step.file, equal
            if step.keeper is not None:
                files[step.keeper.path] = step.keeper, equal
    return Looks(list(files.values()), ())


def _misfit(plan: PlanRecord, unit: Unit, sighter: Sighter) -> str | None:
    """What has become of the files of a unit that forbids it; None where nothing has."""
    try:
        for step in unit.steps:
            _require_fit(step, plan.action, sighter)
    except Unfit as unfit:
        return unfit.reason
    return None


def _require_fit(step: Step, action: Action, sighter: Sighter) -> None:
    """See a file and what is kept instead.

    Raises:
        Unfit: it must be left alone.
    """
    equal = step.kind is MatchKind.IDENTICAL
    file = sighter.see(step.file, digest=equal)
    if step.keeper is None:
        return
    keeper = sighter.see(step.keeper, digest=equal)
    if file == keeper:
        raise Unfit("It is the kept file under another name: nothing would be freed.")
    if action in SHARING and file[0] != keeper[0]:
        raise Unfit(f"{display_path(step.keeper.path)} lies on another filesystem.")
    # What nobody had read when the plan was made: a raw file or a video, and its equal beside the keeper.
    if equal and step.file.digest is None:
        _require_equal(step, step.keeper.path, sighter)


def _require_equal(step: Step, counterpart: bytes, sighter: Sighter) -> None:
    if sighter.digest(step.file.path) != sighter.digest(counterpart):
        raise Unfit(f"{display_path(step.file.path)} and {display_path(counterpart)} are not equal.")
