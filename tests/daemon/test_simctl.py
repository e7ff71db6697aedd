"""What simctl has a real daemon do, and what it says of it: for people, for scripts, and how it ends."""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from simd.client.http import Client
from simd.core.errors import UnreadableImage
from tests.daemon.library import COLOURS, HOLIDAY, TWINS, Library

METRICS_PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


class TestPartition:
    """partition, and the same over the socket with an upload."""

    def test_pictures_are_laid_into_folders(self, library: Library) -> None:
        """Copies of one picture stand together, a broken file is named, and originals stay as they were."""
        before = {path: path.read_bytes() for path in library.photos.rglob("*.*")}
        out = library.outside.parent / "sorted"
        said = library._run("partition", library.photos, "--grade", "0.9", "--out", out)
        assert (4, True) == (said.returncode, b"notes.jpg: It is not a picture" in said.stderr)
        folders = [{path.name for path in folder.iterdir()} for folder in out.iterdir()]
        assert {"holiday.jpg", "holiday (1).jpg", "small.jpg"} in folders
        assert {"twin-1.png", "twin-2.png"} in folders
        assert 10 == sum(len(names) for names in folders)
        assert before == {path: path.read_bytes() for path in library.photos.rglob("*.*")}
        assert "is not empty" in library.refusal("partition", library.photos, "--out", out, code=4)

    def test_uploads(self, library: Library) -> None:
        """A picture that is sent comes back with its name and its SHA-1; nothing of it stays."""
        data = (library.outside / "near.jpg").read_bytes()
        client = Client(str(library.daemon.socket))
        answer = client.upload("/v1/partition", {"grade": 0.9}, data, "near.jpg")
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        (group,) = answer["groups"]
        assert [{"name": "near.jpg", "path": None, "sha1": sha1}] == group["pictures"]
        assert [] == list((library.daemon.socket.parent / "uploads").iterdir())
        with pytest.raises(UnreadableImage, match="x: It is not a picture"):
            client.upload("/v1/partition", {"grade": 0.9}, b"none", "x")


class TestDaemon:
    """Commands about the daemon itself."""

    def test_status(self, library: Library) -> None:
        """At a glance."""
        answer = library.json("status")
        assert ("ready", 11, 8, 1) == (
            answer["state"],
            answer["files"]["present"],
            answer["images"],
            answer["problems"]["count"],
        )
        text = library.ask("status")
        assert os.fspath(library.photos) in text
        assert "watching" in text

    def test_metrics(self, library: Library) -> None:
        """Prometheus' own parser reads every metric that is described, under its kind, and none beside."""
        library.found(library.photos / "b/small.jpg")
        families = {family.name: family for family in library.daemon.metrics()}

        rows = re.findall(r"^\| (`simd_.*?|`process_.*?) \| (\w+) \|", METRICS_PAGE.read_text(), re.MULTILINE)
        described = {
            name.removesuffix("_total"): kind for names, kind in rows for name in re.findall(r"`(\w+)", names)
        }
        assert described == {name: family.type for name, family in families.items()}
        assert 11 == sum(sample.value for sample in families["simd_files"].samples)
        counted = {tuple(s.labels.values()): s.value for s in families["simd_requests"].samples}
        assert 1 <= counted["POST /v1/query", "ok"]
        assert {"not-an-image"} == {
            sample.labels["code"] for sample in families["simd_files_refused"].samples
        }
        timed = {s.name: s.value for family in families.values() for s in family.samples}
        assert timed["simd_decoded_total"] == timed["simd_decode_seconds_count"] > 0
        assert 1 <= timed["simd_commit_seconds_count"] <= timed["simd_generation"] + 1

    def test_pulse(self, library: Library) -> None:
        """Totals, the queries of the last minute and the memory of all processes are told."""
        library.found(library.photos / "b/small.jpg")
        pulse = library.daemon.client.get("/v1/pulse")
        assert 11 <= pulse["done"]["files"]
        assert 1 <= pulse["queries"]["count"] <= pulse["done"]["queries"]
        assert 0 < pulse["queries"]["p50_ms"] <= pulse["queries"]["p99_ms"]
        assert min(pulse["memory"].values()) > 0

    def test_sync(self, library: Library) -> None:
        """It returns when all is done."""
        assert library.json("sync")["synced"]
        assert library.ask("sync", "--timeout", "30").startswith("In step after ")
        assert "--timeout" in library.refusal("sync", "--timeout", "soon", code=2)

    def test_scan(self, library: Library) -> None:
        """Of everything, of a folder, and with every file read again."""
        answer = library.json("scan")
        assert (11, 0, 0, True) == tuple(answer[name] for name in ("files", "changed", "missing", "synced"))
        done = library.daemon.simctl("scan", str(library.photos / "ab"))
        assert 0 == done.returncode
        assert done.stdout.decode().startswith(f"Swept {library.photos / 'ab'}: 2 files")
        # On a busy machine it takes long enough to be worth a word.
        assert all(re.match(rb"(sweep|decode): [0-9]", line) for line in done.stderr.splitlines())
        decoded = library.daemon.decoded()
        assert 2 == library.json("scan", "--rehash", library.photos / "ab")["changed"]
        assert decoded + 2 == library.daemon.decoded()
        assert "lies in no watched folder" in library.refusal("scan", library.outside, code=4)

    def test_problems(self, library: Library) -> None:
        """Each with its reason; retried when asked."""
        [problem] = library.json("problems")["problems"]
        assert ("b/notes.jpg", "not-an-image") == (library.daemon.name(problem["path"]), problem["code"])
        assert "It is not a picture in a supported format." in library.ask("problems")
        assert 1 == library.json("problems", "--retry")["retried"]
        library.ask("sync")
        assert problem["retried"] + 1 == library.json("problems")["problems"][0]["retried"]

    def test_pause_and_resume(self, library: Library) -> None:
        """Queries answer meanwhile; sync fails at once."""
        assert "Hashing is paused; queries still answer: paused by hand since " in library.ask("pause")
        assert library.json("status")["paused"]
        assert ["ab/twin-2.png"] == library.found(library.photos / "ab/twin-1.png")
        assert "simctl resume" in library.refusal("sync", code=5)
        assert not library.json("scan", "--json")["synced"]
        assert not library.json("resume")["paused"]
        assert library.ask("resume") == "Hashing goes on.\n"

    def test_doctor(self, library: Library) -> None:
        """The exit code says whether anything is wrong with the machine."""
        done = library.daemon.simctl("doctor", "--json")
        answer = json.loads(done.stdout)
        assert int(not answer["ok"]) == done.returncode
        assert all(check["ok"] for check in answer["checks"]) is answer["ok"]
        assert {"name": "daemon", "ok": True} == {key: answer["checks"][0][key] for key in ("name", "ok")}
        human = library.daemon.simctl("doctor")
        assert (done.returncode, True) == (human.returncode, b"answers on" in human.stdout)

    def test_completion(self, library: Library) -> None:
        """A script that bash can read, with every command."""
        script = library.ask("completion", "bash")
        subprocess.run(["bash", "-n"], input=script.encode(), check=True, capture_output=True)
        assert all(name in script for name in ("groups", "compare", "--transforms"))
        assert "invalid choice" in library.refusal("completion", "cobol", code=2)


