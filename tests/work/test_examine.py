"""What is known of a path before anything is read, on real files."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from simd.catalogue import Catalogue
from simd.core.model import RootState
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.index import HashIndex
from simd.runtime.broadcast import Broadcast
from simd.work.arrivals import Arrivals, Moved, Read, Recognised, Vanished
from simd.work.examine import Examiner, Findings, Place, ToRead, stamp_of
from simd.work.roots import Roots
from tests.work.samples import RECIPE, enrol, picture, signature, stamp

OTHER_DEVICE = 99
EXTENSIONS = frozenset({b".jpg"})


class Folder:
    """A watched folder, what examines it and what catalogues it."""

    def __init__(self, catalogue: Catalogue, *places: Path) -> None:
        self.catalogue = catalogue
        self.place = places[0]
        self.roots = Roots()
        self.skip = SkipRules(frozenset())
        for place in places:
            place.mkdir()
            self.roots.add(enrol(catalogue, os.fsencode(place)), RootState.WATCHING, network=False)
        self.arrivals = Arrivals(catalogue, HashIndex(), Broadcast(), RECIPE)
        self.examiner = self.with_recipe(RECIPE)

    def with_recipe(self, recipe: int) -> Examiner:
        """An examiner of that recipe."""
        return Examiner(self.catalogue, self.roots, self.skip, EXTENSIONS, recipe)

    def add(self, name: str) -> Path:
        """A file that is catalogued as an image."""
        path = self.place / name
        path.write_bytes(name.encode())
        content = signature(picture(0), hash(name), size=len(name))
        self.arrivals.write([Read(os.fsencode(path), present(path), content)])
        return path

    def examine(self, *paths: Path, forced: bool = False) -> Findings:
        """What the examiner says of these paths."""
        return self.examiner.examine([Place(os.fsencode(path), forced=forced) for path in paths])

    def image(self, path: Path) -> int | None:
        """The image that the catalogue knows at a path."""
        with self.catalogue.read() as snapshot:
            row = snapshot.file_at(os.fsencode(path))
        return None if row is None else row.image_id


def present(path: Path) -> Stamp:
    """The stamp of a file that is there."""
    stamp = stamp_of(os.fsencode(path))
    assert stamp is not None
    return stamp


def names(to_read: Sequence[ToRead]) -> list[str]:
    """The names of the files that must be read."""
    return [os.fsdecode(task.place.path).rpartition("/")[2] for task in to_read]


@pytest.fixture
def folder(catalogue: Catalogue, tmp_path: Path) -> Folder:
    """An empty watched folder."""
    return Folder(catalogue, tmp_path / "pictures")


def test_a_file_with_the_catalogued_stamp_costs_nothing(folder: Folder) -> None:
    """It is unchanged, and nothing is read or written."""
    path = folder.add("a.jpg")
    assert Findings(unchanged=[os.fsencode(path)]) == folder.examine(path)


def test_a_new_file_is_read(folder: Folder) -> None:
    """Nothing tells what it holds."""
    path = folder.place / "new.jpg"
    path.write_bytes(b"a length of its own")
    assert [ToRead(Place(os.fsencode(path)), present(path), frozenset())] == folder.examine(path).to_read


def test_a_file_that_was_just_seen_is_not_looked_at_again(folder: Folder) -> None:
    """What was seen is believed; whoever reads the file sees whether it still holds."""
    path = os.fsencode(folder.place / "gone.jpg")
    seen = Place(path, ahead=1, stamp=stamp(1))
    assert [ToRead(seen, stamp(1), frozenset())] == folder.examiner.examine([seen]).to_read


def test_a_file_of_a_known_length_is_read_with_the_digests_it_may_equal(folder: Folder) -> None:
    """So that a copy is not decoded."""
    folder.add("a.jpg")
    path = folder.place / "b.jpg"
    path.write_bytes(b"b.jpg")

    [task] = folder.examine(path).to_read

    assert {signature(picture(0), hash("a.jpg")).digest} == task.known


def test_a_moved_file_is_recognised(folder: Folder) -> None:
    """Its inode, size and time are known, and its old path is gone."""
    path = folder.add("a.jpg")
    image = folder.image(path)
    assert image is not None
    target = path.rename(folder.place / "b.jpg")

    expected = Moved(os.fsencode(path), os.fsencode(target), present(target), image)
    assert Findings(arrivals=[expected]) == folder.examine(target)
    assert expected == folder.examiner.moved(os.fsencode(path), os.fsencode(target))


def test_a_file_that_was_moved_and_linked_is_catalogued_under_both_names(folder: Folder) -> None:
    """Both are examined at once, before either is written."""
    path = folder.add("a.jpg")
    image = folder.image(path)
    target = path.rename(folder.place / "b.jpg")
    link = folder.place / "c.jpg"
    os.link(target, link)

    folder.arrivals.write(folder.examine(target, link).arrivals)

    assert (None, image, image) == (folder.image(path), folder.image(target), folder.image(link))


def test_a_hard_link_is_recognised(folder: Folder) -> None:
    """The other name still stands, so nothing moved."""
    path = folder.add("a.jpg")
    link = folder.place / "b.jpg"
    os.link(path, link)

    expected = Recognised(os.fsencode(link), present(link), folder.image(path) or 0)
    assert [expected] == folder.examine(link).arrivals


def test_a_changed_change_time_alone_is_read_again(folder: Folder) -> None:
    """The bytes may have been replaced under an old modification time: the digest decides."""
    path = folder.add("a.jpg")
    stamp = present(path)
    path.write_bytes(b"A.JPG")
    os.utime(path, ns=(stamp.mtime_ns, stamp.mtime_ns))

    findings = folder.examine(path)

    assert ["a.jpg"] == names(findings.to_read)
    assert ([], []) == (findings.arrivals, findings.unchanged)
    assert folder.examiner.moved(os.fsencode(path), os.fsencode(folder.place / "absent.jpg")) is None


def test_a_missing_row_comes_back_without_reading(folder: Folder) -> None:
    """The very file that was gone stands at its path again."""
    path = folder.add("a.jpg")
    image = folder.image(path)
    folder.arrivals.write([Vanished(os.fsencode(path))])

    assert [Recognised(os.fsencode(path), present(path), image or 0)] == folder.examine(path).arrivals


def test_a_missing_file_comes_back_under_another_name(folder: Folder) -> None:
    """It was noticed as gone before it was noticed elsewhere, as between two folders."""
    path = folder.add("a.jpg")
    image = folder.image(path)
    target = path.rename(folder.place / "b.jpg")
    folder.arrivals.write([Vanished(os.fsencode(path))])

    folder.arrivals.write(folder.examine(target).arrivals)

    assert (None, image) == (folder.image(path), folder.image(target))


def test_a_path_with_nothing_at_it_has_vanished(folder: Folder) -> None:
    """A link, a pipe and a folder count as nothing: they are no files of ours."""
    gone = folder.place / "gone.jpg"
    link, pipe, directory = (folder.place / name for name in ("link.jpg", "pipe.jpg", "folder.jpg"))
    link.symlink_to(folder.add("a.jpg"))
    os.mkfifo(pipe)
    directory.mkdir()

    expected = [Vanished(os.fsencode(path)) for path in (gone, link, pipe, directory)]
    assert expected == folder.examine(gone, link, pipe, directory).arrivals


def test_a_forced_file_is_read_and_decoded_whatever_is_known(folder: Folder) -> None:
    """No digest is offered as known."""
    path = folder.add("a.jpg")
    assert [ToRead(Place(os.fsencode(path), forced=True), present(path), frozenset())] == (
        folder.examine(path, forced=True).to_read
    )


def test_an_image_of_an_earlier_recipe_is_read_and_decoded_again(folder: Folder) -> None:
    """Neither its stamp, nor its inode, nor its digest excuses it."""
    path = folder.add("a.jpg")
    link = folder.place / "b.jpg"
    os.link(path, link)
    os.utime(path, ns=(present(path).mtime_ns, present(path).mtime_ns))
    folder.examiner = folder.with_recipe(RECIPE + 1)

    findings = folder.examine(path, link)

    assert [("a.jpg", frozenset()), ("b.jpg", frozenset())] == [
        (name, task.known) for name, task in zip(names(findings.to_read), findings.to_read, strict=True)
    ]
    assert folder.examiner.moved(os.fsencode(path), os.fsencode(link)) is None


def test_an_inode_of_another_filesystem_tells_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    """Numbers are unique within one filesystem only."""
    folder = Folder(catalogue, tmp_path / "one", tmp_path / "two")
    path = folder.add("a.jpg")
    link = tmp_path / "two" / "b.jpg"
    os.link(path, link)
    assert [folder.image(path)] == [
        arrival.image_id for arrival in folder.examine(link).arrivals if isinstance(arrival, Recognised)
    ]

    other = enrol(catalogue, os.fsencode(tmp_path / "two"))
    folder.roots.update(other.path, root=replace(other, device=OTHER_DEVICE))

    assert ["b.jpg"] == names(folder.examine(link).to_read)


def test_what_is_looked_at_no_longer_counts_as_gone(catalogue: Catalogue, tmp_path: Path) -> None:
    """A root that was let go, or a name that is skipped now, is not read because somebody saw it before."""
    folder = Folder(catalogue, tmp_path / "photos")
    path = folder.add("a.jpg")
    folder.skip.follow(("a.*",))
    assert [Vanished(os.fsencode(path))] == folder.examine(path).arrivals
    folder.skip.follow(())
    assert [] == folder.examine(path).arrivals
    folder.roots.remove(os.fsencode(folder.place))
    assert [Vanished(os.fsencode(path))] == folder.examine(path).arrivals
