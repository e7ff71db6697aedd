"""The sweep against a slow walk that follows its description word by word."""

import os
import shutil
import socket
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simd.core.roots import RootIdentity
from simd.core.skipping import SkipRules
from simd.core.stamp import Stamp
from simd.watching import sweep as sweeping
from simd.watching.sweep import Findings, identify, missing_directories, sweep

EXTENSIONS = frozenset({b".jpg", b".png"})
RULES = SkipRules(frozenset(), ("private/",))
Catalogue = dict[bytes, dict[bytes, Stamp]]

FILE_NAMES = st.sampled_from(["a.jpg", "B.JPG", "c.png", "notes.txt", ".hidden.jpg", "jpg", "\udcff.jpg"])
FOLDER_NAMES = st.sampled_from(["x", "y.jpg", "@eaDir", "private", ".git", "\udcfe"])
TREES = st.recursive(
    st.dictionaries(FILE_NAMES, st.integers(0, 9), max_size=4),
    lambda inner: st.builds(
        lambda files, folders: {**files, **folders},
        st.dictionaries(FILE_NAMES, st.integers(0, 9), max_size=4),
        st.dictionaries(FOLDER_NAMES, inner, max_size=3),
    ),
    max_leaves=8,
)


def plant(tree: Mapping[str, object], folder: Path) -> None:
    """Make files of the given sizes, and folders, from a nested mapping."""
    folder.mkdir(exist_ok=True)
    for name, content in tree.items():
        if isinstance(content, Mapping):
            plant(content, folder / name)
        elif isinstance(content, int):
            (folder / name).write_bytes(b"1" * content)


def stamp_of(path: bytes) -> Stamp:
    """The stamp of a file as it stands."""
    found = os.lstat(path)
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def by_definition(root: bytes) -> Catalogue:
    """Every folder that counts, with the pictures in it."""
    pictures: Catalogue = {}
    for folder, folders, files in os.walk(root):
        if folder != root and RULES.skips(folder, root, directory=True):
            continue
        paths = {name: os.path.join(folder, name) for name in (*files, *folders)}  # noqa: PTH118 - bytes
        pictures[folder] = {
            name: stamp_of(path)
            for name, path in paths.items()
            if name[-4:].lower() in EXTENSIONS
            and not RULES.skips(path, root)
            and Path(os.fsdecode(path)).is_file()
            and not Path(os.fsdecode(path)).is_symlink()
        }
    return pictures


def swept(
    root: bytes, catalogue: Catalogue | None = None, start: bytes | None = None, rules: SkipRules = RULES
) -> Findings:
    """All parts of a sweep in one."""
    known = catalogue or {}
    total = Findings()
    parts = sweep(
        root,
        start or root,
        rules,
        EXTENSIONS,
        lambda directories: {path: known[path] for path in directories if path in known},
        lambda: False,
    )
    for part in parts:
        total.changed += part.changed
        total.missing += part.missing
        total.files += part.files
        total.directories += part.directories
        total.problems += part.problems
        total.mounts += part.mounts
    return total


def paths(catalogue: Catalogue) -> dict[bytes, Stamp]:
    """The files of a catalogue by their whole paths."""
    return {folder + b"/" + name: stamp for folder, rows in catalogue.items() for name, stamp in rows.items()}


@settings(max_examples=60)
@given(tree=TREES, data=st.data())
def test_a_sweep_finds_what_a_plain_walk_finds(tree: dict[str, object], data: st.DataObject) -> None:
    """Whatever the tree and whatever the catalogue remembers of it."""
    with TemporaryDirectory() as name:
        root = os.fsencode(name)
        plant(tree, Path(name))
        truth = by_definition(root)
        rows = paths(truth)
        unknown = data.draw(st.sets(st.sampled_from(sorted(rows)))) if rows else set()
        stale = data.draw(st.sets(st.sampled_from(sorted(rows)))) if rows else set()
        deleted = data.draw(st.sets(st.sampled_from(sorted(truth))))
        catalogue: Catalogue = {
            folder: {
                file: stamp._replace(size=99) if folder + b"/" + file in stale else stamp
                for file, stamp in pictures.items()
                if folder + b"/" + file not in unknown
            }
            for folder, pictures in truth.items()
        }
        for folder in deleted:
            catalogue[folder][b"deleted.jpg"] = Stamp(1, 2, 3, 4)
        found = swept(root, catalogue)
        assert {path: rows[path] for path in stale | unknown} == dict(found.changed)
        assert len(stale | unknown) == len(found.changed)
        assert {folder + b"/deleted.jpg" for folder in deleted} == set(found.missing)
        assert set(truth) == set(found.directories)
        assert len(truth) == len(found.directories)
        assert len(rows) == found.files
        assert [] == found.problems
        assert [] == found.mounts


