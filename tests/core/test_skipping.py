"""What is left alone, and what must not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.core.skipping import SkipRules, skip_name

SKIPPED_FILES = [
    b".a.jpg",
    b"._IMG_1.JPG",
    b".IMG_1.jpg.Xy12Ab",
    b".~lock.a.jpg#",
    b".syncthing.a.jpg.tmp",
    b"~syncthing~a.jpg.tmp",
    b".nfs000123",
    b"~$a.jpg",
    b"a.jpg.part",
    b"a.jpg.crdownload",
    b"A.JPG.TMP",
    b"a.jpg.download",
    b"a.temp",
    b"Thumbs.db",
    b"THUMBS.DB",
]
SKIPPED_DIRECTORIES = [
    b".git",
    b".Trash-1000",
    b".stversions",
    b"@eaDir",
    b"@EADIR",
    b"#recycle",
    b"$RECYCLE.BIN",
    b"System Volume Information",
    b"lost+found",
    b"Photos Library.photoslibrary",
    b"Old.aplibrary",
    b"Catalog Previews.lrdata",
    b"Unfinished.download",
]
KEPT = [b"a.jpg", b"part.jpg", b"temp", b"a.part.jpg", b"Trash", b"~a.jpg", b"caf\xe9.jpg", b"\xff\xfe.png"]

COMPONENT = st.sampled_from([b"a", b"b.jpg", b"@eaDir", b".git", b"x.tmp", b"own", b"\xff"])


@pytest.mark.parametrize("name", SKIPPED_FILES)
def test_unfinished_and_hidden_files_are_skipped(name: bytes) -> None:
    """The names that programs give to files that are not a person's pictures."""
    assert skip_name(name, directory=False)


@pytest.mark.parametrize("name", SKIPPED_DIRECTORIES)
def test_stores_and_trash_are_skipped(name: bytes) -> None:
    """Folders that belong to a program, a storage device or the trash."""
    assert skip_name(name, directory=True)


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("directory", [False, True])
def test_ordinary_names_are_kept(name: bytes, directory: bool) -> None:  # noqa: FBT001 - parametrized
    """A rule that hides ordinary names would silently lose pictures."""
    assert not skip_name(name, directory=directory)


def test_the_own_folder_is_skipped_wherever_it_lies() -> None:
    """The daemon must not catalogue its own state."""
    rules = SkipRules(frozenset({b"/photos/state/"}))
    assert rules.skips_directory(b"/photos/state", b"state")
    assert rules.skips(b"/photos/state/x/y.jpg", b"/photos")
    assert not rules.skips(b"/photos/state2/y.jpg", b"/photos")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.gif", b"/r/a/b.GIF", True),
        ("*.gif", b"/r/a/b.jpg", False),
        ("Private", b"/r/x/private/a.jpg", True),
        ("Private/", b"/r/Private/a.jpg", True),
        ("Private/", b"/r/Private", False),
        ("2019/raw*", b"/r/2019/raw-1/a.jpg", True),
        ("2019/raw*", b"/r/old/2019/raw-1/a.jpg", False),
        ("/2019/raw/", b"/r/2019/raw/deep/a.jpg", True),
        ("**/raw/*.jpg", b"/r/2019/raw/a.jpg", True),
        ("\u00e9t\u00e9", "/r/e\u0301te\u0301/a.jpg".encode(), True),
        ("caf?.jpg", b"/r/caf\xe9.jpg", True),
        ("[ab].jpg", b"/r/c.jpg", False),
    ],
)
def test_globs_of_the_configuration(pattern: str, path: bytes, expected: bool) -> None:  # noqa: FBT001 - parametrized
    """A glob matches names anywhere, or paths below the root when it has a slash."""
    assert expected is SkipRules(frozenset(), (pattern,)).skips(path, b"/r")


def test_the_root_itself_is_never_skipped() -> None:
    """Whoever enrols a hidden folder wants it."""
    rules = SkipRules(frozenset(), ("*",))
    assert not rules.skips(b"/home/me/.photos", b"/home/me/.photos", directory=True)
    assert not SkipRules(frozenset()).skips(b"/home/me/.photos/a.jpg", b"/home/me/.photos")


def test_what_lies_outside_the_root_is_skipped() -> None:
    """A neighbour whose name begins alike is not inside."""
    assert SkipRules(frozenset()).skips(b"/photos2/a.jpg", b"/photos")


@given(st.lists(COMPONENT, min_size=1, max_size=6), st.booleans())
def test_a_path_is_skipped_when_any_component_is(components: list[bytes], directory: bool) -> None:  # noqa: FBT001
    """The oracle judges every component by itself."""
    rules = SkipRules(frozenset({b"/r/own"}), ("a/b.jpg",))
    expected = False
    for depth in range(1, len(components) + 1):
        below = b"/".join(components[:depth])
        is_directory = directory or depth < len(components)
        expected |= skip_name(components[depth - 1], directory=is_directory)
        expected |= below == b"a/b.jpg" or (below == b"own" and is_directory)
    assert expected is rules.skips(b"/r/" + b"/".join(components), b"/r", directory=directory)
