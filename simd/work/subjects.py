"""From what a question names to the signature that the index and the verifier need."""

import os
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from simd.catalogue import Catalogue, Snapshot
from simd.core.answers import ImageLike
from simd.core.display import display_path
from simd.core.errors import NotFound, Unavailable, UnreadableImage
from simd.core.model import ImageRow, Signature, Thumbs
from simd.core.questions import QuerySubject
from simd.imaging import Changed, Decoded, DecodePool, Outcome, Refused
from simd.work.describe import describe_catalogued, describe_signature
from simd.work.examine import stamp_of

LONGEST_READ_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture that was asked about, decoded.

    Attributes:
        image_id: its id where the catalogue knows these bytes.
        path: the file that was named, if one was.
    """

    likeness: ImageLike
    thumbs: Thumbs
    digest: bytes
    image_id: int | None
    path: bytes | None


class Subjects:
    """Finds or reads the pictures that questions are about."""

    def __init__(self, catalogue: Catalogue, pool: DecodePool, recipe: int, uploads: Path) -> None:
        """``uploads`` is a private folder for pictures that came over the socket."""
        self._catalogue = catalogue
        self._pool = pool
        self._recipe = recipe
        self._uploads = uploads

    def resolve(self, asked: QuerySubject) -> Subject:
        """The signature of what was asked about, read now only if the catalogue has none.

        Raises:
            NotFound: no such image, or nothing stands at the path.
            UnreadableImage: the picture cannot be decoded; the message says why.
        """
        if asked.image_id is not None:
            return self._by_id(asked.image_id)
        if asked.path is not None:
            return self._by_path(asked.path)
        return self._by_upload(asked.upload or b"", asked.name)

    def _by_id(self, image_id: int) -> Subject:
        with self._catalogue.read() as snapshot:
            row = snapshot.image(image_id)
            if row is None:
                raise NotFound(
                    f"There is no image {image_id}.", hint="simctl groups shows the ids of images."
                )
            files = snapshot.files_of([image_id]).get(image_id, [])
            return _catalogued(row, snapshot, files[0].path if files else None)

    def _by_path(self, path: bytes) -> Subject:
        stamp = stamp_of(path)
        if stamp is not None:
            with self._catalogue.read() as snapshot:
                row = snapshot.file_at(path)
                if row is not None and row.image_id is not None and row.stamp == stamp:
                    image = snapshot.image(row.image_id)
                    if image is not None and image.recipe == self._recipe:
                        return _catalogued(image, snapshot, path)
        # Whoever asks about a link means the picture behind it.
        return self._read(os.path.realpath(path), named=path)

    def _by_upload(self, upload: bytes, name: str | None) -> Subject:
        shown = os.fsencode(name) if name else None
        with NamedTemporaryFile(dir=self._uploads, prefix="upload-") as file:
            file.write(upload)
            file.flush()
            return self._read(os.fsencode(file.name), named=shown)

    def _read(self, path: bytes, named: bytes | None) -> Subject:
        outcome = _await(self._pool.submit(path, urgent=True))
        if not isinstance(outcome, Decoded):
            raise _refusal(outcome, path, named)
        signature = outcome.signature
        with self._catalogue.read() as snapshot:
            row = snapshot.image_by_digest(signature.digest)
            if row is not None and row.recipe == self._recipe:
                return _catalogued(row, snapshot, named)
        return _uncatalogued(signature, named)


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


def _catalogued(row: ImageRow, snapshot: Snapshot, path: bytes | None) -> Subject:
    thumbs = snapshot.thumbs([row.id])[row.id]
    return Subject(describe_catalogued(row, path), thumbs, row.digest, row.id, path)


def _uncatalogued(signature: Signature, path: bytes | None) -> Subject:
    return Subject(describe_signature(signature, path), signature.thumbs, signature.digest, None, path)
