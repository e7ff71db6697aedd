"""What became of groups between two reports."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.answers import Change, ReportNews
from simd.core.report.membership import GroupRecord, RecordChange, compare, news_of


def group(images: str, *, files: int | None = None, size: int | None = None) -> GroupRecord:
    """A group of images that are called by one letter each; 10 bytes for each file but the first."""
    files = max(2, len(images)) if files is None else files
    size = 10 * (files - 1) if size is None else size
    return GroupRecord(images[0], tuple(images), files, size, f"/photos/{images[0]}", None)


def told(before: Sequence[GroupRecord], after: Sequence[GroupRecord]) -> list[tuple[str, str, str]]:
    """The changes as (what, images before, images after)."""
    return [
        (
            it.change.value,
            "".join(it.before.images if it.before else ()),
            "".join(it.after.images if it.after else ()),
        )
        for it in compare(before, after)
    ]


CASES: dict[str, tuple[list[GroupRecord], list[GroupRecord], list[tuple[str, str, str]]]] = {
    "nothing": ([], [], []),
    "the same": ([group("ab")], [group("ab")], []),
    "another keeper of the same": ([group("ab")], [group("ba")], []),
    "all new": ([], [group("ab")], [("appeared", "", "ab")]),
    "one more image": ([group("ab")], [group("abc")], [("grew", "ab", "abc")]),
    "one more copy": ([group("ab")], [group("ab", files=3)], [("grew", "ab", "ab")]),
    "one copy less": ([group("a", files=3)], [group("a", files=2)], [("shrank", "a", "a")]),
    "one image less": ([group("abc")], [group("ab")], [("shrank", "abc", "ab")]),
    "an image for a copy": ([group("ab", files=3)], [group("abc", files=3)], [("grew", "ab", "abc")]),
    "all gone": ([group("ab")], [], [("resolved", "ab", "")]),
    "a copy is left alone": ([group("ab")], [group("cd")], [("appeared", "", "cd"), ("resolved", "ab", "")]),
    "one image finds another partner": (
        [group("ab")],
        [group("ac")],
        [("appeared", "", "ac"), ("resolved", "ab", "")],
    ),
    "copies of one image find a near one": (
        [group("a", files=3)],
        [group("ab", files=4)],
        [("grew", "a", "ab")],
    ),
    "two groups become one": (
        [group("abc"), group("de")],
        [group("abcde")],
        [("grew", "abc", "abcde")],
    ),
    "a group falls apart": (
        [group("abcde")],
        [group("abc"), group("de")],
        [("shrank", "abcde", "abc"), ("shrank", "abcde", "de")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_group_is_known_by_its_images(name: str) -> None:
    """Whatever its keeper is, and wherever its files are."""
    before, after, expected = CASES[name]
    assert sorted(expected) == sorted(told(before, after))


def test_what_is_new_is_counted_in_images_and_bytes() -> None:
    """Images that were in no group, and bytes beyond those that were known."""
    before = [group("ab", size=100), group("cd", size=50)]
    after = [group("abcdx", size=270), group("yz", size=30)]
    grew, appeared = compare(before, after)
    assert (Change.GREW, 1, 120) == (grew.change, grew.new_images, grew.new_bytes)
    assert (Change.APPEARED, 2, 30) == (appeared.change, appeared.new_images, appeared.new_bytes)
    assert ReportNews(groups=2, images=3, reclaimable_bytes=150, resolved_groups=0, freed_bytes=0) == news_of(
        [grew, appeared]
    )


def test_what_was_freed_is_counted_once() -> None:
    """A group that fell apart freed what its parts do not hold any more."""
    changes = compare(
        [group("abcde", size=100), group("xy", size=7)], [group("ab", size=20), group("cd", size=30)]
    )
    assert ReportNews(groups=0, images=0, reclaimable_bytes=0, resolved_groups=1, freed_bytes=57) == news_of(
        changes
    )


def test_thousands_of_equal_files_are_one_image() -> None:
    """Their number costs nothing."""
    before, after = group("a", files=100_000), group("a", files=200_000)
    [grew] = compare([before], [after])
    assert (Change.GREW, 0, 10 * 100_000) == (grew.change, grew.new_images, grew.new_bytes)


def test_the_largest_change_comes_first() -> None:
    """Whether it was new or freed."""
    changes = compare(
        [group("ab", size=500), group("uv", size=2)], [group("cd", size=300), group("ef", size=900)]
    )
    assert [900, 500, 300, 2] == [change.new_bytes + change.freed_bytes for change in changes]


@st.composite
def reports(draw: st.DrawFn) -> list[GroupRecord]:
    """The groups of one report: no image is in two of them, and each image has a file at least."""
    letters = draw(st.permutations("abcdefghij"))
    records, start = [], 0
    for length in draw(st.lists(st.integers(1, 4), max_size=4)):
        images = "".join(letters[start : start + length])
        start += length
        if len(images) == length:
            records.append(
                group(images, files=max(2, length) + draw(st.integers(0, 2)), size=draw(st.integers(0, 9)))
            )
    return records


def plainly(before: Sequence[GroupRecord], after: Sequence[GroupRecord]) -> Counter[tuple[Change, str, str]]:
    """The same, by comparing every group with every other, for groups without equal claims."""
    found: Counter[tuple[Change, str, str]] = Counter()
    for later in after:
        follows = [earlier for earlier in before if one_and_the_same(earlier, later)]
        if not follows:
            found[Change.APPEARED, "", later.keeper] += 1
            continue
        nearest = max(
            follows, key=lambda earlier: (shared(earlier, later), earlier.files, -ord(earlier.keeper))
        )
        if later.files > nearest.files or len(later.images) > len(nearest.images):
            found[Change.GREW, nearest.keeper, later.keeper] += 1
        elif later.files < nearest.files:
            found[Change.SHRANK, nearest.keeper, later.keeper] += 1
    for earlier in before:
        if not any(one_and_the_same(earlier, later) for later in after):
            found[Change.RESOLVED, earlier.keeper, ""] += 1
    return found


def shared(one: GroupRecord, other: GroupRecord) -> int:
    """How many images two groups have in common."""
    return len(set(one.images) & set(other.images))


def one_and_the_same(one: GroupRecord, other: GroupRecord) -> bool:
    """Whether two images are common, or one that may have two files in both groups."""
    common = shared(one, other)
    room = [record.files - len(record.images) + 1 for record in (one, other)]
    return common > 1 or (common == 1 and min(room) > 1)


def keys(changes: Sequence[RecordChange]) -> Counter[tuple[Change, str, str]]:
    """Changes by the keepers of both sides."""
    return Counter(
        (it.change, it.before.keeper if it.before else "", it.after.keeper if it.after else "")
        for it in changes
    )


@given(reports(), reports())
def test_a_plain_comparison_finds_the_same(before: list[GroupRecord], after: list[GroupRecord]) -> None:
    """Walking over the images is only the faster way."""
    assert plainly(before, after) == keys(compare(before, after))


@given(reports(), reports(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_images_means_nothing(
    before: list[GroupRecord], after: list[GroupRecord], random: Random
) -> None:
    """The changes and their sums are the same however the records are shuffled."""
    expected = compare(before, after)
    random.shuffle(before)
    random.shuffle(after)
    found = compare([shuffled(it, random) for it in before], [shuffled(it, random) for it in after])
    assert [(it.change, it.new_images, it.new_bytes, it.freed_bytes) for it in expected] == [
        (it.change, it.new_images, it.new_bytes, it.freed_bytes) for it in found
    ]
    assert keys(expected) == keys(found)


@given(reports(), reports())
def test_the_sums_agree_with_the_totals(before: list[GroupRecord], after: list[GroupRecord]) -> None:
    """Never are more bytes new, or freed, than there are in the one report or the other."""
    news = news_of(compare(before, after))
    assert 0 <= news.reclaimable_bytes <= sum(record.reclaimable_bytes for record in after)
    assert 0 <= news.freed_bytes <= sum(record.reclaimable_bytes for record in before)


def shuffled(record: GroupRecord, random: Random) -> GroupRecord:
    """The same group with its images in another order."""
    images = list(record.images)
    random.shuffle(images)
    return GroupRecord(
        record.keeper, tuple(images), record.files, record.reclaimable_bytes, record.path, None
    )
