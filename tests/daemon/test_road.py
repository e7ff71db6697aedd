"""The road of one image: what happens on disk is what simd answers."""

import os
import shutil
from pathlib import Path

import pytest

from simd.demonstration import draw_library
from simd.imaging import drawing
from tests.daemon.running import RunningDaemon


def draw(path: Path, seed: int, *, side: int = 320, quality: int = 90) -> Path:
    """A small drawn picture at ``path``."""
    drawing.save(drawing.landscape(seed, side, side * 3 // 4), path, quality=quality)
    return path


def shrink(source: Path, target: Path) -> Path:
    """A near-duplicate of a picture: half the size, recompressed."""
    with drawing.opened(source) as picture:
        drawing.save(drawing.resized(picture, 0.5), target, quality=70)
    return target


def test_the_demonstration_library_falls_into_the_groups_that_it_was_drawn_for(
    place: Path, daemons: object
) -> None:
    """Every drawn duplicate is grouped with its original, and nothing else is."""
    library = draw_library(place / "photos")
    daemon = daemons(RunningDaemon(place / "simd", place / "photos"))  # type: ignore[operator]
    daemon.sync()

    expected = sorted(sorted(names) for names in library.groups)
    assert expected == sorted(sorted(names) for names in daemon.groups())


class TestFollowing:
    """Groups follow the files."""

    def test_a_copy_makes_an_identical_group_and_decodes_nothing(self, daemon: RunningDaemon) -> None:
        """Equal bytes are recognised by their digest."""
        photos = daemon.roots[0]
        original = draw(photos / "a.jpg", 1)
        daemon.sync()
        decoded = daemon.decoded()

        shutil.copyfile(original, photos / "b.jpg")
        daemon.sync()

        assert [{"a.jpg", "b.jpg"}] == daemon.groups(kind="identical")
        assert decoded == daemon.decoded()

    def test_a_smaller_version_is_found_near(self, daemon: RunningDaemon) -> None:
        """A resized and recompressed picture joins the group of its original, who is kept."""
        photos = daemon.roots[0]
        shrink(draw(photos / "large.jpg", 1), photos / "small.jpg")
        daemon.sync()

        answer = daemon.client.get("/v1/groups", {"kind": "near"})

        assert ["large.jpg", "small.jpg"] == [daemon.name(m["path"]) for m in answer["groups"][0]["members"]]

    def test_a_rename_keeps_the_image_and_decodes_nothing(self, daemon: RunningDaemon) -> None:
        """The id stays, the path follows."""
        photos = daemon.roots[0]
        original = draw(photos / "a.jpg", 1)
        daemon.sync()
        before, decoded = daemon.image(original)["id"], daemon.decoded()

        original.rename(photos / "renamed.jpg")
        daemon.sync()

        image = daemon.image(photos / "renamed.jpg")
        assert before == image["id"]
        assert ["renamed.jpg"] == [daemon.name(file["path"]) for file in image["files"]]
        assert decoded == daemon.decoded()

    def test_a_folder_can_be_renamed(self, daemon: RunningDaemon) -> None:
        """All its files follow at once, with their ids, and nothing is decoded."""
        photos = daemon.roots[0]
        for seed in range(3):
            draw(photos / "old" / "deep" / f"{seed}.jpg", seed)
        daemon.sync()
        ids = [daemon.image(photos / "old" / "deep" / f"{seed}.jpg")["id"] for seed in range(3)]
        decoded = daemon.decoded()

        (photos / "old").rename(photos / "new")
        daemon.sync()

        assert ids == [daemon.image(photos / "new" / "deep" / f"{seed}.jpg")["id"] for seed in range(3)]
        assert decoded == daemon.decoded()

    def test_overwriting_a_file_changes_its_image(self, daemon: RunningDaemon) -> None:
        """The path then stands for the new content, and the old duplicate stands alone."""
        photos = daemon.roots[0]
        shutil.copyfile(draw(photos / "a.jpg", 1), photos / "b.jpg")
        daemon.sync()
        before = daemon.image(photos / "a.jpg")["id"]

        draw(photos / "a.jpg", 2)
        daemon.sync()

        assert before != daemon.image(photos / "a.jpg")["id"]
        assert [] == daemon.groups()

    def test_a_deleted_file_leaves_its_group_and_comes_back_without_decoding(
        self, daemon: RunningDaemon, place: Path
    ) -> None:
        """Missing is not forgotten."""
        photos = daemon.roots[0]
        shutil.copyfile(draw(photos / "a.jpg", 1), photos / "b.jpg")
        daemon.sync()
        decoded = daemon.decoded()

        (photos / "b.jpg").rename(place / "aside.jpg")
        daemon.sync()
        assert [] == daemon.groups()

        (place / "aside.jpg").rename(photos / "b.jpg")
        daemon.sync()
        assert [{"a.jpg", "b.jpg"}] == daemon.groups()
        assert decoded == daemon.decoded()

    def test_a_hard_link_is_a_duplicate_that_frees_nothing(self, daemon: RunningDaemon) -> None:
        """Two names of one inode are shown, and no bytes are promised."""
        photos = daemon.roots[0]
        os.link(draw(photos / "a.jpg", 1), photos / "b.jpg")
        daemon.sync()

        group = daemon.client.get("/v1/groups")["groups"][0]

        assert 0 == group["reclaimable_bytes"]
        assert "hard link" in group["members"][1]["reason"]

    def test_a_name_that_is_not_utf8_is_served_with_its_bytes(self, daemon: RunningDaemon) -> None:
        """Such a file is catalogued like any other, and its bytes travel in Base64."""
        photos = daemon.roots[0]
        name = os.fsencode(photos) + b"/\xff\xfe.jpg"
        shutil.copyfile(draw(photos / "a.jpg", 1), name)
        daemon.sync()

        members = daemon.client.get("/v1/groups")["groups"][0]["members"]

        assert any(member.get("path_b64") for member in members)


class TestRestart:
    """A stopped daemon catches up."""

    def test_what_happened_in_the_meantime_is_found_without_reading_the_rest(
        self, place: Path, daemons: object
    ) -> None:
        """After a restart only the new file is decoded; a move while down keeps the id."""
        daemon = daemons(RunningDaemon(place / "simd", place / "photos"))  # type: ignore[operator]
        photos = daemon.roots[0]
        for seed in range(3):
            draw(photos / f"{seed}.jpg", seed)
        daemon.sync()
        moved_id = daemon.image(photos / "0.jpg")["id"]
        assert 0 == daemon.stop()

        (photos / "0.jpg").rename(photos / "moved.jpg")
        draw(photos / "new.jpg", 7)
        daemon.start()
        daemon.sync()

        assert moved_id == daemon.image(photos / "moved.jpg")["id"]
        assert 1 == daemon.decoded()
        assert 4 == daemon.status()["files"]["present"]

    def test_a_power_cut_in_the_middle_of_a_first_scan_loses_and_doubles_nothing(
        self, place: Path, daemons: object
    ) -> None:
        """What was committed before the cut is not read again, and the rest is completed."""
        daemon = RunningDaemon(place / "simd", place / "photos", workers=1)
        photos = daemon.roots[0]
        for seed in range(40):
            draw(photos / f"{seed}.jpg", seed, side=640)
        daemons(daemon)  # type: ignore[operator]
        while not 0 < (before := daemon.status()["images"]) < 40:
            assert before < 40, "the scan was over before it could be cut"
        daemon.kill()

        daemon.start()
        daemon.sync()

        status = daemon.status()
        assert (40, 40) == (status["files"]["present"], status["images"])
        assert daemon.decoded() <= 40 - before


class TestRoots:
    """A root that goes away is offline, not emptied."""

    def test_a_root_that_vanishes_keeps_its_files_and_comes_back_without_decoding(
        self, daemon: RunningDaemon, place: Path
    ) -> None:
        """Its files are offline in between."""
        photos = daemon.roots[0]
        for seed in range(3):
            draw(photos / f"{seed}.jpg", seed)
        daemon.sync()
        decoded = daemon.decoded()

        photos.rename(place / "elsewhere")
        daemon.client.post("/v1/scan", {"paths": None, "rehash": False})
        daemon.sync()
        status = daemon.status()
        assert ("offline", 3) == (status["roots"][0]["state"], status["files"]["offline"])

        (place / "elsewhere").rename(photos)
        daemon.client.post("/v1/scan", {"paths": None, "rehash": False})
        daemon.sync()
        status = daemon.status()
        assert ("watching", 3) == (status["roots"][0]["state"], status["files"]["present"])
        assert decoded == daemon.decoded()


@pytest.mark.parametrize("name", [".hidden.jpg", "picture.jpg.part", "@eaDir/thumb.jpg", ".trash/old.jpg"])
def test_what_is_temporary_hidden_or_thrown_away_is_not_catalogued(daemon: RunningDaemon, name: str) -> None:
    """Such names are skipped by events and sweeps alike."""
    draw(daemon.roots[0] / "kept.jpg", 1)
    (daemon.roots[0] / name).parent.mkdir(exist_ok=True)
    shutil.copyfile(daemon.roots[0] / "kept.jpg", daemon.roots[0] / name)
    daemon.client.post("/v1/scan", {"paths": None, "rehash": False})
    daemon.sync()

    assert 1 == daemon.status()["files"]["present"]
