"""Ranks and sums of many files at once, against the rules for one image at a time."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simd.core.holdings import Holdings
from simd.core.keeping import Candidate, copy_key, keep_key
from simd.core.keeprules import USUAL_ORDER, KeepOrder, completed, parse_rules
from simd.core.protection import Protection

few = st.integers(1, 3)


@dataclass(frozen=True)
class Held:
    """One file."""

    image: int
    mtime: int
    path: bytes
    inode: int
    device: int


@dataclass(frozen=True)
class Content:
    """What an image is."""

    pixels: int
    lossless: bool
    size: int
    taken_at: str | None
    positioned: bool | None
    rated: bool | None


dates = st.sampled_from([None, "2019-05-04T03:02:01", "2019-05-04T03:02:01+02:00", "2020-01-01T00:00:00"])
maybe = st.sampled_from([None, False, True])
contents = st.builds(Content, few, st.booleans(), few, dates, maybe, maybe)
names = st.sampled_from([b"a", b"b", b"c (1).jpg", b"c.jpg", b"c copy.jpg", b"\xff-edited.png"])
folders = st.sampled_from([b"", b"/a", b"/b", b"/a/b", b"/ab"])
paths = st.lists(
    st.builds(lambda folder, name: folder + b"/" + name, folders, names), min_size=1, max_size=14, unique=True
)
rules = st.lists(
    st.sampled_from(
        [
            *("prefer:/a", "prefer:/b", "protected", "resolution", "lossless", "bytes", "metadata"),
            *("taken:oldest", "modified:newest", "path", "name"),
        ]
    ),
    unique=True,
).map(lambda texts: completed(parse_rules(",".join(texts))) if texts else USUAL_ORDER.rules)
orders = st.builds(
    lambda rules, protected: KeepOrder(rules, protection=Protection(protected)),
    rules,
    st.frozensets(st.sampled_from([b"/a/b", b"/b", b"/a/c.jpg", b"/ab/a"])),
)


ALL_BUT_THE_PATH = (
    dict.fromkeys((10, 11), Content(1, lossless=False, size=1, taken_at=None, positioned=False, rated=None)),
    [Held(10, 1, b"/b/a", 1, 1), Held(11, 1, b"/a/a", 2, 1)],
)
"""Two images that no rule tells apart."""


@st.composite
def libraries(draw: st.DrawFn) -> tuple[dict[int, Content], list[Held]]:
    """Up to fourteen files of up to six images, alike in many ways."""
    known = {image: draw(contents) for image in range(10, 16)}
    files = [
        Held(draw(st.sampled_from(list(known))), draw(few), path, draw(few), draw(few))
        for path in draw(paths)
    ]
    return known, files


def columns(known: dict[int, Content], files: list[Held], order: KeepOrder = USUAL_ORDER) -> Holdings:
    """The same as columns; a file is as large as the content it holds."""
    return Holdings(
        images=np.array([file.image for file in files], np.int64),
        pixels=np.array([known[file.image].pixels for file in files], np.int64),
        lossless=np.array([known[file.image].lossless for file in files], np.bool_),
        contents=np.array([known[file.image].size for file in files], np.int64),
        mtimes=np.array([file.mtime for file in files], np.int64),
        paths=[file.path for file in files],
        sizes=np.array([10 * file.inode + 100 * file.device for file in files], np.int64),
        inodes=np.array([file.inode for file in files], np.int64),
        devices=np.array([file.device for file in files], np.int64),
        taken_at=[known[file.image].taken_at for file in files],
        positioned=[known[file.image].positioned for file in files],
        rated=[known[file.image].rated for file in files],
        order=order,
    )


def best_of(files: list[Held], image: int, order: KeepOrder = USUAL_ORDER) -> Held:
    """The file that stands for an image."""
    return min((it for it in files if it.image == image), key=lambda it: copy_key(it.mtime, it.path, order))


@given(library=libraries(), order=st.one_of(st.just(USUAL_ORDER), orders))
@example(library=ALL_BUT_THE_PATH, order=USUAL_ORDER)
def test_images_are_ranked_as_one_by_one(
    library: tuple[dict[int, Content], list[Held]], order: KeepOrder
) -> None:
    """By the same rules, down to the path that sorts first; and the same file stands for each."""
    known, files = library
    best = {image: best_of(files, image, order) for image in {file.image for file in files}}
    expected = sorted(best, key=lambda image: keep_key(one_by_one(image, known[image], best[image]), order))
    holdings = columns(known, files, order)
    assert expected == holdings.ranked.tolist()
    assert [best[image].path for image in expected] == [holdings.paths[row] for row in holdings.best_rows]
    several = sorted(image for image in best if sum(file.image == image for file in files) > 1)
    assert several == holdings.copied


PLAIN = Content(1, lossless=False, size=1, taken_at=None, positioned=False, rated=None)
HELD = Held(1, 5, b"/x/a.jpg", 1, 1)

# Each is better than PLAIN, held as HELD, by one rule alone.
BETTER = [
    ("resolution", replace(PLAIN, pixels=2), HELD),
    ("lossless", replace(PLAIN, lossless=True), HELD),
    ("bytes", replace(PLAIN, size=2), HELD),
    ("metadata", replace(PLAIN, taken_at="2019-05-04T03:02:01"), HELD),
    ("metadata", replace(PLAIN, positioned=True), HELD),
    ("metadata", replace(PLAIN, rated=True), HELD),
    ("taken", replace(PLAIN, taken_at="2019-05-04T03:02:01"), HELD),
    ("taken:newest", replace(PLAIN, taken_at="2019-05-04T03:02:01"), HELD),
    ("modified", PLAIN, replace(HELD, mtime=4)),
    ("modified:newest", PLAIN, replace(HELD, mtime=6)),
    ("prefer:/y", PLAIN, replace(HELD, path=b"/y/a.jpg")),
    ("protected", PLAIN, replace(HELD, path=b"/z/a.jpg")),
    ("path", PLAIN, replace(HELD, path=b"/x/.jpg")),
    ("name", PLAIN, replace(HELD, path=b"/x/b.jpg")),
]


@pytest.mark.parametrize(("rule", "better", "held"), BETTER)
def test_every_rule_counts(rule: str, better: Content, held: Held) -> None:
    """Although the other image has a path that sorts first."""
    order = KeepOrder(completed(parse_rules(rule)), protection=Protection(frozenset({b"/z"})))
    worse = replace(HELD, path=b"/x/a (1).jpg" if rule == "name" else HELD.path)
    files = [
        worse,
        replace(held, image=2, inode=2, path=held.path if held.path != worse.path else b"/x/b.jpg"),
    ]
    assert [2, 1] == columns({1: PLAIN, 2: better}, files, order).ranked.tolist()


def one_by_one(image: int, its: Content, best: Held) -> Candidate:
    """An image as the rules for single ones ask about it."""
    return Candidate(
        image_id=image,
        pixels=its.pixels,
        lossless=its.lossless,
        size=its.size,
        mtime_ns=best.mtime,
        path=best.path,
        taken_at=its.taken_at,
        positioned=bool(its.positioned),
        rated=bool(its.rated),
    )


@given(library=libraries(), data=st.data())
def test_sums_count_each_inode_once(
    library: tuple[dict[int, Content], list[Held]], data: st.DataObject
) -> None:
    """Every file is counted; what the keeper's file shares with others frees nothing."""
    known, files = library
    images = data.draw(st.permutations(sorted({file.image for file in files})))
    cut = data.draw(st.integers(0, len(images)))
    groups = [tuple(part) for part in (images[:cut], images[cut:]) if part]
    expected = []
    for group in groups:
        kept = best_of(files, group[0])
        inodes = {(it.device, it.inode) for it in files if it.image in group} - {(kept.device, kept.inode)}
        freed = sum(10 * inode + 100 * device for device, inode in inodes)
        expected.append((sum(it.image in group for it in files), freed))
    assert expected == list(zip(*columns(known, files).sums(groups), strict=True))


def test_no_files_make_no_groups() -> None:
    """Nothing is ranked, and nothing added up."""
    empty = columns({}, [])
    assert ([], [], ([], [])) == (empty.ranked.tolist(), empty.copied, empty.sums([]))
