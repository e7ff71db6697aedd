"""The commands that act on files: apply, undo, restore and purge."""

import io
import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simd.ctl import main, progress
from simd.ctl.bar import LABELS
from simd.render import status
from simd.render.verdict import LOADING_WORDS
from tests.client.canned import Canned, CannedServer, Question, refused
from tests.ctl.conftest import Run
from tests.render import plan_samples as samples

DONE = samples.outcome()
PARTLY = samples.outcome(samples.refused(1, "/p/a.jpg"))
PROGRESS = {"plan": "7", "verb": "undo", "done": 29, "refused": 1, "total": 120}

ACTS: list[tuple[list[str], str, dict[str, Any], str]] = [
    (["apply", "7"], "/v1/plans/7/apply", {"dry_run": False}, "moved to quarantine"),
    (["apply", "7", "--dry-run"], "/v1/plans/7/apply", {"dry_run": True}, "moved to quarantine"),
    (["undo", "7"], "/v1/undo", {"action": "7"}, "put back as they were"),
    (["undo", "7.3"], "/v1/undo", {"action": "7.3"}, "put back as they were"),
    (
        ["restore", "gone/../a.jpg", "/p/caf\udce9"],
        "/v1/restore",
        {"paths": [{"path": "{here}/a.jpg"}, {"path_b64": "L3AvY2Fm6Q=="}]},
        "put back as they were",
    ),
    (
        ["purge", "--older-than", "30d", "--yes"],
        "/v1/purge",
        {"older_than": 2_592_000.0, "dry_run": False},
        "deleted for good",
    ),
    (
        ["purge", "--older-than", "0s", "--dry-run"],
        "/v1/purge",
        {"older_than": 0.0, "dry_run": True},
        "deleted for good",
    ),
]


class Terminal(io.StringIO):
    """A person at a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


class Watched(progress.Silence):
    """A view that notes what it is shown."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.seen = threading.Event()

    def show(self, data: dict[str, Any]) -> None:
        """Note it."""
        self.shown.append(dict(data))
        self.seen.set()


@pytest.fixture
def acting(server: CannedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CannedServer:
    """A daemon that does all that it is asked; the working folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    answer_all(server, DONE)
    server.answers["GET", "/v1/plans/7"] = Canned(samples.plan())
    server.answers["GET", "/v1/events"] = Canned(events=": hello\n\n")
    return server


def answer_all(server: CannedServer, answer: Any) -> None:
    """Have every command end in this way."""
    for endpoint in ("plans/7/apply", "undo", "restore", "purge"):
        server.answers["POST", f"/v1/{endpoint}"] = Canned(answer)


def posted(server: CannedServer) -> list[Question]:
    """What was asked to be done."""
    return [question for question in server.questions if question.method == "POST"]


@pytest.mark.parametrize(("line", "endpoint", "body", "said"), ACTS)
def test_each_command_has_it_done_and_tells(
    simctl: Run,
    acting: CannedServer,
    tmp_path: Path,
    line: list[str],
    endpoint: str,
    body: dict[str, Any],
    said: str,
) -> None:
    """In one request; as text what came of it, as JSON the daemon's object unchanged."""
    ran = simctl(*line)
    assert (0, "") == (ran.code, ran.err)
    assert f"3 pictures {said}, 25 MB." == ran.out.splitlines()[0]
    sent = json.loads(json.dumps(body).replace("{here}", str(tmp_path)))
    assert [(endpoint, sent)] == [(question.path, question.json) for question in posted(acting)]
    assert DONE == simctl(*line, "--json").json


@pytest.mark.parametrize(
    ("line", "endpoint", "phase"),
    [(["undo", "7"], "/v1/undo", "undo"), (["apply", "7", "--dry-run"], "/v1/plans/7/apply", "dry run")],
)
def test_progress_is_shown_meanwhile(
    simctl: Run,
    acting: CannedServer,
    monkeypatch: pytest.MonkeyPatch,
    line: list[str],
    endpoint: str,
    phase: str,
) -> None:
    """What was refused has been seen to as well, other events are passed over, and the end is shown."""
    view = Watched()

    def answer(_question: Question) -> Canned:
        assert view.seen.wait(20)
        return Canned(DONE)

    monkeypatch.setattr(progress, "chosen_view", lambda _call: view)
    told = ('event: progress\ndata: {"phase": "decode"}', f"event: action\ndata: {json.dumps(PROGRESS)}")
    acting.answers["GET", "/v1/events"] = Canned(events="".join(f"{event}\n\n" for event in told))
    acting.answers["POST", endpoint] = answer
    assert 0 == simctl(*line).code
    assert [{"phase": phase, "done": done, "total": 120} for done in (30, 120)] == view.shown
    assert f"{phase}: 30 of 120 (25 %)" == status.progress(view.shown[0])


def test_no_work_is_called_what_a_daemon_does_that_is_loading() -> None:
    """Whose words would be said of it."""
    assert set() == LABELS.keys() & LOADING_WORDS.keys()


@pytest.mark.parametrize("line", [line for line, _, _, _ in ACTS])
def test_what_was_refused_is_a_no(simctl: Run, acting: CannedServer, line: list[str]) -> None:
    """With exit code 1 and each reason, though the rest was done."""
    answer_all(acting, PARTLY)
    ran = simctl(*line)
    assert 1 == ran.code
    assert ["1 picture refused:", "  7.1  /p/a.jpg  It changed."] == ran.out.splitlines()[1:3]
    as_json = simctl(*line, "--json")
    assert (1, PARTLY) == (as_json.code, as_json.json)


def test_an_applied_plan_says_how_to_take_it_back(simctl: Run, acting: CannedServer) -> None:
    """A dry run, or what was deleted, has no way back."""
    assert "simctl undo 7" in simctl("apply", "7").out
    acting.answers["GET", "/v1/plans/7"] = Canned(samples.plan(action="delete"))
    text = simctl("apply", "7").out
    assert (True, False) == ("deleted for good" in text, "undo" in text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["apply"], "PLAN"),
        (["apply", "seven"], "a plan is named by its number"),
        (["undo", "7.3.1"], "a step of it 7.3, not '7.3.1'"),
        (["undo", "\u0667"], "a step of it 7.3"),
        (["restore"], "FILE"),
        (["purge"], "--older-than"),
        (["purge", "--older-than", "30"], "such as 30d, 12h or 2w, not '30'"),
        (["purge", "--older-than", "30d and more"], "such as 30d"),
        (["purge", "--older-than", "99999w"], "such as 30d"),
    ],
)
def test_wrong_usage_does_nothing(simctl: Run, acting: CannedServer, line: list[str], said: str) -> None:
    """And says what is meant."""
    ran = simctl(*line)
    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err
    assert [] == acting.questions


