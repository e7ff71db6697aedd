"""Plans as text: what would be done, what was done, and what came of it."""

from collections.abc import Callable

import pytest

from simd.core.actions.words import Action, PlanState, StepState
from simd.core.answers import MatchKind, StepTally
from simd.render.plans import MOST_STEPS, afterwards, history, next_command, outcome, plan, plans
from simd.render.style import PLAIN, Style
from tests.render import plan_samples as samples
from tests.render.samples import HOSTILE

_FULL = samples.step(
    1,
    HOSTILE,
    keeper=HOSTILE,
    to=HOSTILE,
    why=HOSTILE,
    reason=HOSTILE,
    companions=(samples.companion(HOSTILE, to=HOSTILE),),
)
HOSTILE_VIEWS: dict[str, Callable[[], str]] = {
    "plan": lambda: plan(samples.plan(_FULL, warnings=(HOSTILE,)), PLAIN),
    "nothing": lambda: plan(samples.nothing(HOSTILE), PLAIN),
    "history": lambda: history(samples.plan(_FULL, warnings=(HOSTILE,)), PLAIN),
    "outcome": lambda: outcome(samples.outcome(samples.refused(1, HOSTILE, HOSTILE)), "undo", PLAIN),
}


@pytest.mark.parametrize("view", HOSTILE_VIEWS)
def test_no_view_lets_a_name_reach_the_terminal(view: str) -> None:
    """With a hostile name in every text field, a view holds line breaks and visible characters only."""
    text = HOSTILE_VIEWS[view]()
    assert r"\x1b]0;x\x07\x9b31m" in text
    assert {"\n"} >= {char for char in text if not char.isprintable()}


def test_a_plan_shows_what_goes_and_what_stays_instead() -> None:
    """Steps stand below their keeper, companions below their picture; totals first, warnings last."""
    answer = samples.plan(
        samples.step(1, "/p/a.jpg", companions=(samples.companion("/p/a.xmp"),)),
        samples.step(2, "/p/b.jpg", kind=MatchKind.IDENTICAL, why="longer path", bytes=900),
        samples.step(3, "/q/c.jpg", keeper="/q/d.jpg"),
        warnings=("2 doubtful pictures are left out.",),
    )
    assert [
        "Plan 7: quarantine, 3 pictures, frees 25 MB once purged.",
        "",
        "  keep          /p/best.jpg",
        "  7.1   3.4 MB  /p/a.jpg  (near: fewer pixels)",
        "                  /p/a.xmp  (sidecar, 1.2 kB)",
        "  7.2    900 B  /p/b.jpg  (identical: longer path)",
        "  keep          /q/d.jpg",
        "  7.3   3.4 MB  /q/c.jpg  (near: fewer pixels)",
        "",
        "! 2 doubtful pictures are left out.",
    ] == plan(answer, PLAIN).splitlines()
    assert "simctl apply 7\n" in next_command(answer)
    assert next_command(answer).endswith("simctl apply 7 --dry-run")


def test_a_long_plan_shows_its_beginning() -> None:
    """And says how much more there is, on this page and behind it, and how to see it."""
    steps = [samples.step(number, f"/p/{number}.jpg") for number in range(1, MOST_STEPS + 3)]
    text = plan(samples.plan(*steps, tally=StepTally(planned=1_252)), PLAIN)
    assert text.endswith("\n\n... and 1,202 more: simctl history 7 --all")
    assert f"/p/{MOST_STEPS}.jpg" in text
    assert f"/p/{MOST_STEPS + 1}.jpg" not in text


@pytest.mark.parametrize(
    ("action", "frees"),
    [
        (Action.QUARANTINE, "frees 25 MB once purged."),
        (Action.TRASH, "frees 25 MB once the trash is emptied."),
        (Action.HARDLINK, "frees 25 MB."),
        (Action.REFLINK, "frees 25 MB."),
        (Action.DELETE, "frees 25 MB, for good."),
    ],
)
def test_a_plan_says_when_space_is_free(action: Action, frees: str) -> None:
    """Not every action frees it at once, and only one is for good."""
    text = plan(samples.plan(samples.step(1, "/p/a"), action=action), PLAIN)
    assert f"Plan 7: {action}, 1 picture, {frees}" == text.splitlines()[0]


def test_a_plan_of_nothing_says_why() -> None:
    """There is no table, and no number."""
    assert "Nothing to clear up.\n! All of it is protected." == plan(
        samples.nothing("All of it is protected."), PLAIN
    )
    assert plan(samples.nothing(), PLAIN).endswith("up. No duplicates were found among what was asked for.")


def test_history_says_where_each_file_is() -> None:
    """Its state, the place that it has now, or the reason why it was refused; the same of companions."""
    answer = samples.plan(
        samples.step(
            1,
            "/p/a.jpg",
            state=StepState.DONE,
            to="/p/.simd-quarantine/a.jpg",
            companions=(samples.companion("/p/a.xmp", to="/p/.simd-quarantine/a.xmp"),),
        ),
        samples.refused(2, "/p/b.jpg", "/p/b.jpg has changed since the plan was made."),
        state=PlanState.APPLIED,
        last_at=samples.DONE,
        tally=StepTally(done=1, refused=1),
    )
    assert [
        "Plan 7: quarantine, 2 pictures, frees 25 MB once purged",
        "applied: 1 done, 1 refused; made 2026-11-21 20:15; last changed 2026-11-21 20:20",
        "",
        "  keep                   /p/best.jpg",
        "  7.1   done     3.4 MB  /p/a.jpg  (near: fewer pixels)",
        "                           -> /p/.simd-quarantine/a.jpg",
        "                           /p/a.xmp  (sidecar, 1.2 kB)",
        "                           -> /p/.simd-quarantine/a.xmp",
        "  7.2   refused  3.4 MB  /p/b.jpg  (near: fewer pixels)",
        "                           It has changed since the plan was made.",
    ] == history(answer, PLAIN).splitlines()
    painted = history(answer, Style(colour=True))
    assert "\x1b[31mrefused\x1b[0m" in painted
    assert [True] * 2 == [f"\x1b[32m{state}\x1b[0m" in painted for state in ("applied", "done")]


