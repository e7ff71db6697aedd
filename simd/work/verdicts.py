"""What a person has decided about pictures: taken, taken back, listed, and turned into marks of images."""

import logging
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock

from simd.catalogue import Catalogue, Snapshot, VerdictTable
from simd.core.answers import Marked, Unmarked, VerdictImage, VerdictPage, VerdictRow
from simd.core.display import display_path, path_b64
from simd.core.errors import BadRequest, CatalogueError, NotFound
from simd.core.marks import NO_MARKS, Marks, marks_of
from simd.core.model import FileRow, FileState, ImageRow
from simd.core.questions import PictureName
from simd.core.verdicts import GivenVerdict, Images, Merged, VerdictKind, concerning, merge, verdicts_on
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.work.describe import best_file, digest_text
from simd.work.examine import stamp_of

log = logging.getLogger(__name__)

MOST_PICTURES = 200
"""Pictures that are marked at once: every pair of them is a row, and these are 19,900."""

_CURSOR = re.compile(r"(-?[0-9]{1,12})-([0-9a-f]{64})(?:-([0-9a-f]{64}))?")
"""The moment of the last verdict of a page, in seconds, and what it is about."""

MarksOf = Callable[[Snapshot], Marks]
"""Gives the marks of the images in a snapshot."""


def unmarked(_snapshot: Snapshot) -> Marks:
    """Nothing was decided."""
    return NO_MARKS


def marks_within(verdicts: Iterable[GivenVerdict], snapshot: Snapshot) -> Marks:
    """What verdicts mean for the images of a snapshot."""
    known = list(verdicts)
    digests = {digest for verdict in known for digest in verdict.images}
    return marks_of(known, snapshot.ids_by_digest(digests))


