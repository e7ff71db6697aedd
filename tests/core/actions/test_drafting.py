"""Which files of a group may go, told from its images and files alone."""

from collections.abc import Sequence

from simd.core.actions.drafting import Held, losses
from simd.core.answers import MatchKind
from simd.core.model import FileRow, FileState, ImageRow, Stamp


def held(image: int, *names: str) -> Held:
    """An image with its files, the best first."""
    row = ImageRow(
        id=image, digest=bytes([image]) * 32, size=1, format="JPEG", width=1, height=1,
        phash=0, phash256=bytes(32), deviation=9.0, taken_at=None, camera=None, recipe=1,
    )  # fmt: skip
    files = [
        FileRow(number, name.encode(), b"/p", Stamp(1, 1, 1, number), FileState.PRESENT, image)
        for number, name in enumerate(names)
    ]
    return Held(row, files)


def told(
    group: Sequence[Held], wanted: int, kind: MatchKind | None = None, *, equal_only: bool = False
) -> dict[str, str]:
    """What goes, and what stays instead."""
    found = losses(group, wanted, kind, equal_only=equal_only)
    return {loss.file.path.decode(): loss.keeper.path.decode() for loss in found}


GROUP = [held(1, "a", "a2"), held(2, "b", "b2"), held(3, "c", "c2")]


def test_every_picture_that_is_marked_to_be_kept_keeps_its_best_file() -> None:
    """Two are marked: of the second only its further copies go, for its own best file."""
    assert {"a2": "a", "b2": "b", "c": "a", "c2": "a"} == told(GROUP, 2)


def test_without_marks_all_give_way_to_the_keeper_of_the_group() -> None:
    """And with one mark, which is the keeper's, nothing is otherwise."""
    expected = {"a2": "a", "b": "a", "b2": "a", "c": "a", "c2": "a"}
    assert (expected, expected) == (told(GROUP, 0), told(GROUP, 1))


def test_where_equal_bytes_are_meant_every_picture_keeps_its_best_file() -> None:
    """For links, and for files of that kind; of near ones, copies of the keeper stay."""
    copies = {"a2": "a", "b2": "b", "c2": "c"}
    assert copies == told(GROUP, 0, equal_only=True) == told(GROUP, 0, MatchKind.IDENTICAL)
    assert {"b": "a", "b2": "a", "c": "a", "c2": "a"} == told(GROUP, 0, MatchKind.NEAR)
