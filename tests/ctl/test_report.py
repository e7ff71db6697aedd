"""The command report: what it asks, what it shows, and how it ends."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simd.client.http import Client
from simd.ctl.progress import Lines
from simd.ctl.report import ACTIONS
from simd.ctl.reporting import _follow
from tests.client.canned import Canned, CannedServer, refused
from tests.ctl.conftest import Run
from tests.ctl.test_process import MODULES
from tests.ctl.test_scan import events
from tests.render import samples

LIST = samples.reports(samples.head())
DIFF = samples.report_diff(samples.group_change())
NOTIFIED = samples.notified()

CASES: list[tuple[list[str], str, str, Any, str]] = [
    (["list"], "GET", "/v1/reports", LIST, "1 report in /r."),
    (["show"], "GET", "/v1/reports/latest", samples.report(), "12 new groups."),
    (["show", "2026-11-21"], "GET", "/v1/reports/2026-11-21", samples.report(), "/r/report-2026-11-21.csv"),
    (["diff", "2026-11-20", "latest"], "GET", "/v1/reports/diff", DIFF, "1 group changed"),
    (["test-notification"], "POST", "/v1/notifications/test", NOTIFIED, "1 of 1 target took"),
]


@pytest.mark.parametrize(
    ("line", "method", "path", "answer", "part"), CASES, ids=lambda value: str(value)[:20]
)
def test_each_action_shows_its_answer(
    simctl: Run, server: CannedServer, line: list[str], method: str, path: str, answer: Any, part: str
) -> None:
    """As text the view of it, as JSON the daemon's object unchanged, and one question to the daemon each."""
    server.answers[method, path] = Canned(answer)
    ran = simctl("report", *line)
    assert (0, "") == (ran.code, ran.err)
    assert part in ran.out
    assert answer == simctl("report", *line, "--json").json
    assert answer == simctl("--json", "report", *line).json
    assert 3 == len(server.questions)


def test_diff_names_both_reports(simctl: Run, server: CannedServer) -> None:
    """The older comes first, as it was written."""
    server.answers["GET", "/v1/reports/diff"] = Canned(DIFF)
    simctl("report", "diff", "2026-11-20", "latest")
    assert {"a": "2026-11-20", "b": "latest"} == server.questions[0].params


def test_now_listens_first_then_asks(simctl: Run, server: CannedServer) -> None:
    """Events are subscribed to before the report is asked for, and the answer is shown like any report."""
    server.answers["GET", "/v1/events"] = events()
    server.answers["POST", "/v1/reports"] = Canned(samples.report())
    ran = simctl("report", "now")
    assert (0, True) == (ran.code, ran.out.startswith("12 new groups."))
    assert ["/v1/events", "/v1/reports"] == [question.path for question in server.questions]
    assert {} == server.questions[1].json
    assert samples.report() == simctl("report", "now", "--json").json


def test_the_steps_of_a_report_are_progress(server: CannedServer) -> None:
    """Its own steps are shown as they come; other events are not, and its end is no step."""
    server.answers["GET", "/v1/events"] = events(
        ("report", {"phase": "gather", "done": 0, "total": None}),
        ("progress", {"phase": "decode", "done": 7, "total": 9}),
        ("report", {"phase": "write", "done": 3, "total": 12}),
        ("report", {"phase": "done", "id": "2026-11-21-153012"}),
    )
    lines: list[str] = []
    with closing(Client(server.path).events()) as stream:
        _follow(stream, Lines(lines.append))
    assert ["gather: 0", "write: 3 of 12 (25 %)"] == lines


def test_now_tells_what_the_daemon_refuses(simctl: Run, server: CannedServer) -> None:
    """A report that could not be written is a failure with the daemon's words, whatever the events said."""
    server.answers["GET", "/v1/events"] = events(("report", {"phase": "write", "done": 1, "total": None}))
    server.answers["POST", "/v1/reports"] = refused(
        500, "report-folder", "the disk is full", "free some space"
    )
    ran = simctl("report", "now")
    assert (5, "") == (ran.code, ran.out)
    assert "simctl: the disk is full\nhint: free some space\n" in ran.err
    assert "report-folder" == simctl("report", "now", "--json").json["error"]["code"]


def test_a_target_that_failed_is_a_no(simctl: Run, server: CannedServer) -> None:
    """A trial message that did not reach everybody ends with 1, also in JSON."""
    answer = samples.notified("json://127.0.0.1 (refused, or not reached)")
    server.answers["POST", "/v1/notifications/test"] = Canned(answer)
    ran = simctl("report", "test-notification")
    assert (1, "") == (ran.code, ran.err)
    assert "! not delivered: json://127.0.0.1 (refused, or not reached)" in ran.out
    as_json = simctl("report", "test-notification", "--json")
    assert (1, answer) == (as_json.code, as_json.json)