class Verdicts:
    """The verdicts of the person, held in memory. Any thread may use it."""

    def __init__(self, table: VerdictTable, catalogue: Catalogue, clock: Clock, broadcast: Broadcast) -> None:
        """``broadcast`` tells of the images whose groups may have changed.

        Raises:
            CatalogueError: the decisions cannot be read.
        """
        self._table = table
        self._catalogue = catalogue
        self._clock = clock
        self._broadcast = broadcast
        self._lock = Lock()
        self._standing: dict[Images, GivenVerdict] = {it.images: it for it in table.all()}
        self._marking = _Marking(catalogue)

    def mark(self, kind: VerdictKind, pictures: Sequence[PictureName]) -> Marked:
        """Decide something about pictures; it is on the disk when this returns.

        Args:
            kind: to be different, or of a series, is said of every pair among them; to be kept, of each.
            pictures: known to the catalogue, or named by their digests.

        Raises:
            BadRequest: too few or too many of them, or one twice.
            NotFound: the catalogue does not know one of them.
            CatalogueError: this cannot be kept.
        """
        if len(pictures) == 1 and kind is not VerdictKind.KEEP:
            raise BadRequest(
                f"{kind.value} is said of two pictures or more, and one is named.",
                hint="Name those that it is different from, or in a series with.",
            )
        digests = self._digests(pictures)
        given = verdicts_on(kind, digests, self._now())
        return self._take(lambda standing: merge(standing, given))

    def accept(self, verdicts: Sequence[GivenVerdict]) -> Marked:
        """Take verdicts that were given earlier, perhaps elsewhere.

        Of two on the same pictures the later one holds.

        Raises:
            CatalogueError: they cannot be kept; none of them is.
        """
        return self._take(lambda standing: merge(standing, verdicts, by_age=True))

    def unmark(self, pictures: Sequence[PictureName]) -> Unmarked:
        """Take back what was decided: all about one picture, or about every pair among several.

        Raises:
            BadRequest, NotFound, CatalogueError: as for :meth:`mark`.
        """
        digests = self._digests(pictures)
        with self._lock:
            gone = concerning(self._standing, digests)
            if gone:
                self._table.drop(gone)
                for verdict in gone:
                    del self._standing[verdict.images]
                self._marking.forget()
        if gone:
            self._announce(gone)
        return Unmarked(removed=len(gone), generation=self._catalogue.generation())

    def page(self, limit: int, cursor: str | None) -> VerdictPage:
        """Verdicts, the newest first.

        Raises:
            BadRequest: a cursor that no page gave.
        """
        with self._lock:
            ordered = sorted(self._standing.values(), key=_position)
        after = None if cursor is None else _parse_cursor(cursor)
        start = 0 if after is None else bisect_right(ordered, after, key=_position)
        shown = ordered[start : start + limit]
        with self._catalogue.read() as snapshot:
            return VerdictPage(
                verdicts=_rows(shown, snapshot),
                total=len(ordered),
                next_cursor=_cursor(shown[-1]) if start + limit < len(ordered) else None,
                generation=snapshot.generation,
            )

    def all(self) -> Sequence[GivenVerdict]:
        """Every verdict, for whoever works by a snapshot of another process."""
        with self._lock:
            return list(self._standing.values())

    def marks(self, snapshot: Snapshot) -> Marks:
        """What the verdicts mean for the images of a snapshot; the same object while nothing changes."""
        with self._lock:
            return self._marking.marks(self._standing, snapshot)

    def _now(self) -> datetime:
        """The moment, as it is kept."""
        return self._clock.now().astimezone(UTC).replace(microsecond=0)

    def _take(self, merging: Callable[[Mapping[Images, GivenVerdict]], Merged]) -> Marked:
        with self._lock:
            merged = merging(self._standing)
            if merged.changed:
                self._table.put(merged.changed)
                self._standing.update((it.images, it) for it in merged.changed)
                self._marking.forget()
        if merged.changed:
            self._announce(merged.changed)
        return Marked(
            added=len(merged.added),
            replaced=len(merged.replaced),
            unchanged=merged.unchanged,
            generation=self._catalogue.generation(),
        )

    def _announce(self, changed: Iterable[GivenVerdict]) -> None:
        """Count the change as a commit, and tell whoever listens; groups find out by themselves."""
        with self._catalogue.read() as snapshot:
            ids = sorted(snapshot.ids_by_digest({digest for it in changed for digest in it.images}).values())
        try:
            self._catalogue.write(lambda to: to.touch_images(ids)).result()
        except CatalogueError as error:
            log.warning("verdicts are kept, but the catalogue does not count them: %s", error.message)
        self._broadcast.tell("groups", images=ids, generation=self._catalogue.generation())

    def _digests(self, pictures: Sequence[PictureName]) -> list[bytes]:
        """The digests of pictures, each of which is another one."""
        if not pictures:
            raise BadRequest("No picture is named.", hint="Name them by path, id or digest.")
        if len(pictures) > MOST_PICTURES:
            raise BadRequest(
                f"{len(pictures):,} pictures are named.", hint=f"Name at most {MOST_PICTURES} at once."
            )
        found: dict[bytes, PictureName] = {}
        with self._catalogue.read() as snapshot:
            for picture in pictures:
                digest = _digest_of(picture, snapshot)
                if digest in found:
                    first, second = found[digest].shown, picture.shown
                    raise BadRequest(
                        f"{second} is named twice."
                        if first == second
                        else f"{first} and {second} are the same picture, byte for byte.",
                        hint="A verdict is about pictures that differ; which of equal files stays, the keep "
                        "rules decide.",
                    )
                found[digest] = picture
        return list(found)


