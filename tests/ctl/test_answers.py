"""Commands that show one answer: status, sync, pause, groups, show, compare, problems, doctor."""

import base64
from pathlib import Path
from typing import Any

import pytest

from simd.core import answers
from tests.client.canned import Canned, CannedServer, Question, refused
from tests.ctl.conftest import Run
from tests.render import samples

SYNCED = {"synced": True, "waited_ms": 210.0, "generation": 9}
HOLDS = samples.as_json(answers.Paused(**samples.held(), generation=9))["holds"]
PAUSED = {"paused": True, "holds": HOLDS[:1], "generation": 9}
HELD = {"paused": True, "holds": HOLDS[1:], "generation": 9}
RUNNING = {"paused": False, "holds": [], "generation": 9}
RETRIED = {"retried": 3, "generation": 9}
SPACE = {"name": "space", "ok": True, "message": "much", "hint": None}
RELOADED = {
    "changed": ["roots"],
    "restarted": ["roots"],
    "stayed": ["log"],
    "needs_restart": ["socket"],
    "notes": [{"message": "roots: It is busy.", "hint": None}],
    "generation": 9,
}
LOADING = refused(503, "loading", "simd is loading its catalogue")
CHECKS = {"ok": True, "checks": [SPACE], "generation": 9}

CASES: list[tuple[list[str], str, str, Any, str]] = [
    (["status"], "GET", "/v1/status", samples.status(), "simd 1.2.3, ready"),
    (["sync"], "POST", "/v1/sync", SYNCED, "In step after 0.2 s."),
    (["pause"], "POST", "/v1/pause", PAUSED, "still answer: paused by hand since 2026-11-20 14:03."),
    (["resume"], "POST", "/v1/resume", RUNNING, "Hashing goes on."),
    (["resume"], "POST", "/v1/resume", HELD, "by hand is over, but hashing still waits: quiet hours until"),
    (["reload"], "POST", "/v1/reload", RELOADED, "In force after a restart of the daemon only: socket."),
    (["groups"], "GET", "/v1/groups", samples.groups(samples.group()), "2 groups, 5 files"),
    (["show", "7"], "GET", "/v1/images/7", samples.shown(), "Image 1"),
    (["show", "./7"], "GET", "/v1/images", samples.shown(), "Image 1"),
    (["compare", "a", "7"], "POST", "/v1/compare", samples.comparison(), "near (preset strict)"),
    (["problems"], "GET", "/v1/problems", samples.problems("/p/x"), "the file ends early"),
    (["problems", "--retry"], "POST", "/v1/problems/retry", RETRIED, "3 files will be read again"),
]


@pytest.mark.parametrize(
    ("line", "method", "path", "answer", "part"), CASES, ids=lambda value: str(value)[:20]
)
def test_each_command_shows_its_answer(
    simctl: Run, server: CannedServer, line: list[str], method: str, path: str, answer: Any, part: str
) -> None:
    """As text the view of it, as JSON the daemon's object unchanged, and one question to the daemon each."""
    server.answers[method, path] = Canned(answer)
    ran = simctl(*line)
    assert (0, "") == (ran.code, ran.err)
    assert part in ran.out
    assert answer == simctl(*line, "--json").json
    assert 2 == len(server.questions)


def test_sync_sends_its_timeout(simctl: Run, server: CannedServer) -> None:
    """The daemon is told how long to wait."""
    server.answers["POST", "/v1/sync"] = Canned(SYNCED)
    simctl("sync", "--timeout", "2.5")
    assert {"timeout": 2.5} == server.questions[0].json


def test_commands_wait_for_a_daemon_that_is_loading(simctl: Run, server: CannedServer) -> None:
    """Without a word where no terminal shows it; of the time that was given to sync, the rest is sent."""
    answers = iter([LOADING, LOADING, Canned(SYNCED), LOADING, Canned(RETRIED)])
    server.answers["POST", "/v1/sync"] = server.answers["POST", "/v1/problems/retry"] = lambda _: next(
        answers
    )
    ran = simctl("sync", "--timeout", "50")
    assert (0, "") == (ran.code, ran.err)
    times = [question.json["timeout"] for question in server.questions]
    assert 50.0 == times[0] > times[1] > times[2] > 0.0
    assert RETRIED == simctl("problems", "--retry", "--json").json


def test_patience_with_a_daemon_that_is_loading_ends(simctl: Run, server: CannedServer) -> None:
    """Exit code 5, and where to see what it is doing."""
    server.answers["POST", "/v1/sync"] = LOADING
    ran = simctl("sync", "--timeout", "0")
    assert (5, "") == (ran.code, ran.out)
    assert ["simctl: simd is loading its catalogue", "hint: simctl status says what it is doing"] == (
        ran.err.splitlines()
    )
    assert "loading" == simctl("sync", "--timeout", "0", "--json").json["error"]["code"]


