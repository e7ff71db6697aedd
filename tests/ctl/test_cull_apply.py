"""The command cull apply: from deletions in an export to a plan that is done."""

import json
from pathlib import Path
from typing import Any

import pytest

from simd.core.answers import StepTally
from simd.ctl.cull import apply
from tests.client.canned import Canned, CannedServer, Question, refused
from tests.ctl.culls import Album, album
from tests.render import plan_samples as samples

__all__ = ["album"]


class Planner:
    """A daemon that makes plans 7, 8... of what it is asked for, and does them.

    Attributes:
        states: of the plans.
        asked: the body of each plan.
        applied: which plan was applied, and whether that was a dry run.
    """

    def __init__(self, server: CannedServer) -> None:
        self.states: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.applied: list[tuple[str, bool]] = []
        self._server = server
        server.answers["POST", "/v1/sync"] = Canned({"synced": True, "waited_ms": 1.0, "generation": 9})
        server.answers["POST", "/v1/plans"] = self._plan
        server.answers["GET", "/v1/events"] = Canned(events=": hello\n\n")

    def _plan(self, question: Question) -> Canned:
        number = str(len(self.asked) + 7)
        self.asked.append(question.json)
        self.states[number] = "planned"
        steps = [samples.step(place, path["path"]) for place, path in enumerate(question.json["removals"], 1)]
        self._server.answers["GET", f"/v1/plans/{number}"] = lambda _question: Canned(
            samples.plan(*steps) | {"id": number, "state": self.states[number]}
        )
        self._server.answers["POST", f"/v1/plans/{number}/apply"] = lambda asked: self._apply(number, asked)
        return Canned(samples.plan(*steps) | {"id": number})

    def _apply(self, number: str, question: Question) -> Canned:
        dry_run = question.json["dry_run"]
        self.applied.append((number, dry_run))
        if not dry_run:
            self.states[number] = "applied"
        return Canned(samples.outcome(plans=(number,), dry_run=dry_run))


@pytest.fixture
def planner(server: CannedServer) -> Planner:
    """A daemon that plans and acts."""
    return Planner(server)


@pytest.fixture
def culled(album: Album, planner: Planner) -> Album:
    """An export of which a file of each group was deleted."""
    album.export("--preset", "loose", "--grouping", "complete", "--keep", "name")
    for name in ("copy of a.jpg", "b.png"):
        album.laid(album.photos / name).unlink()
    return album


def test_deletions_become_a_plan_that_is_done(culled: Album, planner: Planner) -> None:
    """By the options of the export, each with what was kept, equal bytes first; the way back is told."""
    ran = culled.cull("apply")
    assert (0, "") == (ran.code, ran.err)
    photos = culled.photos
    assert [
        {
            "action": "quarantine",
            "grouping": "complete",
            "keep": "name",
            "permanently": False,
            "preset": "loose",
            "removals": [
                {
                    "path": f"{photos}/copy of a.jpg",
                    "kept": [{"path": f"{photos}/a.jpg"}, {"path": f"{photos}/small/a.jpg"}],
                },
                {"path": f"{photos}/b.png", "kept": [{"path": f"{photos}/b.jpg"}]},
            ],
        }
    ] == planner.asked
    assert [("7", False)] == planner.applied
    assert [f"{photos}/copy of a.jpg", f"{photos}/b.png"] == culled.to_delete
    assert ran.out.startswith("Plan 7: quarantine, 2 pictures")
    assert "3 pictures moved to quarantine, 25 MB." in ran.out
    assert "Take it back:  simctl undo 7" in ran.out
    assert f"{culled.out} is not needed any more" in ran.out


def test_the_list_is_for_reading(culled: Album, planner: Planner) -> None:
    """Whoever edits it is told that the folders hold."""
    (culled.out / "to_delete.txt").write_text("")
    ran = culled.cull("apply")
    assert (0, 2) == (ran.code, len(planner.asked[0]["removals"]))
    assert "to_delete.txt said something else before; what holds is what is in the folders." in ran.err


def test_an_export_is_applied_once(culled: Album, planner: Planner) -> None:
    """Another time is refused with the way back, and free again when that was gone."""
    culled.cull("apply")
    ran = culled.cull("apply")
    assert (4, "") == (ran.code, ran.out)
    assert f"simctl: {culled.out} has been applied as plan 7, which is applied" in ran.err
    assert "hint: simctl history 7 shows it, simctl undo 7 takes it back" in ran.err
    planner.states["7"] = "unfinished"
    assert "hint: simctl apply 7 goes on with it" in culled.cull("apply").err
    assert "This export has been applied before: plan 7." in culled.cull("check").out
    planner.states["7"] = "undone"
    assert 0 == culled.cull("apply").code
    assert [("7", False), ("8", False)] == planner.applied


