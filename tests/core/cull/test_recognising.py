"""Files of an export under other names."""

import pytest

from simd.core.cull.model import Exported, Look
from simd.core.cull.recognising import Missing, Stranger
from tests.core.cull.samples import exported

ELSEWHERE = Look(device=1, inode=999, size=1, mtime_ns=1)


def found(
    stranger: Stranger, *missing: Exported, originals: dict[bytes, Look] | None = None
) -> tuple[Exported, ...]:
    """The files that a stranger may be."""
    return Missing(missing, originals or {}).recognise(stranger)


def test_a_name_tells_best() -> None:
    """Also when the file was edited, and in another folder."""
    stranger = Stranger(b"best ones/7-keep p+1.jpg", ELSEWHERE, exported(0).digest)
    assert (exported(1),) == found(stranger, exported(0), exported(1))


@pytest.mark.parametrize("linked", [True, False])
def test_a_file_is_known_as_what_was_laid(linked: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """By inode, size and time together; an inode alone may have been given to another file."""
    file = exported(1, linked=linked)
    look = Look(1, file.laid_inode, file.size, file.laid_mtime_ns)
    assert (file,) == found(Stranger(b"1/best.jpg", look, None), exported(0), file)
    assert () == found(Stranger(b"1/best.jpg", Look(1, file.laid_inode, 7, 7), None), exported(0), file)


def test_a_link_is_known_as_its_original() -> None:
    """Whatever was written through it; a copy is not."""
    original = Look(device=1, inode=77, size=9, mtime_ns=9)
    stranger = Stranger(b"1/best.jpg", Look(1, 77, 9, 9), None)
    assert (exported(1),) == found(stranger, exported(1), originals={b"/p/1.jpg": original})
    assert () == found(stranger, exported(1, linked=False), originals={b"/p/1.jpg": original})
    assert () == found(
        Stranger(b"1/best.jpg", Look(2, 77, 9, 9), None), exported(1), originals={b"/p/1.jpg": original}
    )


def test_bytes_tell_last_and_may_mean_several() -> None:
    """All that a stranger may be are kept."""
    twins = exported(1), exported(2, digest=exported(1).digest)
    stranger = Stranger(b"1/best.jpg", ELSEWHERE, exported(1).digest)
    assert twins == found(stranger, exported(0), *twins)
    assert () == found(Stranger(b"1/notes.txt", ELSEWHERE, None), exported(0), *twins)