def test_compare_and_show_send_what_was_named(
    simctl: Run, server: CannedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number is an id; all else is a path, made absolute."""
    monkeypatch.chdir(tmp_path)
    server.answers["POST", "/v1/compare"] = Canned(samples.comparison())
    server.answers["GET", "/v1/images"] = Canned(samples.shown())
    simctl("compare", "12", "./12")
    simctl("show", "a b.jpg")
    assert {"a": {"id": 12}, "b": {"path": f"{tmp_path}/12"}} == server.questions[0].json
    assert {"path": f"{tmp_path}/a b.jpg"} == server.questions[1].params


def pages(question: Question) -> Canned:
    """Two pages of groups."""
    if question.params.get("cursor") == "second":
        return Canned(samples.groups(samples.group(samples.member("/p/d"), number="2", path="/p/c")))
    first = samples.group(samples.member("/p/a.jpg", "keeper"), samples.member("/p/b"))
    return Canned(samples.groups(first, next_cursor="second"))


def test_groups_sends_what_was_asked(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """Every option arrives, and none that was not given."""
    server.answers["GET", "/v1/groups"] = pages
    simctl("groups")
    simctl(
        "groups",
        "--preset",
        "loose",
        "--grouping",
        "complete",
        "--kind",
        "near",
        "--under",
        str(tmp_path),
        "--limit",
        "5",
        "--cursor",
        "x",
    )
    assert {"grouping": "star"} == server.questions[0].params
    asked = {"preset": "loose", "grouping": "complete", "kind": "near", "under": str(tmp_path)}
    assert {**asked, "limit": "5", "cursor": "x"} == server.questions[1].params


def test_groups_says_that_there_is_more(simctl: Run, server: CannedServer) -> None:
    """The first page tells how to get the next."""
    server.answers["GET", "/v1/groups"] = pages
    assert "simctl groups --cursor second" in simctl("groups").out


def test_groups_all_reads_every_page(simctl: Run, server: CannedServer) -> None:
    """All pages in one text, one JSON object, or one list of paths with each keeper first and once."""
    server.answers["GET", "/v1/groups"] = pages
    text = simctl("groups", "--all").out
    headers = [line.partition(",")[0] for line in text.splitlines() if line.startswith("Group")]
    assert ["Group 1: near", "Group 2: near"] == headers
    assert text.endswith("(fewer pixels; edited)\n\n2 groups, 5 files, 3 images, 240 kB reclaimable\n")
    joined = simctl("groups", "--all", "--json").json
    assert (["1", "2"], None) == ([group["id"] for group in joined["groups"]], joined["next_cursor"])
    assert b"/p/a.jpg\0/p/b\0/p/c\0/p/d\0" == simctl("groups", "--all", "-0").raw


def test_no_groups_is_said(simctl: Run, server: CannedServer) -> None:
    """An empty catalogue has no groups and no sums."""
    empty = samples.groups()
    empty["totals"]["groups"] = 0
    server.answers["GET", "/v1/groups"] = Canned(empty)
    assert "No duplicate groups.\n" == simctl("groups").out


def test_bare_paths_of_show_and_problems(simctl: Run, server: CannedServer) -> None:
    """``-0`` prints the files of an image, and the files that could not be read, byte for byte."""
    server.answers["GET", "/v1/images/7"] = Canned(samples.shown("/p/a b"))
    trouble = samples.problems("/p/caf\\xe9")
    trouble["problems"][0]["path_b64"] = base64.b64encode(b"/p/caf\xe9").decode()
    server.answers["GET", "/v1/problems"] = Canned(trouble)
    assert b"/p/a b\0" == simctl("show", "7", "-0").raw
    assert b"/p/caf\xe9\0" == simctl("problems", "--null").raw


def test_problems_pages(simctl: Run, server: CannedServer) -> None:
    """The limit and the cursor are sent, and the next page is told."""
    server.answers["GET", "/v1/problems"] = Canned(samples.problems("/p/x", next_cursor="12"))
    assert "simctl problems --cursor 12" in simctl("problems", "--limit", "1", "--cursor", "3").out
    assert {"limit": "1", "cursor": "3"} == server.questions[0].params


def test_doctor_asks_the_daemon(simctl: Run, server: CannedServer) -> None:
    """With a daemon its checks are shown after the one that it answers; 1 when any failed."""
    server.answers["GET", "/v1/doctor"] = Canned(CHECKS)
    assert 0 == simctl("doctor").code
    answer = simctl("doctor", "--json").json
    assert (True, ["daemon", "space"], 9) == (
        answer["ok"],
        [check["name"] for check in answer["checks"]],
        answer["generation"],
    )
    server.answers["GET", "/v1/doctor"] = Canned({**CHECKS, "checks": [{**SPACE, "ok": False}]})
    ran = simctl("doctor")
    assert (1, True) == (ran.code, "WRONG  space   much" in ran.out.splitlines())


def test_doctor_without_a_daemon_still_looks_at_the_machine(
    simctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The missing daemon is one failed check among those of the machine, and the exit code is 1."""
    monkeypatch.setenv("SIMD_STATE_DIR", str(tmp_path / "state"))
    ran = simctl("--socket", str(tmp_path / "none"), "doctor", "--json")
    names = [check["name"] for check in ran.json["checks"]]
    assert (1, "daemon", False) == (ran.code, names[0], ran.json["ok"])
    assert {"sqlite", "space"} <= set(names)
    assert any(str(tmp_path / "state") in check["message"] for check in ran.json["checks"])
