"""What simctl answers about pictures, from a real daemon: for people, for scripts, and how it ends."""

import os
from pathlib import Path

import pytest
from PIL import Image

from simd.imaging import drawing
from tests.daemon.library import COLOURS, CROP, CROPPED, HOLIDAY, TWINS, Library


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
