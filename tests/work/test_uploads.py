"""Uploads laid as files, and gone again."""

import io
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from simd.core.errors import Failed
from simd.work.uploads import UploadFolder


def test_uploads_lie_there_while_they_are_asked_about(tmp_path: Path) -> None:
    """In their order, read from where their streams stand; for the daemon's user alone."""
    folder = tmp_path / "uploads"
    uploads, second = UploadFolder(folder), io.BytesIO(b"xtwo")
    second.read(1)
    with uploads.laid([io.BytesIO(b"one"), second]) as places:
        assert [b"one", b"two"] == [place.read_bytes() for place in places]
        assert {0o700} == {place.stat().st_mode & 0o777 for place in (folder, places[0].parent)}
    with pytest.raises(ZeroDivisionError), uploads.laid([io.BytesIO(b"one")]):
        raise ZeroDivisionError
    assert [] == list(folder.iterdir())


def test_what_a_killed_daemon_left_is_removed(tmp_path: Path) -> None:
    """It is of no use to anybody, and may be large; what else lies there is not ours."""
    (tmp_path / "laid-dead").mkdir()
    (tmp_path / "laid-dead/0").write_bytes(b"picture")
    (tmp_path / "other").write_bytes(b"mine")
    UploadFolder(tmp_path)
    assert ["other"] == [path.name for path in tmp_path.iterdir()]


def test_uploads_that_find_no_room_are_refused(tmp_path: Path) -> None:
    """With the reason, and nothing is left of them; nor where their folder is gone."""
    uploads, (_, most) = UploadFolder(tmp_path / "uploads"), (limits := getrlimit(RLIMIT_FSIZE))
    setrlimit(RLIMIT_FSIZE, (10, most))
    try:
        with (
            pytest.raises(Failed, match=r"The uploads cannot be kept: File too large\."),
            uploads.laid([io.BytesIO(b"small"), io.BytesIO(bytes(100))]),
        ):
            pass
    finally:
        setrlimit(RLIMIT_FSIZE, limits)
    assert [] == list((tmp_path / "uploads").iterdir())
    (tmp_path / "uploads").rmdir()
    with pytest.raises(Failed, match="No such file or directory"), uploads.laid([]):
        pass
