"""The commands protect and unprotect, and the rules of groups."""

from pathlib import Path
from typing import Any

import pytest

from tests.client.canned import Canned, CannedServer
from tests.ctl.conftest import Run

KEPT: dict[str, Any] = {"path": "/p/kept", "files": 12, "since": "2026-11-21T18:30:00+01:00"}
ODD: dict[str, Any] = {"path": "/p/caf\\xe9", "path_b64": "L3AvY2Fm6Q==", "files": 1, "since": None}


@pytest.fixture
def answering(server: CannedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CannedServer:
    """A server where one path is protected and another was already; the working folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    changed = Canned({"changed": [KEPT], "unchanged": [ODD], "generation": 9})
    server.answers["POST", "/v1/protect"] = changed
    server.answers["POST", "/v1/unprotect"] = changed
    server.answers["GET", "/v1/protected"] = Canned({"protected": [ODD, KEPT], "generation": 9})
    totals = {"groups": 0, "images": 0, "files": 0, "reclaimable_bytes": 0}
    page: dict[str, Any] = {"groups": [], "totals": totals, "next_cursor": None, "generation": 9, "keep": []}
    server.answers["GET", "/v1/groups"] = Canned(page)
    return server


def test_paths_are_made_absolute_and_told(simctl: Run, answering: CannedServer, tmp_path: Path) -> None:
    """With how many files each covers; what was protected before is told apart."""
    ran = simctl("protect", "kept", "/p/caf\udce9")
    assert (0, "") == (ran.code, ran.err)
    assert [
        "Protected: /p/kept (12 files)",
        "Already protected: /p/caf\\xe9 (1 file)",
    ] == ran.out.splitlines()
    assert {"paths": [{"path": f"{tmp_path}/kept"}, {"path_b64": "L3AvY2Fm6Q=="}]} == answering.questions[
        0
    ].json
    assert "Not protected any more: /p/kept (12 files)\n" == simctl("unprotect", "kept").out
    assert {"paths": [{"path": f"{tmp_path}/kept"}]} == answering.questions[1].json
    assert [KEPT] == simctl("unprotect", "kept", "--json").json["changed"]


def test_without_a_path_everything_is_listed(simctl: Run, answering: CannedServer) -> None:
    """As a table, as bytes, or as JSON; nothing at all is said with what to do."""
    ran = simctl("protect")
    assert [
        "/p/caf\\xe9    1 file  by the settings",
        "/p/kept     12 files  since 2026-11-21 18:30",
    ] == ran.out.splitlines()
    assert b"/p/caf\xe9\0/p/kept\0" == simctl("protect", "-0").raw
    assert [ODD, KEPT] == simctl("protect", "--json").json["protected"]
    answering.answers["GET", "/v1/protected"] = Canned({"protected": [], "generation": 9})
    assert "Nothing is protected." in simctl("protect").out


def test_unprotect_needs_a_path(simctl: Run, answering: CannedServer) -> None:
    """And exits with 2 before anything is asked."""
    assert 2 == simctl("unprotect").code
    assert [] == answering.questions


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--keep", "name,taken:newest"], "name,taken:newest"),
        (["--keep", "name", "--keep", "path"], "name,path"),
        (["--keep", "prefer:best,name"], "prefer:{here}/best,name"),
        (["--keep", "prefer:~/best"], "prefer:{here}/home/best"),
        (["--keep", "prefer:link/a"], "prefer:{here}/real/a"),
        (["--keep", r"prefer:a\,b,name"], r"prefer:{here}/a\,b,name"),
        (["--keep", "prefer:/caf\udce9"], "prefer:/caf\udce9"),
        (["--keep", "nonsense"], "nonsense"),
    ],
)
def test_rules_are_sent_with_the_folders_that_are_meant(
    simctl: Run,
    answering: CannedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    asked: str,
) -> None:
    """Absolute, links followed; what is no rule is for the daemon to refuse, with those that there are."""
    monkeypatch.setenv("HOME", f"{tmp_path}/home")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert 0 == simctl("groups", *words).code
    assert asked.replace("{here}", str(tmp_path)) == answering.questions[0].params["keep"]
