"""The audit is red for a known vulnerability, and for nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.packaging import audit
from tests.packaging.audit import Unreachable, accepted_in, judge, main

FOUND = {"id": "GHSA-1", "aliases": ["CVE-1"], "fix_versions": ["1.1", "2.0"], "description": "x"}
SOUND = {"name": "pillow", "version": "13.0.0", "vulns": []}
UNKNOWN = {"name": "simd", "skip_reason": "not on PyPI"}


def bad(**changes: object) -> dict[str, Any]:
    """A package with one vulnerability."""
    return {"name": "left", "version": "1.0", "vulns": [FOUND | changes]}


def test_a_vulnerability_is_told_with_its_remedy() -> None:
    """One line: the package, the id, and the versions without it."""
    verdict = judge({"dependencies": [SOUND, bad(), UNKNOWN]}, {})
    assert ["left 1.0: GHSA-1, fixed in 1.1, 2.0"] == verdict.faults
    assert (2, 1) == (verdict.audited, verdict.unknown)
    assert ["left 1.0: GHSA-1, fixed in no version yet"] == judge(
        {"dependencies": [bad(fix_versions=[])]}, {}
    ).faults


@pytest.mark.parametrize("name", ["GHSA-1", "CVE-1"])
def test_what_is_accepted_is_no_fault(name: str) -> None:
    """Under any of its names; what is accepted for nothing is told, so that the list stays short."""
    verdict = judge({"dependencies": [bad()]}, {name: "never written", "CVE-9": "gone"})
    assert ([], [name], ["CVE-9"]) == (verdict.faults, verdict.accepted, verdict.stale)


def test_nothing_is_accepted_without_a_reason(tmp_path: Path) -> None:
    """The reason is the point of the list."""
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.audit.accepted]\nCVE-1 = "never written"\n')
    assert {"CVE-1": "never written"} == accepted_in(project)
    project.write_text('[tool.audit.accepted]\nCVE-1 = " "\n')
    with pytest.raises(ValueError, match="CVE-1 needs a reason"):
        accepted_in(project)


def test_a_source_that_knows_no_package_has_audited_nothing() -> None:
    """A mirror without advisories must not look like a clean bill."""
    with pytest.raises(Unreachable):
        judge({"dependencies": [UNKNOWN]}, {})


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for the audit's own things, and a source that answers."""
    monkeypatch.setattr(audit, "OWN", tmp_path)
    monkeypatch.setattr(audit, "STAMP", tmp_path / "clean-on")
    (tmp_path / "source.json").write_text('{"vulnerabilities": []}')
    monkeypatch.setattr(audit, "SOURCE", (tmp_path / "source.json").as_uri())
    # What stands for pip-audit writes the report that lies beside it.
    (tmp_path / "bin").mkdir()
    script = f"#!/bin/sh\n[ -f {tmp_path}/wanted ] && cp {tmp_path}/wanted {tmp_path}/report.json; exit 1\n"
    (tmp_path / "bin" / "python").write_text(script)
    (tmp_path / "bin" / "python").chmod(0o755)
    (tmp_path / "installed").touch()
    return tmp_path


def test_a_known_vulnerability_is_red_every_time(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No answer is kept but a clean one."""
    (own / "wanted").write_text(json.dumps({"dependencies": [SOUND, bad()]}))
    assert [1, 1] == [main(), main()]
    assert "left 1.0: GHSA-1" in capsys.readouterr().err


def test_a_clean_answer_holds_for_the_day(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is asked twice."""
    (own / "wanted").write_text(json.dumps({"dependencies": [SOUND]}))
    assert 0 == main()
    (own / "wanted").unlink()
    assert 0 == main()
    said = capsys.readouterr().out
    assert "1 packages audited" in said
    assert "audited today" in said


def test_without_a_network_it_says_so_and_is_not_red(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither where nobody answers, nor where what answers has no advisories, nor where the tool fails."""
    assert 0 == main()
    (own / "source.json").write_text("{}")
    assert 0 == main()
    monkeypatch.setattr(audit, "SOURCE", (own / "nowhere").as_uri())
    assert 0 == main()
    said = capsys.readouterr().out.splitlines()
    assert 3 == len(said)
    assert all(line.startswith("audit: the packages are not audited: ") for line in said)
