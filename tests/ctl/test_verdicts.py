"""The commands mark, unmark and verdicts."""

import json
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from typing import Any

import pytest

from simd.core.verdict_lines import KINDS
from simd.ctl import verdicts
from tests.client.canned import Canned, CannedServer, Question, refused
from tests.ctl.conftest import Run

ONE, OTHER = "sha256:" + "ab" * 32, "sha256:" + "0c" * 32
MOMENT = "2026-11-21T18:30:00+00:00"
PAIR = {"verdict": "different", "images": [ONE, OTHER], "since": MOMENT}
KEEP = {"verdict": "keep", "images": [OTHER], "since": MOMENT}


def listed(number: int, digest: str, **place: Any) -> dict[str, Any]:
    """A picture in the list of verdicts."""
    return {"digest": digest, "id": number, "path": None, **place}


PAGES: dict[str | None, dict[str, Any]] = {
    None: {
        "verdicts": [PAIR | {"images": [listed(3, ONE, path="/p/\x1b.jpg"), listed(4, OTHER)]}],
        "total": 2,
        "next_cursor": "c",
        "generation": 9,
    },
    "c": {
        "verdicts": [KEEP | {"images": [{"digest": OTHER, "id": None, "path": None}]}],
        "total": 2,
        "next_cursor": None,
        "generation": 9,
    },
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which relative names start from."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def answering(server: CannedServer) -> CannedServer:
    """A server with two pages of verdicts, which takes more."""

    def take(question: Question) -> Canned:
        return Canned(
            {"added": len(question.json["verdicts"]), "replaced": 0, "unchanged": 0, "generation": 9}
        )

    server.answers["GET", "/v1/verdicts"] = lambda question: Canned(PAGES[question.params.get("cursor")])
    server.answers["POST", "/v1/verdicts/import"] = take
    server.answers["POST", "/v1/verdicts"] = Canned(
        {"added": 2, "replaced": 1, "unchanged": 1, "generation": 9}
    )
    server.answers["POST", "/v1/verdicts/unmark"] = Canned({"removed": 2, "generation": 9})
    return server


def test_mark_names_pictures_and_says_what_became_of_them(
    simctl: Run, answering: CannedServer, here: Path
) -> None:
    """A number is an id, a digest itself, all else a path; a verdict that is replaced is told."""
    ran = simctl("mark", "different", "a.jpg", "7", "./7", ONE)
    assert (0, "") == (ran.code, ran.err)
    assert [
        "3 pairs marked as different.",
        "1 pair had another verdict before; the later one holds.",
        "1 pair had this verdict already.",
    ] == ran.out.splitlines()
    images = [{"path": f"{here}/a.jpg"}, {"id": 7}, {"path": f"{here}/7"}, {"digest": ONE}]
    assert {"verdict": "different", "images": images} == answering.questions[0].json
    assert 2 == simctl("mark", "keep", "a", "--json").json["added"]


@pytest.mark.parametrize(
    ("removed", "said"), [(0, "Nothing was decided about them."), (2, "2 verdicts taken back.")]
)
def test_unmark_says_how_many_verdicts_are_gone(
    simctl: Run, answering: CannedServer, removed: int, said: str
) -> None:
    """None is no error."""
    answering.answers["POST", "/v1/verdicts/unmark"] = Canned({"removed": removed, "generation": 9})
    ran = simctl("unmark", "7", "8")
    assert (0, f"{said}\n") == (ran.code, ran.out)
    assert {"images": [{"id": 7}, {"id": 8}]} == answering.questions[0].json


@pytest.mark.parametrize(
    "line",
    [
        ["mark"],
        ["mark", "keep"],
        ["mark", "perhaps", "a"],
        ["unmark"],
        ["verdicts", "burn"],
        ["verdicts", "export"],
    ],
)
def test_wrong_usage_asks_nothing(simctl: Run, answering: CannedServer, line: list[str]) -> None:
    """And exits with 2."""
    assert 2 == simctl(*line).code
    assert [] == answering.questions


def test_the_list_shows_pictures_and_where_to_go_on(simctl: Run, answering: CannedServer) -> None:
    """Names cannot write to the terminal; what is nowhere is told by its digest."""
    ran = simctl("verdicts", "--limit", "1")
    assert {"limit": "1"} == answering.questions[0].params
    assert [
        "2026-11-21 18:30  different  /p/\\x1b.jpg  sha256:0c0c0c0c0c0c... (no file now)",
        "",
        "2 verdicts.",
        "The next page: simctl verdicts --cursor c (or every page: --all)",
    ] == ran.out.splitlines()
    everything = simctl("verdicts", "--all")
    assert "2026-11-21 18:30  keep  sha256:0c0c0c0c0c0c... (not in the catalogue)" in everything.out
    whole = simctl("verdicts", "--all", "--json").json
    assert (2, None) == (len(whole["verdicts"]), whole["next_cursor"])


def test_an_empty_list_says_so(simctl: Run, server: CannedServer) -> None:
    """In one line."""
    server.answers["GET", "/v1/verdicts"] = Canned(
        {"verdicts": [], "total": 0, "next_cursor": None, "generation": 9}
    )
    assert "Nothing is decided about any picture.\n" == simctl("verdicts").out


def test_what_is_exported_is_imported(simctl: Run, answering: CannedServer, here: Path) -> None:
    """Every page becomes lines, and the lines become a request; blank lines are passed over."""
    assert 0 == simctl("verdicts", "export", "-").code
    lines = simctl("verdicts", "export", "-").raw
    assert [PAIR, KEEP] == [json.loads(line) for line in lines.splitlines()]
    written = simctl("verdicts", "export", "v.jsonl")
    assert "2 verdicts written to v.jsonl.\n" == written.out
    assert lines == (here / "v.jsonl").read_bytes()
    assert {"exported": 2, "generation": 9} == simctl("verdicts", "export", "w.jsonl", "--json").json
    (here / "v.jsonl").write_bytes(lines + b"\n\n")
    assert (
        "2 verdicts added, 0 in place of earlier ones, 0 unchanged.\n"
        == simctl("verdicts", "import", "v.jsonl").out
    )
    assert {"verdicts": [PAIR, KEEP]} == answering.questions[-1].json
    assert 2 == simctl("verdicts", "import", "-", "--json", stdin=lines).json["added"]


def test_an_export_that_finds_no_room_leaves_nothing(
    simctl: Run, answering: CannedServer, here: Path
) -> None:
    """Half of it would look like all of it."""
    _, most = limits = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (10, most))
    try:
        ran = simctl("verdicts", "export", "v.jsonl")
    finally:
        setrlimit(RLIMIT_FSIZE, limits)
    assert (5, "") == (ran.code, ran.out)
    assert "simctl: v.jsonl cannot be written: File too large\nhint: " in ran.err
    assert not (here / "v.jsonl").exists()
    ran = simctl("verdicts", "export", "absent/v.jsonl")
    assert (5, True) == (ran.code, "absent/v.jsonl cannot be written: No such file" in ran.err)


