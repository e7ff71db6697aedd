"""Every bad file ends as one value with a code and a plain reason; none raises, none blocks."""

import hashlib
import io
import os
import stat
import struct
import zlib
from pathlib import Path

import pytest

from simd.core.model import ProblemCode
from simd.core.stamp import Stamp
from simd.imaging import AlreadyKnown, Changed, Decoded, Outcome, Refused
from simd.imaging import source as source_module
from simd.imaging.signature import examine
from simd.imaging.source import Source
from tests.imaging.pictures import encoded, landscape, saved

_EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n%%EOF\n"


_BMP_WITH_PNG_INSIDE = (
    b"BM"
    + struct.pack("<IHHI", 154, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 9, 9, 1, 24, 5, 100, 0, 0, 0, 0)
) + bytes(100)

# Pillow warns of oddities in damaged files; the workers ignore that, and so do these tests.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def _stamp(path: bytes) -> Stamp:
    return Stamp.of(Path(os.fsdecode(path)).stat())


def refusal(outcome: Outcome) -> Refused:
    """The outcome, which must be a refusal with one whole sentence."""
    assert isinstance(outcome, Refused), outcome
    assert outcome.reason.endswith(".")
    assert outcome.reason[0].isupper()
    return outcome


def _png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size; its pixels are missing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_a_good_file_yields_digest_size_and_stamp(tmp_path: Path) -> None:
    """A picture is decoded, and its digest and stamp are those of the file."""
    data = encoded(landscape(1, (300, 200)), "JPEG")
    path = saved(tmp_path, "a.jpg", data)
    outcome = examine(path)
    assert isinstance(outcome, Decoded)
    assert hashlib.sha256(data).digest() == outcome.signature.digest
    assert len(data) == outcome.signature.size
    assert _stamp(path) == outcome.stamp


def test_known_bytes_are_not_decoded(tmp_path: Path) -> None:
    """A known digest ends the work before the decode, even where a decode would fail."""
    path = saved(tmp_path, "a.jpg", b"no picture at all")
    digest = hashlib.sha256(b"no picture at all").digest()
    assert AlreadyKnown(digest, _stamp(path)) == examine(path, frozenset({digest}))
    assert ProblemCode.NOT_AN_IMAGE == refusal(examine(path, frozenset({b"other"}))).code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_truncated_file_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    """Half a picture is never signed, in no format: its hash would be another picture's."""
    image = landscape(2, (400, 300)).convert("L" if kind == "GIF" else "RGB")
    whole = encoded(image, kind)
    path = saved(tmp_path, "cut", whole[: int(len(whole) * share)])
    assert refusal(examine(path)).code in {ProblemCode.TRUNCATED, ProblemCode.CORRUPT}


