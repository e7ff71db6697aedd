"""The commands query and have."""

import base64
import os
from pathlib import Path

import pytest

from simd.core.model import FileState
from tests.client.canned import Canned, CannedServer, Question, refused
from tests.ctl.conftest import Run
from tests.render import samples

NOT_UTF8 = os.fsdecode(b"caf\xe9.jpg")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which relative names start from."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def by_name(question: Question) -> Canned:
    """Answers by the last part of the path: ``bad`` is refused, ``near`` and ``same`` match, else nothing."""
    path = question.json.get("path") or os.fsdecode(base64.b64decode(question.json["path_b64"]))
    name = path.rpartition("/")[2]
    if name == "bad":
        return refused(422, "unreadable-image", f"{name} is truncated", path=path)
    kinds = {"near": "near", "same": "identical"}
    matches = [samples.match("/lib/there.jpg", kinds[name])] if name in kinds else []
    return Canned(samples.query(*matches, path=path, number=None))


@pytest.fixture
def answering(server: CannedServer) -> CannedServer:
    """A server that answers queries by name."""
    server.answers["POST", "/v1/query"] = by_name
    return server


def test_query_sends_an_absolute_path_and_the_options(
    simctl: Run, answering: CannedServer, here: Path
) -> None:
    """A relative name is made absolute without following links; options that were not given are not sent."""
    (here / "link").symlink_to("/elsewhere")
    assert 0 == simctl("query", "link/../link/x.jpg").code
    assert {"path": f"{here}/link/x.jpg"} == answering.questions[0].json
    simctl("query", "--preset", "strict", "--radius", "3", "--top", "2", "--transforms", "x")
    options = {"preset": "strict", "radius": 3, "top": 2, "transforms": True}
    assert {"path": f"{here}/x", **options} == answering.questions[1].json


def test_query_of_one_file_in_json_is_the_plain_answer(
    simctl: Run, answering: CannedServer, here: Path
) -> None:
    """One file gives the daemon's object as it is."""
    expected = samples.query(samples.match("/lib/there.jpg"), path=f"{here}/near", number=None)
    assert expected == simctl("query", "near", "--json").json


def test_query_of_several_files(simctl: Run, answering: CannedServer) -> None:
    """A block each in order; one that is refused stops nothing, and its exit code remains."""
    ran = simctl("query", "near", "bad", "other")
    assert 4 == ran.code
    assert "simctl: bad is truncated\n" == ran.err
    assert ["near: 640x480 PNG, 120 kB", "other: 640x480 PNG, 120 kB"] == [
        line for line in ran.out.splitlines() if line and not line.startswith(" ")
    ]
    results = simctl("query", "near", "bad", "other", "--json").json["results"]
    assert [1, None, 0] == [len(result["matches"]) if "matches" in result else None for result in results]
    assert "unreadable-image" == results[1]["error"]["code"]


def test_query_of_one_refused_file(simctl: Run, answering: CannedServer) -> None:
    """Alone, its error is the whole answer."""
    ran = simctl("query", "bad", "--json")
    assert (4, {"error"}) == (ran.code, set(ran.json))
    as_text = simctl("query", "bad")
    assert (4, "", "simctl: bad is truncated\n") == (as_text.code, as_text.out, as_text.err)


def test_a_name_that_is_not_utf8_travels_whole(simctl: Run, answering: CannedServer, here: Path) -> None:
    """Its bytes go as Base64, and a person sees it escaped."""
    ran = simctl("query", NOT_UTF8)
    wanted = base64.b64encode(os.fsencode(here) + b"/caf\xe9.jpg").decode()
    assert {"path_b64": wanted} == answering.questions[0].json
    assert ran.out.startswith("caf\\xe9.jpg: ")


def test_query_reads_standard_input(simctl: Run, server: CannedServer) -> None:
    """``-`` uploads the bytes; the options go in the query string."""
    server.answers["POST", "/v1/query"] = Canned(samples.query())
    ran = simctl("query", "--transforms", "--top", "4", "-", stdin=b"\x89PNG\r\n")
    assert 0 == ran.code
    question = server.questions[0]
    assert {"file": ("standard input", b"\x89PNG\r\n")} == question.fields
    assert {"top": "4", "transforms": "true"} == question.params


def test_null_prints_bare_paths(simctl: Run, server: CannedServer) -> None:
    """``-0`` gives the bytes of each path and a NUL, nothing else, whatever the name holds."""
    odd = samples.match("/lib/caf\\xe9", path_b64=base64.b64encode(b"/lib/caf\xe9").decode())
    server.answers["POST", "/v1/query"] = Canned(samples.query(samples.match("/lib/a\nb"), odd))
    assert b"/lib/a\nb\0/lib/caf\xe9\0" == simctl("query", "-0", "x").raw


def test_have_says_one_line_each(simctl: Run, answering: CannedServer) -> None:
    """The verdict for each file, and exit code 1 because one is not there."""
    ran = simctl("have", "same", "near", "other")
    assert 1 == ran.code
    assert (
        "identical  same  at /lib/there.jpg\n"
        "near       near  at /lib/there.jpg (distance 4)\n"
        "no         other\n"
    ) == ran.out
    assert 0 == simctl("have", "same", "near").code
    assert b"/lib/there.jpg\0" == simctl("have", "-0", "near", "other").raw


def test_have_in_json(simctl: Run, answering: CannedServer, here: Path) -> None:
    """One entry for each file; an error outweighs a no."""
    ran = simctl("have", "near", "other", "bad", NOT_UTF8, "--json")
    assert 4 == ran.code
    near, other, bad, odd = ran.json["files"]
    assert {"path": f"{here}/near", "verdict": "near", "where": "/lib/there.jpg", "distance": 4} == near
    assert {"path": f"{here}/other", "verdict": "no", "where": None, "distance": None} == other
    assert (None, "unreadable-image") == (bad["verdict"], bad["error"]["code"])
    assert (f"{here}/caf\\xe9.jpg", os.fsencode(here) + b"/caf\xe9.jpg") == (
        odd["path"],
        base64.b64decode(odd["path_b64"]),
    )
    assert 9 == ran.json["generation"]


@pytest.mark.parametrize(("expected", "state"), [("identical", FileState.PRESENT), ("no", FileState.MISSING)])
def test_have_of_a_file_that_is_its_own_only_copy(
    simctl: Run, server: CannedServer, expected: str, state: FileState
) -> None:
    """A query leaves out the file it asks about, but have must not: what counts is a present file."""
    server.answers["POST", "/v1/query"] = Canned(samples.query(number=5))
    server.answers["GET", "/v1/images/5"] = Canned(
        samples.shown(files=(samples.file("/lib/only.jpg", state),))
    )
    ran = simctl("have", "/lib/only.jpg")
    assert (expected == "no", expected) == (bool(ran.code), ran.out.split()[0])


def test_no_daemon_ends_a_list_at_once(simctl: Run, tmp_path: Path) -> None:
    """Without a daemon there is one message, not one for each file."""
    ran = simctl("--socket", str(tmp_path / "none"), "have", "a", "b", "c")
    assert (3, 1) == (ran.code, ran.err.count("simctl:"))