def test_a_plan_of_another_daemon_is_not_done_twice(culled: Album) -> None:
    """Nobody knows what became of it."""
    (culled.out / "applied.json").write_text('{"plans": ["3"]}')
    assert "applied as plan 3, which is unknown to this daemon" in culled.cull("apply").err
    (culled.out / "applied.json").write_text('{"plans": 3}')
    assert "applied.json is damaged" in culled.cull("apply").err


def test_an_interrupted_apply_can_be_taken_up(culled: Album, planner: Planner) -> None:
    """A plan that was stored and never begun stands in nobody's way."""
    culled.server.answers["POST", "/v1/plans/7/apply"] = refused(503, "unavailable", "another plan runs")
    planning = culled.server.answers["POST", "/v1/plans"]
    assert not isinstance(planning, Canned)

    def busy(question: Question) -> Canned:
        plan = planning(question)
        culled.server.answers["POST", "/v1/plans/7/apply"] = refused(503, "unavailable", "another plan runs")
        return plan

    culled.server.answers["POST", "/v1/plans"] = busy
    assert 5 == culled.cull("apply").code
    culled.server.answers["POST", "/v1/plans"] = planning
    assert 0 == culled.cull("apply").code
    assert [("8", False)] == planner.applied


@pytest.mark.parametrize(
    ("option", "applied", "said"),
    [
        ("--plan-only", [], "Do it:  simctl apply 7"),
        ("--dry-run", [("7", True)], "3 pictures would be moved to quarantine"),
    ],
)
def test_looking_first(
    culled: Album, planner: Planner, option: str, applied: list[tuple[str, bool]], said: str
) -> None:
    """The plan is there to be done by its number, or all is checked; either way the export is not used up."""
    ran = culled.cull("apply", option)
    assert (0, True, applied) == (ran.code, said in ran.out, planner.applied)
    assert not (culled.out / "applied.json").exists()


def test_json_is_all_of_it_in_one_object(culled: Album) -> None:
    """What the check says, the plans and what came of them; hashing may be paused meanwhile."""
    culled.server.answers["POST", "/v1/sync"] = refused(503, "unavailable", "hashing is paused")
    answer = culled.cull("apply", "--action", "trash", "--json").json
    assert (2, ["7"], [3]) == (
        answer["check"]["files"],
        [plan["id"] for plan in answer["plans"]],
        [outcome["done"] for outcome in answer["outcomes"]],
    )


def test_nothing_to_delete_is_1(album: Album, planner: Planner) -> None:
    """And plans nothing; a plan that the daemon finds empty is the same."""
    album.export()
    ran = album.cull("apply")
    assert (1, "Nothing is to go.\n", []) == (ran.code, ran.out, planner.asked)
    album.laid(album.photos / "b.png").unlink()
    album.server.answers["POST", "/v1/plans"] = Canned(samples.nothing("It is protected."))
    ran = album.cull("apply")
    assert (1, True, []) == (ran.code, "It is protected." in ran.out, planner.applied)


def test_what_was_refused_is_1(culled: Album) -> None:
    """Where the plan leaves out a file, and where a step of it was refused."""
    one = samples.plan(samples.step(1, "/p/a.jpg"))
    culled.server.answers["POST", "/v1/plans"] = Canned(one)
    culled.server.answers["POST", "/v1/plans/7/apply"] = Canned(samples.outcome())
    assert 1 == culled.cull("apply").code
    (culled.out / "applied.json").unlink()
    both = samples.plan(tally=StepTally(planned=2))
    culled.server.answers["POST", "/v1/plans"] = Canned(both)
    culled.server.answers["POST", "/v1/plans/7/apply"] = Canned(
        samples.outcome(samples.refused(1, "/p/a.jpg"))
    )
    ran = culled.cull("apply")
    assert (1, True) == (ran.code, "It changed." in ran.out)


def test_an_emptied_group_is_not_planned(culled: Album, planner: Planner) -> None:
    """Unless that is meant: then the best stays, which is said."""
    culled.laid(culled.photos / "b.jpg").unlink()
    assert (4, []) == (culled.cull("apply").code, planner.asked)
    ran = culled.cull("apply", "--allow-empty")
    assert (0, True) == (ran.code, f"{culled.photos}/b.png: It stays, because" in ran.err)
    removals = [Path(removal["path"]).name for removal in planner.asked[0]["removals"]]
    assert ["copy of a.jpg", "b.jpg"] == removals


def test_more_than_a_request_holds_becomes_several_plans(
    culled: Album, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is done, and the export knows all of them."""
    monkeypatch.setattr(apply, "MOST_BYTES", 10)
    ran = culled.cull("apply")
    assert (0, [("7", False), ("8", False)]) == (ran.code, planner.applied)
    assert [1, 1] == [len(asked["removals"]) for asked in planner.asked]
    assert {"plans": ["7", "8"]} == json.loads((culled.out / "applied.json").read_text())
