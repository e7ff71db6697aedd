"""From rows of the catalogue to the shapes of the protocol."""

from collections.abc import Sequence
from datetime import UTC, datetime

from simd.core.answers import File, Image, ImageLike, MatchKind
from simd.core.display import display_path, path_b64
from simd.core.keeping import Candidate, copy_key, is_lossless
from simd.core.model import FileRow, ImageRow, Signature, Thumbs

PHASH256_BITS = 256


def similarity(one: bytes, other: bytes) -> float:
    """1 - d/128 over two 256-bit hashes, not below 0: about 0 for unrelated pictures."""
    distance = (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
    return max(0.0, 1.0 - distance / (PHASH256_BITS // 2))


def describe_file(row: FileRow) -> File:
    """A file as the protocol shows it; the time in the daemon's own offset."""
    modified = datetime.fromtimestamp(row.stamp.mtime_ns / 1e9, UTC).astimezone()
    return File(
        path=display_path(row.path),
        path_b64=path_b64(row.path),
        root=display_path(row.root),
        bytes=row.stamp.size,
        mtime=modified.isoformat(timespec="seconds"),
        state=row.state,
    )


def describe_image(row: ImageRow, files: Sequence[FileRow]) -> Image:
    """An image with the files that hold it."""
    return Image(
        id=row.id,
        digest=digest_text(row.digest),
        width=row.width,
        height=row.height,
        format=row.format,
        bytes=row.size,
        phash=f"{row.phash:016x}",
        phash256=row.phash256.hex(),
        low_detail=row.low_detail,
        taken_at=row.taken_at,
        camera=row.camera,
        files=[describe_file(file) for file in files],
    )


def describe_catalogued(row: ImageRow, path: bytes | None) -> ImageLike:
    """A catalogued image as the subject of a question."""
    return ImageLike(
        id=row.id,
        path=None if path is None else display_path(path),
        path_b64=None if path is None else path_b64(path),
        digest=digest_text(row.digest),
        width=row.width,
        height=row.height,
        format=row.format,
        bytes=row.size,
        phash=f"{row.phash:016x}",
        phash256=row.phash256.hex(),
        low_detail=row.low_detail,
        taken_at=row.taken_at,
        camera=row.camera,
    )


def describe_signature(signature: Signature, path: bytes | None) -> ImageLike:
    """A picture outside the catalogue as the subject of a question."""
    thumbs: Thumbs = signature.thumbs
    return ImageLike(
        id=None,
        path=None if path is None else display_path(path),
        path_b64=None if path is None else path_b64(path),
        digest=digest_text(signature.digest),
        width=thumbs.width,
        height=thumbs.height,
        format=signature.format,
        bytes=signature.size,
        phash=f"{thumbs.phash:016x}",
        phash256=thumbs.phash256.hex(),
        low_detail=thumbs.low_detail,
        taken_at=signature.taken_at,
        camera=signature.camera,
    )


def digest_text(digest: bytes) -> str:
    """``sha256:`` and hex."""
    return f"sha256:{digest.hex()}"


def candidate(row: ImageRow, files: Sequence[FileRow]) -> Candidate:
    """What the keep rules ask of an image; its files must not be empty."""
    best = best_file(files)
    return Candidate(
        image_id=row.id,
        pixels=row.width * row.height,
        lossless=is_lossless(row.format),
        size=row.size,
        oldest_mtime_ns=best.stamp.mtime_ns,
        path=best.path,
    )


def best_file(files: Sequence[FileRow]) -> FileRow:
    """The one that stands for its image: the oldest, then the shortest path."""
    return min(files, key=lambda file: copy_key(file.stamp.mtime_ns, file.path))


def kind_of(one: ImageRow, digest: bytes) -> MatchKind:
    """Equal bytes, or pictures that look the same."""
    return MatchKind.IDENTICAL if one.digest == digest else MatchKind.NEAR