class TestCull:
    """cull: export, deletions by hand, check, apply; and undo."""

    def test_a_day_of_sorting(self, library: Library) -> None:
        """What was deleted in the folders goes into quarantine, and comes back as it was."""
        before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in library.photos.rglob("*.*")}
        out = library.outside.parent / "cull"
        assert "lie within one another" in library.refusal("cull", "export", library.photos / "x", code=4)
        laid = library.json("cull", "export", out)
        assert (3, 7, 7) == (laid["groups"], laid["files"], laid["linked"])
        for name in ("*holiday (1).jpg", "*small.jpg", "*twin-2.png"):
            (found,) = out.glob(f"*/{name}")
            found.unlink()
        gone = {library.photos / name for name in ("a/holiday (1).jpg", "b/small.jpg", "ab/twin-2.png")}
        assert "3 files of 2 groups to go" in library.ask("cull", "check", out)
        assert set(map(str, gone)) == set((out / "to_delete.txt").read_text().splitlines())
        [outcome] = library.json("cull", "apply", out)["outcomes"]
        assert (3, 0) == (outcome["done"], outcome["refused"])
        assert gone == {path for path in before if not path.exists()}
        assert "has been applied" in library.refusal("cull", "apply", out, code=4)
        assert 3 == library.json("undo", outcome["plans"][0])["done"]
        assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before}
        library.ask("sync")
        assert [COLOURS, HOLIDAY, TWINS] == sorted(library.groups(), key=max, reverse=True)


class TestPlans:
    """plan, apply, history, undo, restore and purge."""

    def test_a_plan_is_made_applied_and_taken_back(self, library: Library) -> None:
        """Step by step and by name; a dry run does nothing, and in the end every file is as it was."""
        before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in library.photos.rglob("*.*")}
        gone = {library.photos / name for name in ("a/holiday (1).jpg", "ab/twin-2.png")}
        keep = ("--keep", "name,path", "--kind", "identical")
        text = library.ask("plan", *keep)
        number = text.split()[1].removesuffix(":")
        assert f"Plan {number}: quarantine, 2 pictures, frees " in text
        assert text.endswith(f"simctl apply {number} --dry-run\n")
        assert 2 == library.json("apply", number, "--dry-run")["done"]
        assert all(path.exists() for path in before)

        decoded = library.daemon.decoded()
        assert 2 == library.json("apply", number)["done"]
        assert gone == {path for path in before if not path.exists()}
        library.ask("sync")
        assert decoded == library.daemon.decoded()
        assert "No duplicate groups." in library.ask("groups", "--kind", "identical")
        assert "is left to do" in library.refusal("apply", number, code=4)
        assert "No duplicates were found" in library.ask("plan", *keep, code=1)

        first, second = library.json("history", number)["steps"]
        assert {os.fspath(path) for path in gone} == {first["path"], second["path"]}
        assert all(Path(step["to"]).exists() for step in (first, second))
        assert "There is nothing to do." in library.ask("purge", "--older-than", "1d", "--yes")
        assert 1 == library.json("undo", first["id"])["done"]
        assert 1 == library.json("restore", second["to"])["done"]
        assert "2 undone" in library.ask("history")
        assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before}
        library.ask("sync")
        assert [TWINS] == library.groups("--kind", "identical")