def test_history_of_a_plan_that_frees_nothing_any_more() -> None:
    """Once it was undone there is nothing to say of space."""
    answer = samples.plan(state=PlanState.UNDONE, bytes_freed=0, tally=StepTally(undone=2), warnings=("!",))
    assert [
        "Plan 7: quarantine, 2 pictures",
        "undone: 2 undone; made 2026-11-21 20:15",
        "",
        "No step is in this state.",
    ] == history(answer, PLAIN).splitlines()


def test_history_repeats_what_should_be_known_beforehand() -> None:
    """For as long as it can be heeded."""
    answer = samples.plan(samples.step(1, "/p/a.jpg"), warnings=("Look.",))
    assert history(answer, PLAIN).endswith("(near: fewer pixels)\n\n! Look.")


@pytest.mark.parametrize(
    ("action", "state", "frees"),
    [
        (Action.QUARANTINE, PlanState.PURGED, "freed 25 MB"),
        (Action.QUARANTINE, PlanState.APPLIED, "frees 25 MB once purged"),
        (Action.HARDLINK, PlanState.APPLIED, "freed 25 MB"),
        (Action.HARDLINK, PlanState.UNFINISHED, "frees 25 MB"),
    ],
)
def test_history_says_whether_space_is_free_by_now(action: Action, state: PlanState, frees: str) -> None:
    """What was purged or linked has freed it; what lies in quarantine has not."""
    text = history(samples.plan(action=action, state=state, tally=StepTally(done=2)), PLAIN)
    assert f"Plan 7: {action}, 2 pictures, {frees}" == text.splitlines()[0]


def test_plans_are_listed_a_line_each() -> None:
    """With what became of each."""
    applied = samples.head(state=PlanState.APPLIED, tally=StepTally(done=2, refused=1))
    newer = samples.head(id="12", action=Action.TRASH, bytes_freed=900)
    assert [
        "12  2026-11-21 20:15  trash       planned  900 B  3 planned",
        " 7  2026-11-21 20:15  quarantine  applied  25 MB  2 done, 1 refused",
    ] == plans(samples.plans(newer, applied), PLAIN).splitlines()
    assert plans(samples.plans(), PLAIN).startswith("There are no plans.")


@pytest.mark.parametrize(
    ("verb", "said", "said_of_one"),
    [
        ("quarantine", "moved to quarantine", "moved to quarantine"),
        ("trash", "moved to the trash", "moved to the trash"),
        ("hardlink", "replaced by hard links", "replaced by a hard link"),
        ("reflink", "replaced by clones that share their bytes", "replaced by a clone that shares its bytes"),
        ("delete", "deleted for good", "deleted for good"),
        ("undo", "put back as they were", "put back as it was"),
        ("restore", "put back as they were", "put back as it was"),
        ("purge", "deleted for good", "deleted for good"),
    ],
)
def test_an_outcome_says_what_was_done_or_would_be(verb: str, said: str, said_of_one: str) -> None:
    """In the words of the action."""
    assert f"1 picture {said_of_one}, 25 MB." == outcome(samples.outcome(done=1), verb, PLAIN)
    assert f"3 pictures {said}, 25 MB." == outcome(samples.outcome(), verb, PLAIN)
    assert f"3 pictures would be {said}, 25 MB." == outcome(samples.outcome(dry_run=True), verb, PLAIN)


def test_an_outcome_lists_what_was_refused() -> None:
    """Each with its reason, and how many more there are than are listed."""
    troubles = (
        samples.refused(1, "/p/a.jpg"),
        samples.refused(12, "/p/longer.jpg", "/p/longer.jpg: It is gone."),
    )
    assert [
        "3 pictures put back as they were, 25 MB.",
        "2 pictures refused:",
        "  7.1   /p/a.jpg       It changed.",
        "  7.12  /p/longer.jpg  It is gone.",
    ] == outcome(samples.outcome(*troubles), "undo", PLAIN).splitlines()
    many = outcome(samples.outcome(*troubles, done=0, refused=1_300, dry_run=True), "undo", PLAIN)
    assert "1,300 pictures would be refused:" == many.splitlines()[0]
    assert "  ... and 1,298 more" == many.splitlines()[-1]
    assert "There is nothing to do." == outcome(samples.outcome(done=0), "undo", PLAIN)


def test_afterwards_there_is_a_way_back_where_there_is_one() -> None:
    """None from what was deleted, or was not done at all."""
    assert "simctl undo 7\n" in afterwards(samples.outcome(), "quarantine")
    assert "simctl purge --older-than 30d" in afterwards(samples.outcome(), "quarantine")
    assert afterwards(samples.outcome(), "hardlink").endswith("simctl undo 7")
    assert ["", "", ""] == [
        afterwards(samples.outcome(), "delete"),
        afterwards(samples.outcome(dry_run=True), "quarantine"),
        afterwards(samples.outcome(done=0), "quarantine"),
    ]
