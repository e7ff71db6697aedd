"""After a crash: whatever had been begun is finished, or taken back."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from simd.catalogue import Journal
from simd.core.actions.model import PlanRecord, Step
from simd.core.actions.standing import Reached
from simd.core.actions.words import UNDER_WAY, StepState
from simd.core.display import display_path
from simd.system.moving import sync_folders
from simd.work.actions.deeds import Deed, folders_of, place_of
from simd.work.actions.quarantine import keep_in_order
from simd.work.actions.sighting import Stuck, Unfit, reason_of
from simd.work.actions.verbs import deed_of

log = logging.getLogger(__name__)

_REACHED: Mapping[StepState, tuple[StepState, StepState]] = {
    StepState.DOING: (StepState.DONE, StepState.PLANNED),
    StepState.UNDOING: (StepState.UNDONE, StepState.DONE),
}
"""Where a unit under way was going, and where it came from."""


def settle_unfinished(journal: Journal, is_online: Callable[[bytes], bool], now: datetime) -> list[Step]:
    """Finish or take back all that was begun and not ended.

    Args:
        journal: knows what was begun.
        is_online: tells of a watched folder whether it can be reached; what lies in others waits.
        now: the moment that is noted for what turns out to be undone or purged.

    Returns:
        The steps as they stand now. Those on disks that are away are not among them; and of a unit of which
        one cannot be settled, only that one, still under way: the whole unit waits for the next time.

    Raises:
        CatalogueError: the journal cannot be read or written.
    """
    settled: list[Step] = []
    by_plan = groupby(journal.unfinished(), lambda step: step.name.plan)
    for plan, steps in [(plan, list(steps)) for plan, steps in by_plan]:
        record = journal.plan(plan)
        for _, unit in groupby(steps, lambda step: step.unit or step.name.step):
            found = _settle_unit(record, [step for step in unit if is_online(step.root)])
            settled += [_dated(step, now) for step in found]
    if settled:
        try:
            sync_folders(folders_of(settled))
        except OSError as error:
            log.warning("folders could not be synced: %s", error)
        for state in StepState:
            keep_in_order(Reached([step for step in settled if step.state is state], state))
        journal.note(settled)
        for step in settled:
            log.warning(
                "action %s was interrupted; it is %s now: %s",
                step.name,
                step.state,
                step.reason or display_path(step.file.path),
            )
    return settled


def _settle_unit(record: PlanRecord, steps: Sequence[Step]) -> list[Step]:
    """Have the files of one unit agree: all of them went, or none; or leave all of them open."""
    if not steps:
        return []
    deed, begun = deed_of(record), steps[0].state
    settled = [_settle(deed, step) for step in steps]
    if begun in _REACHED:
        settled = _agreed(deed, begun, settled)
    open_ones = [step for step in settled if step.state in UNDER_WAY]
    return open_ones or settled


def _dated(step: Step, now: datetime) -> Step:
    if step.state in {StepState.UNDONE, StepState.PURGED}:
        return step._replace(at=now)
    return step._replace(at=None) if step.state is StepState.PLANNED else step


def _agreed(deed: Deed, begun: StepState, settled: Sequence[Step]) -> list[Step]:
    """Steps of one unit, each settled by itself, as they stand after those were taken back that disagree."""
    reached, origin = _REACHED[begun]
    if begun is StepState.UNDOING and settled[0].state is StepState.REFUSED:
        # The picture is lost; what belongs to it is better off in its own folder than in a quarantine.
        reached, origin = origin, reached
    if all(step.state is reached for step in settled) or any(step.state is begun for step in settled):
        return list(settled)
    take_back = deed.do if origin is StepState.DONE else deed.undo
    return [
        _taken_back(step, take_back, origin, begun) if step.state is reached else step for step in settled
    ]


def _settle(deed: Deed, step: Step) -> Step:
    try:
        if step.state is StepState.PURGING:
            there = os.path.lexists(place_of(step))
            return step._replace(state=StepState.DONE if there else StepState.PURGED)
        return deed.settle(step)
    except (OSError, Unfit, Stuck) as error:
        return _stuck(step, error)


def _taken_back(step: Step, take_back: Callable[[Step], object], origin: StepState, begun: StepState) -> Step:
    try:
        take_back(step)
    except (OSError, Unfit, Stuck) as error:
        return _stuck(step, error)._replace(state=begun)
    return step._replace(state=origin)


def _stuck(step: Step, error: OSError | Unfit | Stuck) -> Step:
    said = error.reason if isinstance(error, Stuck) else reason_of(error)
    return step._replace(reason=f"It was interrupted, and could not be brought to an end: {said}")
