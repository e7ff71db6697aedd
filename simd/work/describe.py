"""From rows of the catalogue to the shapes of the protocol."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from simd.core.answers import File, Image, ImageLike, MatchKind
from simd.core.display import display_path, path_b64
from simd.core.keeping import Candidate, copy_key, is_lossless
from simd.core.keeprules import USUAL_ORDER, KeepOrder
from simd.core.model import FileRow, ImageRow, Signature, Thumbs
from simd.core.stamp import Stamp

PHASH256_BITS = 256


def similarity(one: bytes, other: bytes) -> float:
    """1 - d/128 over two 256-bit hashes, not below 0: about 0 for unrelated pictures."""
    distance = (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
    return max(0.0, 1.0 - distance / (PHASH256_BITS // 2))


def modified_at(stamp: Stamp) -> datetime:
    """When a file was changed, in the daemon's own offset; 64 bits of nanoseconds end within the calendar."""
    return datetime.fromtimestamp(stamp.mtime_ns / 1e9, UTC).astimezone()


def describe_file(row: FileRow) -> File:
    """A file as the protocol shows it; the time in the daemon's own offset."""
    return File(
        path=display_path(row.path),
        path_b64=path_b64(row.path),
        root=display_path(row.root),
        bytes=row.stamp.size,
        mtime=modified_at(row.stamp).isoformat(timespec="seconds"),
        state=row.state,
    )


def describe_image(row: ImageRow, files: Sequence[FileRow]) -> Image:
    """An image with the files that hold it."""
    return Image(id=row.id, files=[describe_file(file) for file in files], **_facts(row, row))


def describe_catalogued(row: ImageRow, path: bytes | None) -> ImageLike:
    """A catalogued image as the subject of a question."""
    return ImageLike(id=row.id, **_place(path), **_facts(row, row))


def describe_signature(signature: Signature, path: bytes | None) -> ImageLike:
    """A picture outside the catalogue as the subject of a question."""
    return ImageLike(id=None, **_place(path), **_facts(signature, signature.thumbs))


def _place(path: bytes | None) -> dict[str, Any]:
    if path is None:
        return {"path": None, "path_b64": None}
    return {"path": display_path(path), "path_b64": path_b64(path)}


def _facts(file: ImageRow | Signature, picture: ImageRow | Thumbs) -> dict[str, Any]:
    """What is said of a picture wherever it is shown: of its bytes, and of what they show."""
    return {
        "digest": digest_text(file.digest),
        "width": picture.width,
        "height": picture.height,
        "format": file.format,
        "bytes": file.size,
        "phash": f"{picture.phash:016x}",
        "phash256": picture.phash256.hex(),
        "low_detail": picture.low_detail,
        "taken_at": file.taken_at,
        "camera": file.camera,
    }


def digest_text(digest: bytes) -> str:
    """``sha256:`` and hex."""
    return f"sha256:{digest.hex()}"


def candidate_at(row: ImageRow, file: FileRow) -> Candidate:
    """What the keep rules ask of one file of an image."""
    return Candidate(
        image_id=row.id,
        pixels=row.width * row.height,
        lossless=is_lossless(row.format),
        size=row.size,
        mtime_ns=file.stamp.mtime_ns,
        path=file.path,
        taken_at=row.taken_at,
        positioned=bool(row.has_position),
        rated=row.rating is not None,
    )


def best_file(files: Sequence[FileRow], order: KeepOrder = USUAL_ORDER) -> FileRow:
    """The one that stands for its image."""
    if len(files) == 1:
        return files[0]
    return min(files, key=lambda file: copy_key(file.stamp.mtime_ns, file.path, order))


def kind_of(one: ImageRow, digest: bytes) -> MatchKind:
    """Equal bytes, or pictures that look the same."""
    return MatchKind.IDENTICAL if one.digest == digest else MatchKind.NEAR
