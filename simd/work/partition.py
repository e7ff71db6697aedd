"""Parting any pictures, catalogued or not, into groups of similar ones."""

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np

from simd.catalogue import Catalogue
from simd.core.answers import PartedPicture, PartGroup, Partition, PartRefusal
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest, Unavailable, UnreadableImage
from simd.core.model import ProblemCode
from simd.core.partition import FRAME_SIDE, MOST_PICTURES, Founders, Upload
from simd.core.skipping import SkipRules
from simd.imaging import DecodePool, Framed, Refused
from simd.runtime.broadcast import Broadcast
from simd.work.examine import extension_of
from simd.work.subjects import LONGEST_READ_SECONDS
from simd.work.uploads import UploadFolder

EVENT = "partition"
TELL_SECONDS = 0.5
"""Progress is told at most so often."""

_AHEAD_PER_WORKER = 2
"""So many pictures are handed out at once; others who wait for an answer get their turn in between."""

_NAMED = 5
"""So many of the files that are none are named where there is no picture among them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file to be parted: where it lies, and how it is called in the answer (``path`` None: an upload)."""

    place: bytes
    name: str
    path: bytes | None
    trouble: Refused | None = None


class Partitioning:
    """Answers ``partition``, one at a time, so that the frames of several never add up."""

    def __init__(
        self,
        catalogue: Catalogue,
        pool: DecodePool,
        skip: SkipRules,
        extensions: frozenset[bytes],
        uploads: UploadFolder,
        broadcast: Broadcast,
    ) -> None:
        """What is needed.

        Args:
            catalogue: for its generation alone; nothing is asked of it or written.
            pool: reads the pictures.
            skip: what is left out of folders.
            extensions: of the pictures in folders, in lower case with their dot.
            uploads: for pictures that came over the socket.
            broadcast: is told the progress.
        """
        self._catalogue = catalogue
        self._pool = pool
        self._skip = skip
        self._extensions = extensions
        self._uploads = uploads
        self._broadcast = broadcast
        self._busy = Lock()

    def of_paths(self, paths: Sequence[bytes], grade: float) -> Partition:
        """Part the files that are named, and the pictures in the folders that are.

        Args:
            paths: absolute, in the order of arrival; a folder stands for all below it, by name.
            grade: the SSIM from which a picture is like the founder of a group, 0 to 1.

        Raises:
            BadRequest: the grade is none, or there is no picture, or there are too many.
            UnreadableImage: none of the files is a picture.
            Unavailable: somebody else's pictures are being parted.
        """
        _check(grade)
        with self._alone():
            return self._part(self._found(paths), grade)

    def of_uploads(self, uploads: Sequence[Upload], grade: float) -> Partition:
        """Part pictures that came over the socket; nothing is left of them afterwards.

        Raises:
            BadRequest, UnreadableImage, Unavailable: see :meth:`of_paths`.
            Failed: they cannot be laid on the disk.
        """
        _check(grade)
        if not uploads:
            raise BadRequest("There are no pictures.", hint="Send each as a file of the multipart form.")
        with self._alone(), self._uploads.laid([upload.stream for upload in uploads]) as places:
            # The name of an upload serves for display alone.
            entries = [
                _Entry(os.fsencode(place), upload.name, None)
                for upload, place in zip(uploads, places, strict=True)
            ]
            return self._part(entries, grade)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise Unavailable("Other pictures are being parted now.", hint="Ask again when that is done.")
        try:
            yield
        finally:
            self._busy.release()

    def _part(self, entries: Sequence[_Entry], grade: float) -> Partition:
        began = time.monotonic()
        founders = Founders(grade)
        groups: list[list[PartedPicture]] = []
        refused: list[PartRefusal] = []
        for entry, outcome in self._read(entries):
            if isinstance(outcome, Refused):
                refused.append(_refusal(entry, outcome))
                continue
            frame = np.frombuffer(outcome.frame, dtype=np.uint8).reshape(FRAME_SIDE, FRAME_SIDE)
            number = founders.place(frame, outcome.aspect)
            if number == len(groups):
                groups.append([])
            groups[number].append(_parted(entry, outcome))
        if not groups:
            raise _no_pictures(refused)
        return Partition(
            grade=grade,
            groups=[PartGroup(number=number, pictures=group) for number, group in enumerate(groups, 1)],
            refused=refused,
            took_ms=round((time.monotonic() - began) * 1e3, 1),
            generation=self._catalogue.generation(),
        )

    def _read(self, entries: Sequence[_Entry]) -> Iterator[tuple[_Entry, Framed | Refused]]:
        """What each file holds, in their order; a few are read ahead."""
        waiting: deque[tuple[_Entry, Future[Framed | Refused]]] = deque()
        told = time.monotonic()
        for done, entry in enumerate(entries):
            waiting.append((entry, self._outcome(entry)))
            if len(waiting) > _AHEAD_PER_WORKER * self._pool.workers:
                yield _next(waiting)
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self._broadcast.tell(EVENT, phase="partition", done=done, total=len(entries))
        while waiting:
            yield _next(waiting)

    def _outcome(self, entry: _Entry) -> "Future[Framed | Refused]":
        if entry.trouble is None:
            return self._pool.frame(entry.place)
        known: Future[Framed | Refused] = Future()
        known.set_result(entry.trouble)
        return known

    def _found(self, paths: Sequence[bytes]) -> list[_Entry]:
        """A file is itself, whatever it is called; whoever names a link means what is behind it."""
        found: list[_Entry] = []
        for path in paths:
            place = os.path.realpath(path)
            if os.path.isdir(place):  # noqa: PTH112 - the path is bytes
                found.extend(self._pictures_below(place))
            else:
                found.append(_Entry(place, _name(path), path))
            if len(found) > MOST_PICTURES:
                raise BadRequest(
                    f"There are more than {MOST_PICTURES:,} pictures.", hint="Part them a folder at a time."
                )
        if not found:
            raise BadRequest("There are no pictures.", hint="Name picture files, or folders that hold some.")
        return found

    def _pictures_below(self, root: bytes) -> Iterator[_Entry]:
        troubles: list[OSError] = []
        for folder, folders, names in os.walk(root, onerror=troubles.append):
            folders[:] = sorted(
                name
                for name in folders
                if not self._skip.skips_directory(os.path.join(folder, name), name, root)  # noqa: PTH118 - bytes
            )
            for name in sorted(names):
                path = os.path.join(folder, name)  # noqa: PTH118 - bytes
                if extension_of(name) in self._extensions and not self._skip.skips_file(path, name, root):
                    yield _Entry(path, _name(path), path)
        for trouble in troubles:
            path = os.fsencode(trouble.filename)
            reason = f"The folder cannot be read: {(trouble.strerror or 'unknown error').lower()}."
            yield _Entry(path, _name(path), path, Refused(ProblemCode.PERMISSION, reason, None))