def test_a_truncated_jpeg_says_so(tmp_path: Path) -> None:
    """The commonest case, a copy that was interrupted, has its own code."""
    whole = encoded(landscape(2, (400, 300)), "JPEG")
    found = refusal(examine(saved(tmp_path, "cut.jpg", whole[: len(whole) // 2])))
    assert ProblemCode.TRUNCATED == found.code
    assert found.stamp is not None


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("empty.jpg", b"", ProblemCode.EMPTY),
        ("eps.jpg", _EPS, ProblemCode.NOT_AN_IMAGE),
        ("text.png", b"not a picture", ProblemCode.NOT_AN_IMAGE),
        ("zeros.gif", bytes(5_000), ProblemCode.NOT_AN_IMAGE),
        ("header.jpg", b"\xff\xd8\xff\xe0\x00\x10JF", ProblemCode.TRUNCATED),
        ("lost.png", b"\x89PNG\r\n\x1a\n" + bytes(60), ProblemCode.CORRUPT),
        ("movie.heic", b"\x00\x00\x00\x18ftypisom" + bytes(40), ProblemCode.NOT_AN_IMAGE),
        ("bomb.png", _png_of(60_000, 60_000), ProblemCode.TOO_LARGE),
        ("variant.bmp", _BMP_WITH_PNG_INSIDE, ProblemCode.NOT_AN_IMAGE),
        ("pixels.png", _png_of(100, 100), ProblemCode.TRUNCATED),
        ("photoshop.jpg", b"8BPS\x00\x01" + bytes(100), ProblemCode.NOT_AN_IMAGE),
    ],
)
def test_bad_content_has_its_code(tmp_path: Path, name: str, data: bytes, expected: ProblemCode) -> None:
    """Content decides, not the name; nothing beyond the allowed decoders is started."""
    assert expected == refusal(examine(saved(tmp_path, name, data))).code


def test_a_picture_under_another_name_is_read(tmp_path: Path) -> None:
    """A PNG that is called .jpg is a picture all the same."""
    outcome = examine(saved(tmp_path, "really-png.jpg", encoded(landscape(1, (60, 40)), "PNG")))
    assert isinstance(outcome, Decoded)
    assert outcome.signature.format == "PNG"


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_never_raise(tmp_path: Path, seed: int) -> None:
    """Damage anywhere gives a picture or a refusal, never an exception."""
    kinds = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "TIFF")
    kind = kinds[seed % len(kinds)]
    options = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
    data = bytearray(encoded(landscape(seed, (120, 90)), kind, **options))
    step = max(1, len(data) // 23)
    for place in range(seed % step, len(data), step):
        data[place] ^= 1 << (seed % 8)
    outcome = examine(saved(tmp_path, "damaged", bytes(data)))
    assert isinstance(outcome, Decoded | Refused)


def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    """A FIFO called .jpg is refused at once, although nobody writes into it."""
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    assert ProblemCode.NOT_A_FILE == refusal(examine(bytes(path))).code


def test_folders_links_and_devices_are_no_files(tmp_path: Path) -> None:
    """Only regular files are opened; a link is not followed."""
    target = saved(tmp_path, "a.png", encoded(landscape(1, (60, 40)), "PNG"))
    link = tmp_path / "link.png"
    link.symlink_to(os.fsdecode(target))
    for path in (bytes(link), bytes(tmp_path), b"/dev/null"):
        assert ProblemCode.NOT_A_FILE == refusal(examine(path)).code


def test_no_file_is_a_change() -> None:
    """What is gone is no problem: the watcher looks again later."""
    assert Changed() == examine(b"/nonexistent/a.jpg")
    assert Changed() == examine(b"/dev/null/a.jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission_denied_by_the_system(tmp_path: Path) -> None:
    """A file without read permission is refused with its own code."""
    path = saved(tmp_path, "a.png", b"x")
    Path(os.fsdecode(path)).chmod(0)
    assert ProblemCode.PERMISSION == refusal(examine(path)).code


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EACCES becomes permission-denied; other failures of open() become read errors."""
    path = saved(tmp_path, "a.jpg", b"")
    for error, expected in (
        (PermissionError(13, "x"), ProblemCode.PERMISSION),
        (OSError(5, "I/O"), ProblemCode.IO),
    ):

        def fail(*_: object, error: OSError = error) -> int:
            raise error

        monkeypatch.setattr(os, "open", fail)
        assert expected == refusal(examine(path)).code


def test_a_file_that_changes_while_it_is_read_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy in progress looks truncated; the newer stamp tells that it is not finished."""
    whole = encoded(landscape(2, (400, 300)), "JPEG")
    path = saved(tmp_path, "growing.jpg", whole[:2_000])
    read = Source.read

    def read_and_grow(self: Source) -> tuple[bytes, io.BytesIO]:
        found = read(self)
        Path(os.fsdecode(path)).write_bytes(whole)
        return found  # type: ignore[return-value]  # a small file's stream is a BytesIO

    monkeypatch.setattr(Source, "read", read_and_grow)
    assert Changed() == examine(path)


def test_a_file_that_shrinks_while_it_is_read_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Truncation between open and read is a change, not damage."""
    path = saved(tmp_path, "shrinking.jpg", encoded(landscape(2, (400, 300)), "JPEG"))
    read = Source.read

    def shrink_and_read(self: Source) -> tuple[bytes, io.BytesIO]:
        os.truncate(path, 100)
        return read(self)  # type: ignore[return-value]  # a small file's stream is a BytesIO

    monkeypatch.setattr(Source, "read", shrink_and_read)
    assert Changed() == examine(path)


def test_a_file_that_has_another_length_by_now_is_not_decoded(tmp_path: Path) -> None:
    """The digests to compare with were those of the old length."""
    path = saved(tmp_path, "replaced.jpg", encoded(landscape(2, (400, 300)), "JPEG"))
    size = Path(os.fsdecode(path)).stat().st_size
    for before in (0, size - 1):
        assert Changed() == examine(path, size=before)
    assert isinstance(examine(path, size=size), Decoded)


def test_large_files_are_streamed_to_the_same_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the memory limit the file is hashed in pieces and decoded from its descriptor."""
    path = saved(tmp_path, "a.jpg", encoded(landscape(7, (900, 700)), "JPEG"))
    expected = examine(path)
    monkeypatch.setattr(source_module, "MAX_IN_MEMORY", 1_000)
    assert isinstance(expected, Decoded)
    assert expected == examine(path)


def test_giants_are_not_read(tmp_path: Path) -> None:
    """A sparse file beyond the limit is refused at once, with its stamp, so that it is not tried again."""
    path = tmp_path / "giant.jpg"
    path.write_bytes(encoded(landscape(2, (40, 30)), "JPEG"))
    os.truncate(path, 5 << 40)
    outcome = examine(bytes(path))
    assert isinstance(outcome, Refused)
    assert ProblemCode.TOO_LARGE == outcome.code
    assert "It has 5,120 GiB; files of at most 4 GiB are read." == outcome.reason
    assert outcome.stamp is not None


def test_a_pipe_is_not_even_opened(tmp_path: Path) -> None:
    """Who waits for a reader of the pipe goes on waiting."""
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    opened: list[object] = []

    def note(path: object, *_: object) -> int:
        opened.append(path)
        raise PermissionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", note)
        assert ProblemCode.NOT_A_FILE == refusal(examine(bytes(pipe))).code
    assert [] == opened


def test_nothing_stays_open(tmp_path: Path) -> None:
    """Good and bad files alike leave no descriptor behind."""
    paths = [
        saved(tmp_path, "a.jpg", encoded(landscape(1, (90, 90)), "JPEG")),
        saved(tmp_path, "a.tif", encoded(landscape(1, (90, 90)), "TIFF", compression="tiff_lzw")),
        saved(tmp_path, "bad.png", b"\x89PNG"),
        bytes(tmp_path),
    ]
    before = _descriptors()
    for path in paths:
        examine(path)
    assert before == _descriptors()


def _descriptors() -> set[int]:
    found = set()
    for number in range(256):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        found.add(number if not stat.S_ISCHR(mode) else -1)
    return found


def test_names_that_are_not_utf8_are_paths_like_others(tmp_path: Path) -> None:
    """Paths are bytes; a Latin-1 name is read."""
    path = bytes(tmp_path) + b"/caf\xe9.png"
    Path(os.fsdecode(path)).write_bytes(encoded(landscape(1, (60, 40)), "PNG"))
    assert isinstance(examine(path), Decoded)
