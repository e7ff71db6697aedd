"""What a person puts under protection: what is there, in watched folders, and groups know it at once."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from simd.catalogue import Catalogue, Decisions, ProtectedTable
from simd.core.answers import ProtectedPath
from simd.core.errors import BadRequest, NotFound
from simd.core.questions import GroupOptions
from simd.runtime.broadcast import Broadcast
from simd.work.groups import Groups
from simd.work.keeporders import KeepOrders
from simd.work.protecting import Protecting
from tests.fakes import FakeClock
from tests.work.samples import enrol, fill, picture, signature, stamp

Start = Callable[..., Protecting]


@pytest.fixture
def root(tmp_path: Path, catalogue: Catalogue) -> bytes:
    """A watched folder with two copies of one image, one of them in ``kept``, and a file by itself."""
    folder = tmp_path / "watched"
    (folder / "kept").mkdir(parents=True)
    root = os.fsencode(folder)
    paths = [root + name for name in (b"/a.jpg", b"/kept/longer.jpg", b"/caf\xe9.jpg")]
    for path in paths:
        Path(os.fsdecode(path)).touch()
    enrol(catalogue, root)
    images = [(number, signature(picture(number), number)) for number in (1, 2)]
    fill(catalogue, images, [(path, stamp(place), 1 + place // 2) for place, path in enumerate(paths)])
    return root


@pytest.fixture
def start(tmp_path: Path, catalogue: Catalogue, clock: FakeClock, root: bytes) -> Start:
    """Starts protection anew, from what was decided so far."""
    folder = tmp_path / "decisions"
    folder.mkdir()

    def started(*configured: bytes) -> Protecting:
        table = ProtectedTable(Decisions(folder, clock))
        return Protecting(table, catalogue, lambda: [root], clock, Broadcast(), configured)

    return started


def shown(paths: Sequence[ProtectedPath]) -> list[tuple[str, int]]:
    """The names of paths, and how many files they cover."""
    return [(each.path.rpartition("/")[2], each.files) for each in paths]


def test_protection_is_remembered(start: Start, root: bytes) -> None:
    """A folder with all its files, a file by its bytes; saying it again changes nothing."""
    first = start().protect([root + b"/kept", root + b"/caf\xe9.jpg", root + b"/kept/"])
    again = start().protect([root + b"/kept"])
    listed = start().all().protected
    assert [("kept", 1), ("caf\\xe9.jpg", 1)] == shown(first.changed)
    assert ([], [("kept", 1)]) == (shown(again.changed), shown(again.unchanged))
    assert [("caf\\xe9.jpg", 1), ("kept", 1)] == shown(listed)
    assert all(each.since is not None for each in listed)
    assert start().protection.covers(root + b"/kept/new.jpg")


def test_a_link_protects_what_it_leads_to(start: Start, root: bytes, tmp_path: Path) -> None:
    """The catalogue knows files by the folders that they lie in; it may be named to take it back, too."""
    link = os.fsencode(tmp_path / "link")
    Path(os.fsdecode(link)).symlink_to(os.fsdecode(root + b"/kept"))
    protecting = start()
    protecting.protect([link])
    assert frozenset({root + b"/kept"}) == protecting.protection.paths
    protecting.unprotect([link])
    assert not protecting.protection


def test_what_cannot_be_protected_is_refused_together(start: Start, root: bytes, tmp_path: Path) -> None:
    """Nothing of the request is done; the answer says which path it is, and what to do."""
    protecting = start()
    with pytest.raises(NotFound, match=r"There is nothing at .*/gone") as gone:
        protecting.protect([root + b"/kept", root + b"/gone"])
    with pytest.raises(BadRequest, match="lies in no watched folder") as outside:
        protecting.protect([root + b"/kept", os.fsencode(tmp_path)])
    with pytest.raises(BadRequest, match="No path is named"):
        protecting.protect([])
    assert "mounted" in (gone.value.hint or "")
    assert os.fsdecode(root) in (outside.value.hint or "")
    assert not protecting.protection


def test_only_what_was_protected_by_itself_is_taken_back(start: Start, root: bytes) -> None:
    """Another path is told what protects it, if anything does; nothing of the request is done."""
    protecting = start(root + b"/caf\xe9.jpg")
    protecting.protect([root + b"/kept"])
    for path, words, hint in (
        (b"/a.jpg", "is not protected", "simctl protect"),
        (b"/kept/longer.jpg", "by the folder .*/kept around it", "simctl unprotect "),
        (b"/caf\xe9.jpg", "by the settings", "keep.protected"),
    ):
        with pytest.raises(BadRequest, match=words) as refused:
            protecting.unprotect([root + b"/kept", root + path])
        assert hint in (refused.value.hint or "")
    assert protecting.protection.covers(root + b"/kept")


def test_a_path_that_is_gone_can_be_taken_back(start: Start, root: bytes) -> None:
    """Also twice in one request."""
    protecting = start()
    protecting.protect([root + b"/a.jpg"])
    Path(os.fsdecode(root + b"/a.jpg")).unlink()
    gone = protecting.unprotect([root + b"/a.jpg", root + b"/a.jpg"])
    assert ["a.jpg"] == [name for name, _ in shown(gone.changed)]
    assert not start().protection


def test_groups_and_their_sums_follow(start: Start, catalogue: Catalogue, root: bytes) -> None:
    """At once, in a new generation: the protected copy becomes the one to keep, and back."""
    protecting = start()
    order_for = KeepOrders((), (), lambda: protecting.protection).order_for
    groups = Groups(catalogue, "default", order_for=order_for)

    def answer() -> tuple[str, bool, int]:
        page = groups.page(GroupOptions())
        [group] = page.groups
        return group.path.rpartition("/")[2], group.clearable, page.generation

    before = answer()
    protecting.protect([root + b"/kept"])
    kept = answer()
    protecting.protect([root])
    nothing_left = answer()
    protecting.unprotect([root, root + b"/kept"])
    after = answer()
    assert [("a.jpg", True), ("longer.jpg", True), ("a.jpg", False), ("a.jpg", True)] == [
        said[:2] for said in (before, kept, nothing_left, after)
    ]
    assert before[2] < kept[2] < nothing_left[2] < after[2]


def test_the_settings_protect_beside_the_person(start: Start, root: bytes) -> None:
    """Other settings take their own protection back, and no other."""
    protecting = start(root + b"/kept")
    protecting.protect([root + b"/a.jpg"])
    found = {each.path.rpartition("/")[2]: each.since for each in protecting.all().protected}
    assert {"a.jpg", "kept"} == found.keys()
    assert found["kept"] is None
    protecting.follow([])
    assert frozenset({root + b"/a.jpg"}) == protecting.protection.paths