def _check(grade: float) -> None:
    if not 0 <= grade <= 1:
        raise BadRequest(
            f"A grade of {grade:g} is none.", hint="A grade is 0 (all alike) to 1 (equal), such as 0.95."
        )


def _next(
    waiting: deque[tuple[_Entry, "Future[Framed | Refused]"]],
) -> tuple[_Entry, Framed | Refused]:
    entry, future = waiting.popleft()
    try:
        return entry, future.result(LONGEST_READ_SECONDS)
    except FutureTimeout:
        return entry, Refused(ProblemCode.TIMEOUT, "Every worker was busy for too long.", None)


def _parted(entry: _Entry, framed: Framed) -> PartedPicture:
    path = entry.path
    return PartedPicture(
        name=entry.name,
        path=None if path is None else display_path(path),
        path_b64=None if path is None else path_b64(path),
        sha1=framed.sha1,
    )


def _refusal(entry: _Entry, refused: Refused) -> PartRefusal:
    path = entry.path
    return PartRefusal(
        name=entry.name,
        path=None if path is None else display_path(path),
        path_b64=None if path is None else path_b64(path),
        code=refused.code,
        reason=refused.reason,
    )


def _no_pictures(refused: Sequence[PartRefusal]) -> UnreadableImage:
    said = [f"{each.path or each.name}: {each.reason}" for each in refused[:_NAMED]]
    more = len(refused) - len(said)
    return UnreadableImage(
        "None of the files is a picture. " + " ".join(said) + (f" And {more} more." if more else ""),
        hint="JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF and HEIC are read.",
        path=refused[0].path,
    )


def _name(path: bytes) -> str:
    return display_path(os.path.basename(path))  # noqa: PTH119 - the path is bytes