class _Marking:
    """Turns verdicts into marks, and asks the catalogue only about what may have changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._generation: int | None = None
        self._ids: dict[bytes, int] = {}
        self._absent: set[bytes] = set()
        self._marks = NO_MARKS

    def forget(self) -> None:
        """Work everything out the next time: the verdicts are others."""
        self._generation = None

    def marks(self, standing: Mapping[Images, GivenVerdict], snapshot: Snapshot) -> Marks:
        """The marks; a snapshot that is older than the last one gets those of the last one.

        That does no harm: an image that is not there yet has no groups, and one that has gone since
        is worked out again, with its groups, when that is seen.
        """
        seen, now = self._generation, snapshot.generation
        if seen is None or now > seen:
            touched = None if seen is None else self._catalogue.touched(seen, now)
            self._follow(standing, touched, snapshot)
            self._generation = now
        return self._marks

    def _follow(
        self, standing: Mapping[Images, GivenVerdict], touched: frozenset[int] | None, snapshot: Snapshot
    ) -> None:
        if touched is None:
            self._ids.clear()
            self._absent = {digest for images in standing for digest in images}
            gone: set[bytes] = set(self._absent)
        else:
            gone = {digest for digest, image_id in self._ids.items() if image_id in touched}
        before = {digest: self._ids.pop(digest) for digest in gone & self._ids.keys()}
        found = snapshot.ids_by_digest(gone | self._absent)
        self._ids |= found
        self._absent = (gone | self._absent) - found.keys()
        if touched is None or before != found:
            self._marks = marks_of(standing.values(), self._ids)


def _digest_of(picture: PictureName, snapshot: Snapshot) -> bytes:
    if picture.digest is not None:
        return picture.digest
    row = _file_image(picture.path, snapshot) if picture.path is not None else None
    if picture.image_id is not None:
        row = snapshot.image(picture.image_id)
    if row is None:
        raise NotFound(
            f"The catalogue knows no picture {picture.shown}.",
            hint="Name a file below a watched folder, the id of an image as simctl groups shows it, or a "
            "digest like sha256:12ab...; simctl sync waits until new files are read.",
            path=picture.shown if picture.path is not None else None,
        )
    return row.digest


def _file_image(path: bytes, snapshot: Snapshot) -> ImageRow | None:
    """The image of a catalogued file.

    Raises:
        BadRequest: the file is another one than the catalogue knows.
    """
    file = snapshot.file_at(path)
    if file is None or file.image_id is None:
        return None
    if file.state is FileState.PRESENT and (stamp_of(path) or file.stamp) != file.stamp:
        shown = display_path(path)
        raise BadRequest(
            f"{shown} has changed since simd read it.",
            hint="simctl sync waits until it is read again.",
            path=shown,
        )
    return snapshot.image(file.image_id)


def _position(verdict: GivenVerdict) -> tuple[int, Images]:
    """Where a verdict stands among all: the newest first."""
    return (-int(verdict.since.timestamp()), verdict.images)


def _cursor(verdict: GivenVerdict) -> str:
    seconds, images = _position(verdict)
    return "-".join((str(-seconds), *(digest.hex() for digest in images)))


def _parse_cursor(cursor: str) -> tuple[int, Images]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadRequest(
            f"There is no page at cursor {cursor!r}.", hint="Pass next_cursor of the page before."
        )
    seconds, *images = found.groups()
    return (-int(seconds), tuple(bytes.fromhex(digest) for digest in images if digest is not None))


def _rows(verdicts: Sequence[GivenVerdict], snapshot: Snapshot) -> list[VerdictRow]:
    images = snapshot.images_by_digest({digest for verdict in verdicts for digest in verdict.images})
    files = snapshot.files_of([row.id for row in images.values()])
    return [
        VerdictRow(
            verdict=verdict.kind,
            images=[_described(digest, images.get(digest), files) for digest in verdict.images],
            since=verdict.since.isoformat(timespec="seconds"),
        )
        for verdict in verdicts
    ]


def _described(digest: bytes, row: ImageRow | None, files: Mapping[int, Sequence[FileRow]]) -> VerdictImage:
    held = [] if row is None else files[row.id]
    path = best_file(held).path if held else None
    return VerdictImage(
        digest=digest_text(digest),
        id=None if row is None else row.id,
        path=None if path is None else display_path(path),
        path_b64=None if path is None else path_b64(path),
    )
