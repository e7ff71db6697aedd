"""The road of one image: what happens on disk is what simd answers."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simd.demonstration import draw_library
from simd.imaging import drawing
from tests.daemon.running import RunningDaemon, ending

Daemons = Callable[[RunningDaemon], RunningDaemon]


def draw(path: Path, seed: int) -> Path:
    """A small drawn picture at ``path``, another one for every seed."""
    drawing.save(drawing.landscape(seed, 320, 240), path, quality=90)
    return path


def shrink(source: Path, target: Path) -> Path:
    """A near-duplicate of a picture: half the size, recompressed."""
    with drawing.opened(source) as picture:
        drawing.save(drawing.resized(picture, 0.5), target, quality=70)
    return target


@dataclass(frozen=True)
class Album:
    """A folder that one test has for itself, in a root of a daemon that the tests share."""

    daemon: RunningDaemon
    folder: Path

    def groups(self, **params: object) -> list[dict[str, Any]]:
        """The groups with a file in this folder."""
        answer = self.daemon.client.get("/v1/groups", {"under": os.fspath(self.folder), **params})
        return list(answer["groups"])

    def names(self, **params: object) -> list[list[str]]:
        """The names, relative to this folder, that belong together."""
        return [
            [os.path.relpath(member["path"], self.folder) for member in group["members"]]
            for group in self.groups(**params)
        ]

    def draw(self, name: str, seed: int) -> Path:
        """A picture in this folder."""
        return draw(self.folder / name, seed)


@pytest.fixture(scope="module")
def resident(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon with two roots."""
    daemon = RunningDaemon(shared_place / "simd", shared_place / "photos", shared_place / "disk")
    with ending(daemon):
        yield daemon.start()


@pytest.fixture
def album(resident: RunningDaemon, request: pytest.FixtureRequest) -> Album:
    """An empty folder in the first root."""
    folder = resident.roots[0] / request.function.__name__
    folder.mkdir(exist_ok=True)
    return Album(resident, folder)


def test_the_demonstration_library_falls_into_the_groups_that_it_was_drawn_for(album: Album) -> None:
    """Every drawn duplicate is grouped with its original, and nothing else is; keepers come first."""
    library = draw_library(album.folder)
    album.daemon.sync()

    assert sorted(sorted(names) for names in library.groups) == sorted(sorted(n) for n in album.names())
    assert {names[0] for names in library.groups} == {names[0] for names in album.names()}
    unreadable = {os.path.relpath(album.daemon.roots[0] / p, album.folder) for p in album.daemon.problems()}
    assert set(library.unreadable) == unreadable


