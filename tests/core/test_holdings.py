"""Ranks and sums of many files at once, against the rules for one image at a time."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.holdings import Holdings
from simd.core.keeping import Candidate, copy_key, keep_key

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


contents = st.builds(Content, few, st.booleans(), few)
paths = st.lists(st.binary(min_size=1, max_size=2), min_size=1, max_size=14, unique=True)


@st.composite
def libraries(draw: st.DrawFn) -> tuple[dict[int, Content], list[Held]]:
    """Up to fourteen files of up to six images, alike in many ways."""
    known = {image: draw(contents) for image in range(10, 16)}
    files = [
        Held(draw(st.sampled_from(list(known))), draw(few), path, draw(few), draw(few))
        for path in draw(paths)
    ]
    return known, files


def columns(known: dict[int, Content], files: list[Held]) -> Holdings:
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
    )


def best_of(files: list[Held], image: int) -> Held:
    """The file that stands for an image."""
    return min((it for it in files if it.image == image), key=lambda it: copy_key(it.mtime, it.path))


@settings(deadline=None)
@given(library=libraries())
def test_images_are_ranked_as_one_by_one(library: tuple[dict[int, Content], list[Held]]) -> None:
    """By the same rules, down to the path that sorts first; and the same file stands for each."""
    known, files = library
    best = {image: best_of(files, image) for image in {file.image for file in files}}
    expected = sorted(
        best,
        key=lambda image: keep_key(
            Candidate(
                image,
                known[image].pixels,
                known[image].lossless,
                known[image].size,
                best[image].mtime,
                best[image].path,
            )
        ),
    )
    holdings = columns(known, files)
    assert expected == holdings.ranked.tolist()
    assert [best[image].path for image in expected] == [holdings.paths[row] for row in holdings.best_rows]
    several = sorted(image for image in best if sum(file.image == image for file in files) > 1)
    assert several == holdings.copied


@settings(deadline=None)
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
