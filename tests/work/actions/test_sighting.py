"""A file looked at right before something is done because of it."""

import hashlib
import os
from pathlib import Path

import pytest

from simd.core.actions.known import Known
from simd.core.stamp import Stamp
from simd.system.moving import inode_at
from simd.work.actions.sighting import SMALL_BYTES, Sighter, Unfit


def test_a_file_that_is_written_to_while_it_is_read_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read was equal to what was planned with, and is not what is there now."""
    place = tmp_path.resolve() / "a.jpg"
    place.write_bytes(b"picture")
    path, read = os.fsencode(place), os.pread

    def read_slowly(descriptor: int, length: int, offset: int) -> bytes:
        content = read(descriptor, length, offset)
        with place.open("ab") as stream:
            stream.write(b" and more")
        return content

    known = Known(path, Stamp.of(place.stat()), hashlib.sha256(b"picture").digest())
    assert inode_at(path) == Sighter().see(known, digest=True)
    monkeypatch.setattr(os, "pread", read_slowly)
    with pytest.raises(Unfit, match="while it was read"):
        Sighter().see(known, digest=True)


@pytest.mark.parametrize("size", [7, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES])
def test_other_bytes_under_the_old_date_are_found_unasked(tmp_path: Path, size: int) -> None:
    """Of a picture that only looks the same no digest is asked, unless something has touched the file."""
    place, content = tmp_path.resolve() / "a.jpg", b"p" * size
    place.write_bytes(content)
    found = place.stat()
    known = Known(os.fsencode(place), Stamp.of(found), hashlib.sha256(content).digest())
    place.chmod(0o600)
    assert inode_at(known.path) == Sighter().see(known)
    place.write_bytes(content[:-1] + b"P")
    os.utime(place, ns=(found.st_atime_ns, found.st_mtime_ns))
    with pytest.raises(Unfit, match="other bytes"):
        Sighter().see(known)