class TestFollowing:
    """Groups follow the files."""

    def test_a_copy_makes_an_identical_group_and_decodes_nothing(self, album: Album) -> None:
        """Equal bytes are recognised by their digest."""
        original = album.draw("a.jpg", 101)
        album.daemon.sync()
        decoded = album.daemon.decoded()

        shutil.copyfile(original, album.folder / "b.jpg")
        album.daemon.sync()

        assert [["a.jpg", "b.jpg"]] == album.names(kind="identical")
        assert decoded == album.daemon.decoded()

    def test_a_smaller_version_is_found_near(self, album: Album) -> None:
        """A resized and recompressed picture joins the group of its original, who is kept."""
        shrink(album.draw("large.jpg", 102), album.folder / "small.jpg")
        album.daemon.sync()

        assert [["large.jpg", "small.jpg"]] == album.names(kind="near")

    def test_a_rename_keeps_the_image_and_decodes_nothing(self, album: Album) -> None:
        """The id stays, the path follows."""
        original = album.draw("a.jpg", 103)
        album.daemon.sync()
        before, decoded = album.daemon.image(original)["id"], album.daemon.decoded()

        renamed = original.rename(album.folder / "renamed.jpg")
        album.daemon.sync()

        image = album.daemon.image(renamed)
        assert (before, [os.fspath(renamed)]) == (image["id"], [file["path"] for file in image["files"]])
        assert decoded == album.daemon.decoded()

    def test_a_folder_can_be_renamed(self, album: Album) -> None:
        """All its files follow at once, with their ids, and nothing is decoded."""
        names = [f"deep/{seed}.jpg" for seed in range(104, 107)]
        for seed, name in enumerate(names, start=104):
            album.draw(f"old/{name}", seed)
        album.daemon.sync()
        ids = [album.daemon.image(album.folder / "old" / name)["id"] for name in names]
        decoded = album.daemon.decoded()

        (album.folder / "old").rename(album.folder / "new")
        album.daemon.sync()

        assert ids == [album.daemon.image(album.folder / "new" / name)["id"] for name in names]
        assert decoded == album.daemon.decoded()

    def test_overwriting_a_file_changes_its_image(self, album: Album) -> None:
        """The path then stands for the new content, and the old duplicate stands alone."""
        original = album.draw("a.jpg", 107)
        shutil.copyfile(original, album.folder / "b.jpg")
        album.daemon.sync()
        before = album.daemon.image(original)["id"]
        assert [["a.jpg", "b.jpg"]] == album.names()

        album.draw("a.jpg", 108)
        album.daemon.sync()

        assert before != album.daemon.image(original)["id"]
        assert [] == album.names()

    def test_a_deleted_file_leaves_its_group_and_comes_back_without_decoding(
        self, album: Album, place: Path
    ) -> None:
        """Missing is not forgotten."""
        copy = album.folder / "b.jpg"
        shutil.copyfile(album.draw("a.jpg", 109), copy)
        album.daemon.sync()
        decoded = album.daemon.decoded()

        copy.rename(place / "aside.jpg")
        album.daemon.sync()
        assert [] == album.names()

        (place / "aside.jpg").rename(copy)
        album.daemon.sync()
        assert [["a.jpg", "b.jpg"]] == album.names()
        assert decoded == album.daemon.decoded()

    def test_a_hard_link_is_a_duplicate_that_frees_nothing(self, album: Album) -> None:
        """Two names of one inode are shown, and no bytes are promised."""
        os.link(album.draw("a.jpg", 110), album.folder / "b.jpg")
        album.daemon.sync()

        [group] = album.groups()

        assert 0 == group["reclaimable_bytes"]
        assert "hard link" in group["members"][1]["reason"]

    def test_a_name_that_is_not_utf8_is_served_with_its_bytes(self, album: Album) -> None:
        """Such a file is catalogued like any other, and its bytes travel in Base64."""
        name = os.fsencode(album.folder) + b"/\xff\xfe.jpg"
        shutil.copyfile(album.draw("a.jpg", 111), name)
        album.daemon.sync()

        [group] = album.groups()

        assert 1 == sum(bool(member.get("path_b64")) for member in group["members"])

    @pytest.mark.parametrize(
        "name", [".hidden.jpg", "picture.jpg.part", "@eaDir/thumb.jpg", ".trash/old.jpg"]
    )
    def test_what_is_temporary_hidden_or_thrown_away_is_not_catalogued(self, album: Album, name: str) -> None:
        """Such names are skipped by events and sweeps alike."""
        present = album.daemon.status()["files"]["present"]
        kept = album.draw(f"kept{name[:2]}.jpg", 112)
        (album.folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(kept, album.folder / name)
        album.daemon.sync()
        album.daemon.scan()

        assert present + 1 == album.daemon.status()["files"]["present"]


def test_a_root_that_vanishes_keeps_its_files_and_comes_back_without_decoding(
    resident: RunningDaemon,
) -> None:
    """Its files are offline in between, and the other root stays as it is."""
    disk = resident.roots[1]
    for seed in range(120, 123):
        draw(disk / f"{seed}.jpg", seed)
    resident.sync()
    decoded, missing = resident.decoded(), resident.status()["files"]["missing"]

    elsewhere = disk.rename(disk.with_name("elsewhere"))
    resident.scan()
    status = resident.status()
    assert ["watching", "offline"] == [root["state"] for root in status["roots"]]
    assert (3, missing) == (status["files"]["offline"], status["files"]["missing"])

    elsewhere.rename(disk)
    resident.scan()
    status = resident.status()
    assert ["watching", "watching"] == [root["state"] for root in status["roots"]]
    assert (0, missing) == (status["files"]["offline"], status["files"]["missing"])
    assert decoded == resident.decoded()


class TestRestart:
    """A stopped daemon catches up."""

    def test_what_happened_in_the_meantime_is_found_without_reading_the_rest(
        self, place: Path, daemons: Daemons
    ) -> None:
        """After a restart only the new file is decoded; a move, and a link to what moved, keep the id."""
        daemon = daemons(RunningDaemon(place / "simd", place / "photos"))
        photos = daemon.roots[0]
        for seed in range(3):
            draw(photos / f"{seed}.jpg", seed)
        daemon.sync()
        moved_id = daemon.image(photos / "0.jpg")["id"]
        assert 0 == daemon.stop()

        (photos / "0.jpg").rename(photos / "moved.jpg")
        os.link(photos / "moved.jpg", photos / "linked.jpg")
        draw(photos / "new.jpg", 7)
        daemon.start()
        daemon.sync()

        assert {moved_id} == {daemon.image(photos / name)["id"] for name in ("moved.jpg", "linked.jpg")}
        assert 1 == daemon.decoded()
        assert 5 == daemon.status()["files"]["present"]
