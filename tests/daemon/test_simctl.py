"""Every command of simctl against one real daemon: what people read, what scripts read, and how it ends."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from simd.client.http import Client
from simd.core.errors import UnreadableImage
from simd.imaging import drawing
from tests.daemon.running import RunningDaemon, ending

METRICS_PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
ROTATED = Image.Transpose.ROTATE_90
CROP = (10, 7, 470, 353)


@dataclass(frozen=True)
class Library:
    """A daemon and the pictures around it.

    Attributes:
        photos: the watched folder.
        outside: a folder that is not watched.
    """

    daemon: RunningDaemon
    photos: Path
    outside: Path

    def ask(self, *words: str | Path, code: int = 0) -> str:
        """What a command prints for a person; it must end with ``code``."""
        done = self._run(*words)
        assert (code, b"") == (done.returncode, done.stderr if code in {0, 1} else b"")
        return done.stdout.decode()

    def json(self, *words: str | Path, code: int = 0, stdin: bytes = b"") -> dict[str, Any]:
        """The one JSON object that a command prints, and nothing else."""
        done = self._run("--json", *words, stdin=stdin)
        assert (code, b"") == (done.returncode, done.stderr)
        answer = json.loads(done.stdout)
        assert isinstance(answer, dict)
        return answer

    def refusal(self, *words: str | Path, code: int) -> str:
        """What a command says on standard error when it fails; nothing on standard output."""
        done = self._run(*words)
        assert (code, b"") == (done.returncode, done.stdout)
        return done.stderr.decode()

    def found(self, *words: str | Path, stdin: bytes = b"") -> list[str]:
        """The names of the matches of a query."""
        return self.names(self.json("query", *words, stdin=stdin)["matches"])

    def groups(self, *words: str | Path) -> list[set[str]]:
        """The names of the members of each group."""
        return [set(self.names(group["members"])) for group in self.json("groups", *words)["groups"]]

    def names(self, parts: list[dict[str, Any]]) -> list[str]:
        """Paths relative to the watched folder."""
        return [self.daemon.name(part["path"]) for part in parts]

    def _run(self, *words: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return self.daemon.simctl(*(str(word) for word in words), stdin=stdin)


def fill(photos: Path, outside: Path) -> None:
    """Three groups, one picture of its own, one that only transforms find, and a bad file."""
    holiday = drawing.landscape(1, 640, 480)
    drawing.save(holiday, photos / "a/holiday.jpg", quality=90)
    shutil.copyfile(photos / "a/holiday.jpg", photos / "a/holiday (1).jpg")
    drawing.save(drawing.resized(holiday, 0.5), photos / "b/small.jpg", quality=70)
    drawing.save(drawing.landscape(2, 320, 240), photos / "b/alone.jpg")
    drawing.save(drawing.landscape(3, 200, 150), photos / "ab/twin-1.png")
    shutil.copyfile(photos / "ab/twin-1.png", photos / "ab/twin-2.png")
    colours = drawing.landscape(4, 480, 360)
    drawing.save(colours, photos / "c/colours.png")
    drawing.save(Image.merge("RGB", colours.split()[::-1]), photos / "c/swapped.jpg", quality=90)
    drawing.save(colours.crop(CROP), photos / "c/cropped.jpg", quality=90)
    drawing.save(drawing.landscape(5, 320, 240), photos / "b/view.jpg", quality=90)
    (photos / "b/notes.jpg").write_text("Notes.\n")

    view = drawing.landscape(5, 320, 240)
    drawing.save(drawing.mirrored(view), outside / "mirrored.jpg", quality=80)
    drawing.save(view.transpose(ROTATED), outside / "rotated.jpg", quality=80)
    drawing.save(drawing.resized(holiday, 0.4), outside / "near.jpg", quality=80)
    shutil.copyfile(photos / "b/alone.jpg", outside / "same.jpg")
    drawing.save(drawing.landscape(99, 320, 240), outside / "new.jpg")
    (outside / "empty.jpg").touch()


HOLIDAY = {"a/holiday.jpg", "a/holiday (1).jpg", "b/small.jpg"}
TWINS = {"ab/twin-1.png", "ab/twin-2.png"}
COLOURS = {"c/colours.png", "c/swapped.jpg"}
CROPPED = {"c/colours.png", "c/swapped.jpg", "c/cropped.jpg"}


@pytest.fixture(scope="module")
def library(shared_place: Path) -> Iterator[Library]:
    """The library, catalogued."""
    daemon = RunningDaemon(shared_place / "simd", shared_place / "photos")
    outside = shared_place / "outside"
    fill(daemon.roots[0], outside)
    with ending(daemon):
        daemon.start()
        daemon.sync()
        yield Library(daemon, daemon.roots[0], outside)


class TestQuery:
    """query: near-duplicates of any file."""

    def test_a_catalogued_file(self, library: Library) -> None:
        """Copies first, then what is near; the file itself is not among them."""
        assert ["a/holiday (1).jpg", "b/small.jpg"] == library.found(library.photos / "a/holiday.jpg")
        text = library.ask("query", library.photos / "a/holiday.jpg")
        assert "640x480 JPEG" in text
        assert "2 matches within distance 10 (default)" in text

    def test_a_file_that_is_not_catalogued(self, library: Library) -> None:
        """It is read on the spot, and not added."""
        answer = library.json("query", library.outside / "near.jpg")
        assert HOLIDAY == set(library.names(answer["matches"]))
        assert answer["query"]["id"] is None
        assert [] == library.found(library.outside / "new.jpg")

    def test_standard_input(self, library: Library) -> None:
        """The bytes are sent instead of a path."""
        assert HOLIDAY == set(library.found("-", stdin=(library.outside / "near.jpg").read_bytes()))
        known = library.found("-", stdin=(library.outside / "same.jpg").read_bytes())
        assert ["b/alone.jpg"] == known

    @pytest.mark.parametrize(
        ("name", "transform"), [("mirrored.jpg", "mirror"), ("rotated.jpg", "rotate")], ids=str
    )
    def test_transforms(self, library: Library, name: str, transform: str) -> None:
        """A mirrored and a rotated picture are found when they are asked for, and named."""
        assert [] == library.found(library.outside / name)
        answer = library.json("query", "--transforms", library.outside / name)
        assert ["b/view.jpg"] == library.names(answer["matches"])
        assert answer["matches"][0]["transform"].startswith(transform)
        assert transform in library.ask("query", "--transforms", library.outside / name)

    def test_top_and_radius(self, library: Library) -> None:
        """The nearest only, and no farther than asked."""
        subject = library.outside / "near.jpg"
        nearest = library.json("query", "--top", "1", subject)
        assert 1 == len(nearest["matches"])
        within = library.json("query", "--radius", "3", "--preset", "loose", library.photos / "c/colours.png")
        assert (3, {"c/cropped.jpg"}) == (within["radius"], set(library.names(within["matches"])))

    def test_presets(self, library: Library) -> None:
        """Strict asks for the colours, loose takes a cropped picture too."""
        subject = library.photos / "c/colours.png"
        found = {preset: set(library.found("--preset", preset, subject)) for preset in ("strict", "loose")}
        assert {"strict": set(), "loose": CROPPED - {"c/colours.png"}} == found
        assert {"c/swapped.jpg"} == set(library.found(subject))
        assert "recoloured" in library.ask("query", subject)

    def test_several_files_go_on_after_a_bad_one(self, library: Library) -> None:
        """The exit code is that of the worst."""
        answer = library.json("query", library.outside / "empty.jpg", library.outside / "near.jpg", code=4)
        bad, good = answer["results"]
        assert ("unreadable-image", 3) == (bad["error"]["code"], len(good["matches"]))

    def test_refusals(self, library: Library) -> None:
        """A bad file and an absent one are refused with a reason; a wrong option is wrong usage."""
        assert "It is empty." in library.refusal("query", library.outside / "empty.jpg", code=4)
        assert "nothing stands at this path" in library.refusal("query", library.outside / "absent", code=4)
        assert "from 0 to 16" in library.refusal(
            "query", "--radius", "17", library.outside / "new.jpg", code=4
        )
        assert "invalid choice" in library.refusal("query", "--preset", "vague", "x", code=2)

    def test_bare_paths(self, library: Library) -> None:
        """For xargs -0."""
        paths = library.ask("query", "-0", library.photos / "ab/twin-1.png").split("\0")
        assert [os.fspath(library.photos / "ab/twin-2.png"), ""] == paths


class TestHave:
    """have: is it there already?"""

    def test_the_verdicts(self, library: Library) -> None:
        """One line each; the exit code is 1 as soon as one is new."""
        same, near, new = (library.outside / name for name in ("same.jpg", "near.jpg", "new.jpg"))
        assert 2 == len(library.ask("have", same, near).splitlines())
        lines = library.ask("have", same, near, new, code=1).splitlines()
        assert ["identical", "near", "no"] == [line.split()[0] for line in lines]
        assert f"at {library.photos / 'b/alone.jpg'}" in lines[0]
        answer = library.json("have", same, near, new, code=1)
        assert ["identical", "near", "no"] == [entry["verdict"] for entry in answer["files"]]

    def test_a_bad_file(self, library: Library) -> None:
        """Neither yes nor no."""
        assert "It is empty." in library.refusal("have", library.outside / "empty.jpg", code=4)

    def test_a_preset(self, library: Library, tmp_path: Path) -> None:
        """What counts as near is up to whoever asks."""
        cropped = tmp_path / "cropped.jpg"
        with Image.open(library.photos / "c/colours.png") as picture:
            drawing.save(picture.crop(CROP), cropped, quality=80)
        (library.photos / "c/cropped.jpg").rename(tmp_path / "aside.jpg")
        library.ask("sync")
        assert library.ask("have", "--preset", "loose", cropped).startswith("near")
        assert library.ask("have", "--preset", "strict", cropped, code=1).startswith("no")
        (tmp_path / "aside.jpg").rename(library.photos / "c/cropped.jpg")
        library.ask("sync")


class TestGroups:
    """groups: duplicate groups."""

    def test_all_of_them(self, library: Library) -> None:
        """For people with a sum, for scripts with the same in numbers."""
        answer = library.json("groups")
        assert sorted(map(sorted, [HOLIDAY, TWINS, COLOURS])) == sorted(map(sorted, library.groups()))
        assert (3, 7) == (answer["totals"]["groups"], answer["totals"]["files"])
        text = library.ask("groups")
        assert "3 groups, 7 files, 5 images" in text
        assert text.count("keep ") == 3

    def test_the_keeper_comes_first(self, library: Library) -> None:
        """With more pixels, then lossless."""
        keepers = {library.names(group["members"])[0] for group in library.json("groups")["groups"]}
        assert "c/colours.png" in keepers
        assert "b/small.jpg" not in keepers

    def test_kinds_and_folders(self, library: Library) -> None:
        """A folder does not mean one whose name begins alike."""
        assert [TWINS] == library.groups("--kind", "identical")
        assert [TWINS] == library.groups("--under", library.photos / "ab")
        assert [HOLIDAY] == library.groups("--under", library.photos / "a")
        assert "No duplicate groups." in library.ask("groups", "--under", library.outside)

    def test_presets_and_groupings(self, library: Library) -> None:
        """Loose pairs the cropped picture with its original; strict asks for the colours."""
        for grouping in ("star", "complete", "transitive"):
            assert CROPPED in library.groups("--preset", "loose", "--grouping", grouping)
        assert [set(HOLIDAY), set(TWINS)] == sorted(library.groups("--preset", "strict"), key=min)
        assert "invalid choice" in library.refusal("groups", "--grouping", "vague", code=2)

    def test_pages(self, library: Library) -> None:
        """Each group once; a person is told how to go on."""
        pages: list[list[set[str]]] = []
        cursor: tuple[str, ...] = ()
        while True:
            answer = library.json("groups", "--limit", "1", *cursor)
            pages.append([set(library.names(group["members"])) for group in answer["groups"]])
            if answer["next_cursor"] is None:
                break
            cursor = ("--cursor", answer["next_cursor"])
        assert [[group] for group in library.groups()] == pages
        assert "The next page: simctl groups --cursor" in library.ask("groups", "--limit", "1")
        assert library.groups() == library.groups("--limit", "1", "--all")
        assert "no page at cursor" in library.refusal("groups", "--cursor", "nonsense", code=4)

    def test_bare_paths(self, library: Library) -> None:
        """The keeper first."""
        *paths, end = library.ask("groups", "-0", "--kind", "identical").split("\0")
        keeper = library.json("groups", "--kind", "identical")["groups"][0]["path"]
        assert (keeper, "") == (paths[0], end)
        assert {os.fspath(library.photos / name) for name in TWINS} == set(paths)


class TestPictures:
    """show and compare."""

    def test_show(self, library: Library) -> None:
        """By path and by number; what is not catalogued is not found."""
        path = library.photos / "a/holiday.jpg"
        answer = library.json("show", path)
        assert {"a/holiday.jpg", "a/holiday (1).jpg"} == set(library.names(answer["files"]))
        assert ["b/small.jpg"] == library.names(answer["pairs"])
        assert answer == library.json("show", str(answer["id"]))
        assert answer["digest"] in library.ask("show", path)
        assert "not in the catalogue" in library.refusal("show", library.outside / "new.jpg", code=4)
        assert "no image 99999" in library.refusal("show", "99999", code=4)
        assert "could not be read" in library.refusal("show", library.photos / "b/notes.jpg", code=4)

    @pytest.mark.parametrize(
        ("a", "b", "verdict"),
        [
            ("photos/a/holiday.jpg", "photos/a/holiday (1).jpg", "identical"),
            ("photos/a/holiday.jpg", "outside/near.jpg", "near"),
            ("photos/a/holiday.jpg", "outside/new.jpg", "different"),
            ("photos/c/colours.png", "photos/c/swapped.jpg", "near"),
        ],
    )
    def test_compare(self, library: Library, a: str, b: str, verdict: str) -> None:
        """Every measure, the judgement with its reason, and doubt where the pixels say otherwise."""
        one, other = library.photos.parent / a, library.photos.parent / b
        answer = library.json("compare", one, other)
        assert verdict == answer["verdict"]
        assert {"distance", "correlation", "ssim", "mean_difference"} <= {
            name for name, value in answer["measures"].items() if value is not None
        }
        text = library.ask("compare", one, other)
        assert verdict in text.lower()
        assert answer["reason"] in text
        same = "swapped" not in b and "new" not in b
        assert (same, "swapped" in b) == (answer["judgement"] == "same", answer["doubtful"])
        assert f"closer look: {answer['words']}" in text
        assert answer["doubtful"] is ("doubtful" in text)

    def test_what_a_closer_look_found_is_shown_in_groups(self, library: Library) -> None:
        """The pixels of a pair were compared, and its group says from then on that it is doubtful."""
        pair = library.photos / "c/colours.png", library.photos / "c/swapped.jpg"
        words = library.json("compare", *pair)["words"]
        members = [member for group in library.json("groups")["groups"] for member in group["members"]]
        assert [words] == [member["words"] for member in members if member["doubtful"]]
        assert f"doubtful: {words}" in library.ask("groups")

    def test_compare_refuses_a_bad_file(self, library: Library) -> None:
        """With the reason."""
        line = ("compare", library.photos / "a/holiday.jpg", library.outside / "empty.jpg")
        assert "It is empty." in library.refusal(*line, code=4)


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
