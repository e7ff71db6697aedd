"""From what a question names to the signature that the index and the verifier need."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from simd.catalogue import Catalogue, Snapshot
from simd.core.answers import ImageLike
from simd.core.display import display_path
from simd.core.errors import NotFound, Unavailable, UnreadableImage
from simd.core.model import FileRow, ImageRow, Signature, Thumbs
from simd.core.questions import QuerySubject
from simd.core.stamp import Stamp
from simd.imaging import Changed, Decoded, DecodePool, Outcome, Refused
from simd.work.describe import describe_catalogued, describe_signature
from simd.work.examine import stamp_of
from simd.work.uploads import UploadFolder

LONGEST_READ_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture that was asked about, decoded.

    Attributes:
        path: the file that was named, if one was.
        image: what the catalogue knows of these bytes.
        files: those in the catalogue that hold these bytes, ordered by path.
    """

    likeness: ImageLike
    thumbs: Thumbs
    digest: bytes
    path: bytes | None
    image: ImageRow | None
    files: Sequence[FileRow]

    @property
    def image_id(self) -> int | None:
        """Its id where the catalogue knows these bytes."""
        return None if self.image is None else self.image.id


class Subjects:
    """Finds or reads the pictures that questions are about."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool, recipe: int, uploads: UploadFolder) -> None:
        """``uploads`` is for pictures that came over the socket."""
        self._catalogue = catalogue
        self._pool = pool
        self._recipe = recipe
        self._uploads = uploads

    @contextmanager
    def resolved(self, asked: QuerySubject) -> Iterator[tuple[Subject, Snapshot]]:
        """What was asked about, decoded now only if the catalogue has no signature of it.

        Yields:
            the subject, and the snapshot that it was found in: for what an answer says of it and of
            others, so that all of the answer is true of one moment.

        Raises:
            NotFound: no such image, or nothing stands at the path.
            UnreadableImage: the picture cannot be decoded; the message says why.
        """
        stamp = None if asked.path is None else stamp_of(asked.path)
        if asked.image_id is not None or stamp is not None:
            with self._catalogue.read() as snapshot:
                known = self._known(asked, stamp, snapshot)
                if known is not None:
                    yield known, snapshot
                    return
        # No snapshot is open meanwhile: a decode takes its time.
        signature, named = self._decode(asked)
        with self._catalogue.read() as snapshot:
            yield self._recognised(signature, named, snapshot), snapshot

    def resolve(self, asked: QuerySubject) -> Subject:
        """The subject of :meth:`resolved` alone, with the same errors."""
        with self.resolved(asked) as (subject, _):
            return subject

    def _known(self, asked: QuerySubject, stamp: Stamp | None, snapshot: Snapshot) -> Subject | None:
        """The subject from the catalogue; None for a file that the catalogue does not know as it is now."""
        if asked.image_id is not None:
            return _by_id(asked.image_id, snapshot)
        row = None if asked.path is None else snapshot.file_at(asked.path)
        if row is None or row.image_id is None or row.stamp != stamp:
            return None
        image = snapshot.image(row.image_id)
        if image is None or image.recipe != self._recipe:
            return None
        return _catalogued(image, snapshot, asked.path, _files_of(image, snapshot))

    def _decode(self, asked: QuerySubject) -> tuple[Signature, bytes | None]:
        """The signature of a file or an upload, and the name that it goes by."""
        if asked.path is not None:
            # Whoever asks about a link means the picture behind it.
            return self._read(os.path.realpath(asked.path), asked.path), asked.path
        named = os.fsencode(asked.name) if asked.name else None
        with self._uploads.laid([BytesIO(asked.upload or b"")]) as [place]:
            return self._read(os.fsencode(place), named), named

    def _read(self, path: bytes, named: bytes | None) -> Signature:
        outcome = _await(self._pool.submit(path, urgent=True))
        if not isinstance(outcome, Decoded):
            raise _refusal(outcome, path, named)
        return outcome.signature

    def _recognised(self, signature: Signature, named: bytes | None, snapshot: Snapshot) -> Subject:
        """A picture that was just read, as the catalogue knows it if it does."""
        row = snapshot.image_by_digest(signature.digest)
        if row is not None and row.recipe == self._recipe:
            return _catalogued(row, snapshot, named, _files_of(row, snapshot))
        likeness = describe_signature(signature, named)
        return Subject(likeness, signature.thumbs, signature.digest, named, image=None, files=())


def _by_id(image_id: int, snapshot: Snapshot) -> Subject:
    row = snapshot.image(image_id)
    if row is None:
        raise NotFound(f"There is no image {image_id}.", hint="simctl groups shows the ids of images.")
    files = _files_of(row, snapshot)
    return _catalogued(row, snapshot, files[0].path if files else None, files)


def _await(future: Future[Outcome]) -> Outcome:
    try:
        return future.result(LONGEST_READ_SECONDS)
    except FutureTimeout as error:
        raise Unavailable(
            f"The picture was not read within {LONGEST_READ_SECONDS:g} s.",
            hint="Every worker is busy; simctl status shows with what.",
        ) from error


def _refusal(outcome: Outcome, path: bytes, named: bytes | None) -> UnreadableImage | NotFound:
    shown = display_path(named) if named else "the upload"
    if isinstance(outcome, Refused):
        return UnreadableImage(f"{shown}: {outcome.reason}", hint=None, path=shown)
    if isinstance(outcome, Changed) and not os.path.lexists(path):
        return NotFound(f"{shown}: nothing stands at this path.", hint="Is the name right?", path=shown)
    return UnreadableImage(f"{shown} changed while it was read.", hint="Ask again in a moment.", path=shown)


def _files_of(row: ImageRow, snapshot: Snapshot) -> Sequence[FileRow]:
    return snapshot.files_of([row.id])[row.id]


def _catalogued(row: ImageRow, snapshot: Snapshot, path: bytes | None, files: Sequence[FileRow]) -> Subject:
    thumbs = snapshot.thumbs([row.id])[row.id]
    return Subject(describe_catalogued(row, path), thumbs, row.digest, path, row, files)
