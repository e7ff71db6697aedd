"""A plan, a list of plans and an outcome, with values that are easy to tell apart."""

from simd.core.actions.words import Action, CompanionRole, PlanState, StepState
from simd.core.answers import (
    MatchKind,
    Outcome,
    Plan,
    PlanHead,
    PlanPage,
    PlanStep,
    StepCompanion,
    StepTally,
)
from tests.api.samples import GENERATION

STEP = PlanStep(
    id="7.3",
    path="/photos/caf\\xe9.jpg",
    path_b64="L3Bob3Rvcy9jYWbpLmpwZw==",
    to="/photos/.simd-quarantine/caf\\xe9.jpg",
    to_b64="L3Bob3Rvcy8uc2ltZC1xdWFyYW50aW5lL2NhZukuanBn",
    keeper="/photos/a.jpg",
    kind=MatchKind.NEAR,
    why="fewer pixels",
    bytes=150,
    state=StepState.DONE,
    at="2026-11-21T20:20:00+01:00",
    companions=(StepCompanion(path="/photos/a.xmp", role=CompanionRole.SIDECAR, bytes=50),),
)
PLAN = Plan(
    id="7",
    action=Action.QUARANTINE,
    state=PlanState.APPLIED,
    bytes_freed=150,
    warnings=("one is doubtful",),
    made_at="2026-11-21T20:15:00+01:00",
    last_at="2026-11-21T20:20:00+01:00",
    tally=StepTally(done=1),
    steps=(STEP,),
    next_cursor="more",
    generation=GENERATION,
)
PLANS = PlanPage(
    plans=(
        PlanHead(
            id="7",
            action=Action.TRASH,
            state=PlanState.PLANNED,
            bytes_freed=150,
            warnings=(),
            made_at="2026-11-21T20:15:00+01:00",
            last_at=None,
            tally=StepTally(planned=1),
        ),
    ),
    next_cursor=None,
    generation=GENERATION,
)
OUTCOME = Outcome(
    plans=("7",), done=2, refused=1, bytes=300, troubles=(STEP,), dry_run=False, generation=GENERATION
)
