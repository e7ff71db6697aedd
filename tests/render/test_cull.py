"""Sorting by hand, as text."""

from typing import Any

from simd.render.cull import checked, corrected, exported, noticed
from simd.render.style import PLAIN
from tests.render.samples import HOSTILE


def laid(**changes: Any) -> dict[str, Any]:
    """What an export says."""
    return {"out": "/tmp/out", "groups": 1, "files": 2, "linked": 1, "left_out": [], **changes}  # noqa: S108 - a name


def file(path: str = "/p/a.jpg") -> dict[str, Any]:
    """A file of a group."""
    return {"name": "0 p+a.jpg", "path": path, "bytes": 1_200}


def looked(**changes: Any) -> dict[str, Any]:
    """What a check says, of nothing."""
    empty: dict[str, Any] = {"groups": [], "remarks": [], "moved": [], "unknown": [], "plans": []}
    return {
        "out": "/o",
        "list": "/o/to_delete.txt",
        "files": 0,
        "bytes": 0,
        "corrected": False,
        **empty,
        **changes,
    }


def test_an_export_says_what_is_link_and_what_is_copy() -> None:
    """And how to go on, as a shell takes it."""
    assert [
        "Laid 2 files of 1 group into /tmp/my out.",
        (
            "1 hard link that takes no space: delete as you like there, but edit nothing, "
            "as a link is the original itself."
        ),
        "1 copy, where a hard link could not be.",
        "Delete what you do not want with any file manager, then:  simctl cull check '/tmp/my out'",
    ] == exported(laid(out="/tmp/my out")).splitlines()  # noqa: S108 - a name
    assert "hard link" not in exported(laid(linked=0, files=0))


def test_long_lists_are_cut() -> None:
    """Groups, and anything else that there is a lot of."""
    groups = [{"folder": number, "id": "1", "goes": [file()], "stays": [file()]} for number in range(1, 53)]
    text = checked(looked(groups=groups, files=52, bytes=99), PLAIN)
    assert (50, True) == (text.count("stays"), "... and 2 groups more" in text)
    lines = list(noticed(looked(unknown=[{"path": f"{number}"} for number in range(25)])))
    assert ("19 was not exported, and is ignored.", "... and 5 more like these") == (lines[19], lines[20])


def test_a_file_that_may_be_several_says_so() -> None:
    """Alone it does not."""
    part = {"path": "1/x", "files": [file("1/a"), file("1/b")]}
    (line,) = noticed(looked(moved=[part]))
    assert "1/x is taken for 1/a or 1 other, all of which are kept." == line
    (line,) = noticed(looked(moved=[{**part, "files": [file("1/a")]}]))
    assert "1/x is taken for 1/a." == line


def test_no_name_reaches_the_terminal_as_a_command() -> None:
    """Wherever it stands."""
    every = looked(
        out=HOSTILE,
        list=HOSTILE,
        files=1,
        corrected=True,
        plans=[HOSTILE],
        groups=[{"folder": 1, "id": "1", "goes": [file(HOSTILE)], "stays": [file(HOSTILE)]}],
        remarks=[{"path": HOSTILE, "text": "It stays."}],
        moved=[{"path": HOSTILE, "files": [file(HOSTILE)]}],
        unknown=[{"path": HOSTILE}],
    )
    text = checked(every, PLAIN) + corrected(every) + exported(laid(out=HOSTILE))
    assert all(char.isprintable() or char == "\n" for char in text)
