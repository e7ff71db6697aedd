"""The commands plan and history: what is sent, and what is shown of the answer."""

from pathlib import Path
from typing import Any

import pytest

from simd.core.actions.words import Action
from simd.core.answers import StepTally
from tests.client.canned import Canned, CannedServer, Question
from tests.ctl.conftest import Run
from tests.render import plan_samples as samples

ODD = {"path": "/p/caf\\xe9", "path_b64": "L3AvY2Fm6Q=="}
STEPS = [
    samples.step(1, "/p/a.jpg", companions=(samples.companion("/p/a.xmp"),)),
    samples.step(2, ODD["path"], path_b64=ODD["path_b64"]),
]
FIRST = samples.plan(*STEPS, next_cursor="c", tally=StepTally(planned=3))
SECOND = samples.plan(samples.step(3, "/p/c.jpg"), tally=StepTally(planned=3))


@pytest.fixture
def answering(server: CannedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CannedServer:
    """A server with one plan of two pages; the working folder is an empty one."""
    monkeypatch.chdir(tmp_path)

    def page(question: Question) -> Canned:
        return Canned(SECOND if question.params.get("cursor") == "c" else FIRST)

    def listed(question: Question) -> Canned:
        if question.params.get("cursor") == "c":
            return Canned(samples.plans(samples.head(id="6")))
        return Canned(samples.plans(samples.head(), next_cursor="c"))

    server.answers["POST", "/v1/plans"] = Canned(FIRST)
    server.answers["GET", "/v1/plans/7"] = page
    server.answers["GET", "/v1/plans"] = listed
    return server


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ([], {}),
        (["4", "17"], {"groups": ["4", "17"]}),
        (["--action", "trash", "4"], {"action": "trash", "groups": ["4"]}),
        (["--action", "delete", "--permanently"], {"action": "delete", "permanently": True}),
        (
            ["--under", "a", "--under", "/p/caf\udce9"],
            {"under": [{"path": "{here}/a"}, {"path_b64": ODD["path_b64"]}]},
        ),
        (
            ["--kind", "near", "--preset", "strict", "--grouping", "complete"],
            {"kind": "near", "preset": "strict", "grouping": "complete"},
        ),
        (["--keep", "prefer:best", "--keep", "name"], {"keep": "prefer:{here}/best,name"}),
        (["--keep", "prefer:/p/caf\udce9"], {"keep_b64": "cHJlZmVyOi9wL2NhZuk="}),
    ],
)
def test_a_plan_is_asked_for_as_it_was_meant(
    simctl: Run, answering: CannedServer, tmp_path: Path, words: list[str], sent: dict[str, Any]
) -> None:
    """What is not named is left to the daemon, and paths are absolute."""
    assert 0 == simctl("plan", *words).code
    usual = {"action": "quarantine", "grouping": "star", "permanently": False}
    assert _placed(usual | sent, str(tmp_path)) == answering.questions[0].json


def _placed(part: Any, here: str) -> Any:
    if isinstance(part, dict):
        return {name: _placed(value, here) for name, value in part.items()}
    if isinstance(part, list):
        return [_placed(value, here) for value in part]
    return part.replace("{here}", here) if isinstance(part, str) else part


def test_a_plan_is_shown_with_what_to_do_next(simctl: Run, answering: CannedServer) -> None:
    """As text; the daemon's object as JSON; every file of every page, companions too, as bytes."""
    ran = simctl("plan")
    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("Plan 7: quarantine, 3 pictures, frees 25 MB once purged.\n")
    assert "... and 1 more: simctl history 7 --all\n" in ran.out
    assert "simctl apply 7\n" in ran.out
    assert FIRST == simctl("plan", "--json").json
    assert b"/p/a.jpg\0/p/a.xmp\0/p/caf\xe9\0/p/c.jpg\0" == simctl("plan", "-0").raw


def test_nothing_to_clear_up_is_a_no(simctl: Run, answering: CannedServer) -> None:
    """Exit code 1 in every form, with why, and without a command that would do nothing."""
    nothing = samples.nothing("All of it is protected.")
    answering.answers["POST", "/v1/plans"] = Canned(nothing)
    ran = simctl("plan")
    assert (1, "Nothing to clear up.\n! All of it is protected.\n") == (ran.code, ran.out)
    as_json = simctl("plan", "--json")
    assert (1, nothing) == (as_json.code, as_json.json)
    assert (1, b"") == ((ran := simctl("plan", "-0")).code, ran.raw)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["plan", "a.jpg"], "a group is named by its number"),
        (["plan", "--action", "burn"], f"choose from {', '.join(map(repr, map(str, Action)))}"),
        (["history", "7.3"], "a plan is named by its number"),
        (["history", "7", "--state", "lost"], "invalid choice"),
        (["history", "--state", "done"], "about the steps of a plan"),
        (["history", "-0"], "about the steps of a plan"),
    ],
)
def test_wrong_usage_asks_nothing(simctl: Run, answering: CannedServer, line: list[str], said: str) -> None:
    """And says what there is."""
    ran = simctl(*line)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert [] == answering.questions


def test_history_lists_plans(simctl: Run, answering: CannedServer) -> None:
    """A page, or all of them; in JSON as one."""
    ran = simctl("history", "--limit", "1")
    assert ({"limit": "1"}, 0, "") == (answering.questions[0].params, ran.code, ran.err)
    assert ["7", "The"] == [line.split()[0] for line in ran.out.splitlines() if line]
    assert "simctl history --cursor c (or every page: --all)" in ran.out
    assert ["7", "6"] == [line.split()[0] for line in simctl("history", "--all").out.splitlines()]
    assert {"limit": "1000", "cursor": "c"} == answering.questions[-1].params
    whole = simctl("history", "--all", "--json").json
    assert (["7", "6"], None) == ([each["id"] for each in whole["plans"]], whole["next_cursor"])


def test_history_of_a_plan_has_every_step(simctl: Run, answering: CannedServer) -> None:
    """The head once, then each page of steps; those in one state where that is asked for."""
    ran = simctl("history", "7", "--state", "done", "--limit", "2")
    assert {"state": "done", "limit": "2"} == answering.questions[0].params
    assert "simctl history 7 --cursor c (or every page: --all)" in ran.out
    everything = simctl("history", "7", "--all").out
    assert (1, True, False) == (
        everything.count("Plan 7"),
        "  7.3   3.4 MB  /p/c.jpg" in everything,
        "--cursor" in everything,
    )
    whole = simctl("history", "7", "--all", "--json").json
    assert FIRST["steps"] + SECOND["steps"] == whole["steps"]
    assert b"/p/a.jpg\0/p/a.xmp\0/p/caf\xe9\0" == simctl("history", "7", "-0").raw