@pytest.mark.parametrize("word", ["../status", "2026/11/21", "", "a b", "é", "2026-11-21?x=1"])
def test_what_cannot_be_an_id_is_refused_here(simctl: Run, server: CannedServer, word: str) -> None:
    """No word of a person becomes a part of a URL that means something else."""
    ran = simctl("report", "show", word)
    assert (4, "", []) == (ran.code, ran.out, server.questions)
    assert "simctl report list" in ran.err


@pytest.mark.parametrize(
    "line", [[], ["frob"], ["list", "x"], ["diff", "a"], ["show", "a", "b"], ["now", "--open"]]
)
def test_wrong_usage_is_2(simctl: Run, server: CannedServer, line: list[str]) -> None:
    """An action that makes no sense is refused with a hint, and asks nothing of the daemon."""
    ran = simctl("report", *line)
    assert (2, "", []) == (ran.code, ran.out, server.questions)
    assert "\nhint: see simctl " in ran.err


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_help_with_an_example(simctl: Run, action: str) -> None:
    """``--help`` of each action ends with an example of this very action; the command's lists them all."""
    ran = simctl("report", action, "--help")
    assert (0, "") == (ran.code, ran.err)
    assert f"simctl report {action}" in ran.out.partition("example:\n")[2]
    assert "--json" in ran.out
    assert f"    {action}" in simctl("report", "--help").out


def test_the_shell_completes_the_actions(simctl: Run) -> None:
    """Bash completes an action and an option of one."""
    script = simctl("completion", "bash").out
    asked = (
        'COMP_WORDS=(simctl report dif); COMP_CWORD=2; _shtab_simctl; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(simctl report show --op); COMP_CWORD=3; _shtab_simctl; echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc"], input=script + asked, capture_output=True, text=True, check=True
    )
    assert ["diff", "--open"] == done.stdout.split()


@pytest.fixture
def page(server: CannedServer, tmp_path: Path) -> Path:
    """A page that the daemon names as that of the newest report."""
    stem = tmp_path / "report ü"
    server.answers["GET", "/v1/reports/latest"] = Canned(
        samples.report("In words.", paths=samples.report_paths(str(stem)))
    )
    page = stem.with_suffix(".html")
    page.write_text("<p>")
    return page


def browse(
    server: CannedServer, tmp_path: Path, *words: str, browser: str
) -> subprocess.CompletedProcess[str]:
    """Run ``report show --open`` with this program for a browser, and no other in reach."""
    environ = {
        name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}
    } | {"PATH": str(tmp_path / "empty"), "BROWSER": browser}
    start = "import sys; from simd.ctl import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "--socket", server.path, "report", "show", "--open", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=30)


def test_the_page_opens_in_the_browser(server: CannedServer, tmp_path: Path, page: Path) -> None:
    """The person's browser is handed the page as a URL; the words are printed all the same."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {opened}\n')
    browser.chmod(0o700)
    done = browse(server, tmp_path, browser=str(browser))
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("In words.\n")
    as_json = browse(server, tmp_path, "--json", browser=str(browser))
    assert (0, "In words.") == (as_json.returncode, json.loads(as_json.stdout)["summary"])
    assert [page.as_uri()] * 2 == opened.read_text().splitlines()


def test_without_a_browser_the_path_is_told(server: CannedServer, tmp_path: Path, page: Path) -> None:
    """On a machine without a browser the command fails and says what to open; JSON is the error alone."""
    done = browse(server, tmp_path, browser="")
    assert (5, True) == (done.returncode, done.stdout.startswith("In words.\n"))
    assert f"simctl: no browser could be started\nhint: open the page yourself: {page}\n" == done.stderr
    as_json = browse(server, tmp_path, "--json", browser="")
    assert "failed" == json.loads(as_json.stdout)["error"]["code"]


def test_a_page_that_is_gone_is_told(server: CannedServer, tmp_path: Path, page: Path) -> None:
    """No browser is started for a file that is not there."""
    page.unlink()
    done = browse(server, tmp_path, browser="/bin/false")
    assert (4, f"simctl: {page} is gone\nhint: simctl report now makes a new one\n") == (
        done.returncode,
        done.stderr,
    )


def test_a_call_loads_nothing_heavy(server: CannedServer) -> None:
    """Listing loads neither threads nor a browser nor rich; only making a report needs a thread."""
    server.answers["GET", "/v1/reports"] = Canned(LIST)
    done = subprocess.run(
        [sys.executable, "-I", "-c", MODULES, "--socket", server.path, "report", "list"],
        capture_output=True,
        check=True,
    )
    code, loaded = json.loads(done.stderr)
    assert 0 == code
    assert {"simd.ctl.report", "simd.render.reports"} <= set(loaded)
    heavy = {"threading", "typing", "webbrowser", "pathlib", "rich", "contextlib", "numpy", "dataclasses"}
    assert set() == heavy & set(loaded)
    assert set() == {name for name in loaded if name.startswith("simd.")} & {
        "simd.ctl.reporting", "simd.ctl.progress", "simd.core.answers", "simd.core.report",
    }  # fmt: skip
