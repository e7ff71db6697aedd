"""What deletions in a folder come to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.cull import judging
from simd.core.cull.judging import judge, witnesses
from simd.core.cull.model import Exported, Fate, GroupVerdict, Origin, Standing
from tests.core.cull.samples import exported

KEPT, MOVED, EDITED, DELETED = Standing.KEPT, Standing.MOVED, Standing.EDITED, Standing.DELETED
SAME, CHANGED, GONE = Origin.SAME, Origin.CHANGED, Origin.GONE


def verdict(*fates: tuple[Standing, Origin], protected: int | None = None) -> GroupVerdict:
    """Of files that had these fates."""
    return judge([
        Fate(exported(number, protected=number == protected), standing, origin)
        for number, (standing, origin) in enumerate(fates)
    ])  # fmt: skip


def numbers(files: tuple[Exported, ...]) -> list[int]:
    """Which of the files these are."""
    return [file.inode - 10 for file in files]


def remarks(found: GroupVerdict) -> list[tuple[int, str]]:
    """What is said of which file."""
    return [(remark.file.inode - 10, remark.text) for remark in found.remarks]


@given(
    st.lists(
        st.tuples(st.sampled_from(Standing), st.sampled_from(Origin), st.booleans()), min_size=2, max_size=6
    )
)
def test_a_picture_never_loses_its_last_copy(drawn: list[tuple[Standing, Origin, bool]]) -> None:
    """What goes was deleted, is as it was, and unprotected; then something else stays that is as it was."""
    fates = [
        Fate(exported(number, protected=protected), standing, origin)
        for number, (standing, origin, protected) in enumerate(drawn)
    ]
    found = judge(fates)
    whole = {fate.file for fate in fates if fate.origin is SAME}
    may_go = {fate.file for fate in fates if fate.standing is DELETED and not fate.file.protected} & whole
    assert set(found.goes) <= may_go
    assert set(found.stays) <= whole - set(found.goes)
    assert not found.goes or found.stays
    assert found.emptied == all(fate.standing is DELETED for fate in fates)
    told = {remark.file for remark in found.remarks}
    assert {fate.file for fate in fates if fate.standing is DELETED} <= told | set(found.goes)


def test_the_usual_case() -> None:
    """What was deleted goes, what was left or moved stays in its order, and there is nothing to say."""
    found = verdict((DELETED, SAME), (KEPT, SAME), (DELETED, SAME), (MOVED, SAME))
    assert ([0, 2], [1, 3], []) == (numbers(found.goes), numbers(found.stays), remarks(found))


def test_of_an_emptied_group_the_best_stays() -> None:
    """The first that is as it was; a protected one before it."""
    found = verdict((DELETED, CHANGED), (DELETED, SAME), (DELETED, SAME))
    assert (True, [2], [1]) == (found.emptied, numbers(found.goes), numbers(found.stays))
    assert [(0, judging.LOST[CHANGED]), (1, judging.RESCUED)] == remarks(found)
    found = verdict((DELETED, SAME), (DELETED, SAME), protected=1)
    assert ([0], [1], [(1, judging.PROTECTED)]) == (numbers(found.goes), numbers(found.stays), remarks(found))


def test_a_kept_file_that_changed_is_no_reason_to_lose_another() -> None:
    """Where only such ones were kept, nothing of the group goes, and both are told."""
    found = verdict((KEPT, CHANGED), (DELETED, SAME))
    assert ([], []) == (numbers(found.goes), numbers(found.stays))
    assert [(0, judging.KEPT_LOST[CHANGED]), (1, judging.UNWITNESSED)] == remarks(found)
    found = verdict((KEPT, GONE), (DELETED, SAME), (KEPT, SAME))
    assert ([1], [2]) == (numbers(found.goes), numbers(found.stays))
    assert [(0, judging.KEPT_LOST[GONE])] == remarks(found)


@pytest.mark.parametrize("origin", [CHANGED, GONE])
def test_a_deleted_file_that_is_not_what_it_was_is_left_out(origin: Origin) -> None:
    """With the reason."""
    found = verdict((KEPT, SAME), (DELETED, origin), (DELETED, SAME))
    assert ([2], [(1, judging.LOST[origin])]) == (numbers(found.goes), remarks(found))


def test_edited_files_are_told_even_where_nothing_goes() -> None:
    """Through a link the original has changed with it; beside the original it is as it was."""
    assert [(0, judging.LINK_EDITED)] == remarks(verdict((EDITED, CHANGED), (KEPT, SAME)))
    found = verdict((EDITED, SAME), (DELETED, SAME))
    assert ([1], [0], [(0, judging.COPY_EDITED)]) == (
        numbers(found.goes),
        numbers(found.stays),
        remarks(found),
    )


def test_equal_bytes_are_the_best_witness() -> None:
    """Before the keeper; a second name of the file itself comes last, and no more than a few are named."""
    keeper, copy, other = exported(0), exported(1, digest=exported(2).digest), exported(3)
    assert [copy, keeper] == witnesses(exported(2), [keeper, copy, other], 2)
    assert [keeper, other] == witnesses(replace(exported(2), digest="none"), [keeper, other], 8)
    link = exported(4, inode=exported(2).inode, digest=exported(2).digest)
    assert [copy, keeper, link] == witnesses(exported(2), [link, keeper, copy], 8)