def test_a_plan_that_there_is_not_is_refused_first(simctl: Run, acting: CannedServer) -> None:
    """With the daemon's words; nothing is asked to be done."""
    acting.answers["GET", "/v1/plans/8"] = refused(404, "not-found", "there is no plan 8", "simctl history")
    ran = simctl("apply", "8")
    assert (4, "simctl: there is no plan 8\nhint: simctl history\n") == (ran.code, ran.err)
    assert [] == posted(acting)


def test_nobody_purges_unasked(simctl: Run, acting: CannedServer) -> None:
    """Where no person can be asked, it takes --yes; in JSON too."""
    ran = simctl("purge", "--older-than", "30d")
    assert (4, "") == (ran.code, ran.out)
    assert "hint: --yes purges without a question" in ran.err
    assert "bad-request" == simctl("purge", "--older-than", "30d", "--json").json["error"]["code"]
    assert [] == acting.questions


@pytest.fixture
def person(acting: CannedServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Runs simctl for a person who answers questions; gives the exit code and standard error."""
    monkeypatch.setenv("SIMD_SOCKET", acting.path)
    monkeypatch.setenv("TERM", "dumb")

    def run(answer: str, *words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        monkeypatch.setattr(sys, "stderr", err := Terminal())
        return main(words), err.getvalue()

    return run


@pytest.mark.parametrize(
    ("answer", "code", "dry_runs"), [("y\n", 0, [True, False]), ("\n", 1, [True]), ("", 1, [True])]
)
def test_a_person_is_told_how_much_it_is_and_asked(
    acting: CannedServer,
    person: Callable[..., tuple[int, str]],
    answer: str,
    code: int,
    dry_runs: list[bool],
) -> None:
    """Only a yes has it done; what would go is found out by a dry run."""
    ended, err = person(answer, "purge", "--older-than", "2w")
    assert code == ended
    assert "3 pictures in quarantine, 25 MB, will be deleted for good.\nGo on? [y/N] " in err
    assert dry_runs == [question.json["dry_run"] for question in posted(acting)]


def test_a_person_is_not_asked_in_vain(
    acting: CannedServer,
    person: Callable[..., tuple[int, str]],
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Where nothing would go, and where JSON was asked for."""
    answer_all(acting, samples.outcome(done=0, dry_run=True))
    assert (0, "") == person("", "purge", "--older-than", "2w")
    assert b"There is nothing to do.\n" == capsysbinary.readouterr().out
    assert [True] == [question.json["dry_run"] for question in posted(acting)]
    assert (4, "") == person("y\n", "purge", "--older-than", "2w", "--json")


@pytest.mark.parametrize(
    ("line", "endpoint", "look"),
    [
        (["apply", "7"], "/v1/plans/7/apply", "history 7"),
        (["undo", "7.3"], "/v1/undo", "history 7"),
        (["restore", "a"], "/v1/restore", "history"),
        (["apply", "7", "--dry-run"], "/v1/plans/7/apply", None),
        (["undo", "7", "--json"], "/v1/undo", None),
    ],
)
def test_an_interrupted_client_says_that_the_daemon_goes_on(
    simctl: Run, acting: CannedServer, line: list[str], endpoint: str, look: str | None
) -> None:
    """And where to look, unless nothing is done, or JSON is asked for; the exit code is that of SIGINT."""
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def interrupt(_question: Question) -> Canned:
        signal.pthread_kill(main_thread, signal.SIGINT)
        return Canned(DONE)

    acting.answers["POST", endpoint] = interrupt
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        ran = simctl(*line)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (130, "") == (ran.code, ran.out)
    said = f"simctl: the daemon goes on; simctl {look} shows how far it is\n"
    assert ("" if look is None else said) == ran.err