def test_an_export_overwrites_nothing(simctl: Run, answering: CannedServer, here: Path) -> None:
    """A slip of the keyboard must not cost a picture."""
    (here / "a.jpg").write_bytes(b"picture")
    ran = simctl("verdicts", "export", "a.jpg")
    assert (4, b"picture") == (ran.code, (here / "a.jpg").read_bytes())
    assert "is there already" in ran.err
    assert 2 == simctl("verdicts", "export", "-", "--json").code


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"{", "line 2: this is not JSON"),
        (b"\xff", "line 2: this is not JSON"),
        (b"[" * 100_000, "line 2: this is not JSON"),
        (b"[]", "line 2: this is no JSON object"),
        (b'{"verdict": "keep"}', "line 2: images is missing"),
        (json.dumps(PAIR | {"images": [ONE]}).encode(), "line 2: images is not a list of 2"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_imported(
    simctl: Run, answering: CannedServer, broken: bytes, words: str
) -> None:
    """The daemon is not asked before every line is in order."""
    text = json.dumps(PAIR).encode() + b"\n" + broken + b"\n"
    ran = simctl("verdicts", "import", "-", stdin=text)
    assert (4, "") == (ran.code, ran.out)
    assert words in ran.err
    assert "hint: nothing was imported" in ran.err
    assert [] == answering.questions


def test_many_verdicts_travel_in_parts(
    simctl: Run, answering: CannedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fits into a body, and the sums are told."""
    monkeypatch.setattr(verdicts, "AT_ONCE", 2)
    lines = b"\n".join(json.dumps(PAIR).encode() for _ in range(5))
    ran = simctl("verdicts", "import", "-", "--json", stdin=lines)
    assert {"added": 5, "replaced": 0, "unchanged": 0, "generation": 9} == ran.json
    assert [2, 2, 1] == [len(question.json["verdicts"]) for question in answering.questions]


def test_a_file_that_is_not_there_is_told(simctl: Run, answering: CannedServer) -> None:
    """Before the daemon is asked."""
    ran = simctl("verdicts", "import", "none.jsonl")
    assert (4, "simctl: none.jsonl is not there\nhint: is the name right?\n") == (ran.code, ran.err)


def test_a_refusal_is_passed_on(simctl: Run, server: CannedServer) -> None:
    """As the daemon words it."""
    server.answers["POST", "/v1/verdicts"] = refused(400, "bad-request", "one is named", "name two")
    ran = simctl("mark", "series", "7")
    assert (4, "simctl: one is named\nhint: name two\n") == (ran.code, ran.err)


def test_the_kinds_are_those_of_the_core() -> None:
    """What is written out for speed agrees with the module that defines it."""
    assert KINDS == verdicts.KINDS