def test_parts_cover_the_tree_without_overlap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue is asked once for each part, and each directory is in one part."""
    monkeypatch.setattr(sweeping, "_CHUNK_DIRECTORIES", 4)
    for number in range(21):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "a.jpg").touch()
    asked: list[list[bytes]] = []

    def known(directories: Sequence[bytes]) -> Catalogue:
        asked.append(list(directories))
        return {}

    parts = list(sweep(os.fsencode(tmp_path), os.fsencode(tmp_path), RULES, EXTENSIONS, known, lambda: False))
    assert asked == [part.directories for part in parts]
    assert all(len(part.directories) <= 4 for part in parts)
    assert 22 == len({path for part in parts for path in part.directories}) == sum(map(len, asked))
    assert 21 == sum(part.files for part in parts) == sum(len(part.changed) for part in parts)


def test_a_sweep_of_a_part_stays_in_it(tmp_path: Path) -> None:
    """Only what lies at or below the start is looked at, by the rules of the root."""
    plant({"a.jpg": 1, "in": {"b.jpg": 1, "private": {"c.jpg": 1}}}, tmp_path)
    root = os.fsencode(tmp_path)
    assert [root + b"/in/b.jpg"] == [path for path, _ in swept(root, start=root + b"/in").changed]
    assert [] == swept(root, start=root + b"/in/private").directories


def test_only_regular_files_count(tmp_path: Path) -> None:
    """Pipes are not opened, links are not followed, and folders may be called what they like."""
    plant({"real.jpg": 1, "folder.jpg": {"inside.png": 1}}, tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real.jpg")
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "absent.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    with chdir(tmp_path), socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jpg")
    root = os.fsencode(tmp_path)
    found = swept(root)
    assert {root + b"/real.jpg", root + b"/folder.jpg/inside.png"} == {path for path, _ in found.changed}
    assert {root, root + b"/folder.jpg"} == set(found.directories)


def test_what_is_no_longer_a_regular_file_is_missing(tmp_path: Path) -> None:
    """A picture that was replaced by a link or a folder of its name is not there any more."""
    (tmp_path / "a.jpg").mkdir()
    (tmp_path / "b.jpg").symlink_to("elsewhere")
    root = os.fsencode(tmp_path)
    row = Stamp(1, 2, 3, 4)
    found = swept(root, {root: {b"a.jpg": row, b"b.jpg": row}})
    assert {root + b"/a.jpg", root + b"/b.jpg"} == set(found.missing)


def test_an_unreadable_folder_is_a_problem_and_nothing_in_it_is_missing(unprivileged: Path) -> None:
    """Not being allowed to look proves nothing."""
    plant({"a.jpg": 1, "closed": {"b.jpg": 1, "deep": {"c.jpg": 1}}}, unprivileged)
    root = os.fsencode(unprivileged)
    truth = by_definition(root)
    (unprivileged / "closed").chmod(0o000)
    found = swept(root, truth)
    assert [(root + b"/closed", "Permission denied")] == found.problems
    assert [] == found.missing
    assert [root] == found.directories
    left_out = [path for path, _ in found.problems]
    assert [] == missing_directories(truth, set(found.directories), left_out)


def test_a_folder_that_may_be_listed_but_not_entered_is_a_problem(unprivileged: Path) -> None:
    """Its names are known, its stamps are not: nothing in it may count as missing."""
    plant({"closed": {"b.jpg": 1}}, unprivileged)
    root = os.fsencode(unprivileged)
    truth = by_definition(root)
    (unprivileged / "closed").chmod(0o400)
    found = swept(root, truth)
    assert [(root + b"/closed", "Permission denied")] == found.problems
    assert [] == found.missing


def test_folders_that_vanish_during_the_sweep_are_tolerated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are neither seen nor a problem; what was in them is found missing at the end."""
    monkeypatch.setattr(sweeping, "_CHUNK_DIRECTORIES", 1)
    plant({name: {"a.jpg": 1} for name in "xyz"}, tmp_path)
    root = os.fsencode(tmp_path)
    truth = by_definition(root)

    def known(directories: Sequence[bytes]) -> Catalogue:
        for name in "xyz":
            shutil.rmtree(tmp_path / name, ignore_errors=True)
        return {path: truth[path] for path in directories}

    parts = list(sweep(root, root, RULES, EXTENSIONS, known, lambda: False))
    seen = {path for part in parts for path in part.directories}
    assert {root} == seen
    assert [] == [problem for part in parts for problem in part.problems]
    assert set(truth) - {root} == set(missing_directories(truth, seen, ()))


def test_a_start_that_is_gone_or_is_a_file_yields_nothing(tmp_path: Path) -> None:
    """All that the catalogue knows there is then found missing."""
    plant({"a.jpg": 1}, tmp_path)
    root = os.fsencode(tmp_path)
    assert Findings() == swept(root, start=root + b"/absent")
    assert Findings() == swept(root, start=root + b"/a.jpg")
    assert Findings() == swept(root + b"/absent")


def test_another_filesystem_is_left_out_and_named() -> None:
    """What the catalogue knows below a mount point is hidden, not missing."""
    device = Path("/").stat().st_dev
    mounts = [
        path
        for path in ("/proc", "/dev", "/sys")
        if Path(path).is_dir() and Path(path).stat().st_dev != device
    ]
    assert mounts
    place = os.fsencode(mounts[0])
    found = swept(b"/", start=place)
    assert [place] == found.mounts
    assert [] == found.directories
    assert [] == missing_directories([place, place + b"/below"], set(), found.mounts)


def test_a_stopped_sweep_ends_before_the_next_directory(tmp_path: Path) -> None:
    """Stopping does not wait for a hundred thousand files."""
    plant({"a.jpg": 1, "x": {"b.jpg": 1}}, tmp_path)
    root = os.fsencode(tmp_path)
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 1

    assert [] == list(sweep(root, root, RULES, EXTENSIONS, lambda _: {}, stop))
    assert len(asked) == 2


def test_missing_directories_do_not_judge_by_a_common_beginning() -> None:
    """``/r/ab`` does not lie in ``/r/a``, and a left-out folder hides its descendants only."""
    known = [b"/r", b"/r/a", b"/r/a/deep", b"/r/ab", b"/r/b"]
    assert [b"/r/ab"] == missing_directories(known, {b"/r", b"/r/b"}, [b"/r/a"])


def test_identity(tmp_path: Path) -> None:
    """A folder that was replaced is another one; a file or nothing is none."""
    first = identify(os.fsencode(tmp_path))
    found = tmp_path.stat()
    assert RootIdentity(found.st_dev, found.st_ino) == first
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link", "absent", "file/below"):
        assert identify(os.fsencode(tmp_path / name)) is None
