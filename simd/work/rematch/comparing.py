"""From candidates to stored pairs: pictures are verified in small batches, and written in larger ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from simd.catalogue import Catalogue, Transaction
from simd.core.candidates import Candidates, Families, Limits, candidates_between, candidates_within
from simd.core.matching import Bookmark
from simd.core.measures import verified
from simd.core.model import Pair, Thumbs
from simd.ports import Clock
from simd.runtime.broadcast import Broadcast
from simd.work.rematch.neighbours import Step

COMPARED_AT_ONCE = 256
WRITTEN_AT_ONCE = 2_000

COMMIT_SECONDS = 5.0
"""A bookmark is written this often: what was done since then is done again after a crash."""

Version = tuple[int, int]
"""Recipe and phash of an image, which change with its thumbnails."""

Found = tuple[Pair, Version, Version]
"""A verified pair, and the versions of its two images that were compared."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Some pictures as they were at one moment.

    Attributes:
        thumbs: by image; those that are gone are missing.
        versions: of the same images.
    """

    thumbs: Mapping[int, Thumbs]
    versions: Mapping[int, Version]

    @classmethod
    def read(cls, catalogue: Catalogue, image_ids: Iterable[int]) -> "Pictures":
        """Read them.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """
        wanted = list(image_ids)
        with catalogue.read() as snapshot:
            return cls(snapshot.thumbs(wanted), snapshot.versions(wanted))

    def both(self, a: int, b: int) -> bool:
        """Whether two images were there."""
        return a in self.thumbs and b in self.thumbs


class Comparing:
    """Verifies candidates and writes those that are pairs."""

    def __init__(
        self,
        catalogue: Catalogue,
        broadcast: Broadcast,
        clock: Clock,
        bookmark: Bookmark,
        advance: Callable[[int], None],
    ) -> None:
        """``bookmark`` is what was noted last; ``advance`` is called after every slice of work."""
        self.bookmark = bookmark
        self._catalogue = catalogue
        self._broadcast = broadcast
        self._clock = clock
        self._advance = advance
        self._pictures = Pictures({}, {})
        self._found: list[Found] = []
        self._committed_at = clock.monotonic()

    def take(self, step: Step, families: Families, limits: Limits) -> None:
        """Compare everybody whom a step names.

        Raises:
            CatalogueError: pairs could not be read or written.
            Stopped: the daemon is stopping.
        """
        self._compare(candidates_within(families, limits, step.within))
        for near in step.near:
            self._compare(candidates_between(families, limits, near))
            self._advance(0)

    def note(self, bookmark: Bookmark) -> None:
        """Everything up to ``bookmark`` is compared; it is written with the pairs, now and then.

        Raises:
            CatalogueError: the writer could not commit.
        """
        self.bookmark = bookmark
        if self._clock.monotonic() - self._committed_at >= COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Write the pairs that are held, and how far they go.

        Raises:
            CatalogueError: the writer could not commit.
        """
        changed = self._catalogue.write(_Writing(self._found, self.bookmark)).result()
        if changed:
            images = sorted({image_id for pair, *_ in self._found for image_id in (pair.a, pair.b)})
            self._broadcast.tell("groups", images=images, generation=self._catalogue.generation())
        self._found = []
        self._committed_at = self._clock.monotonic()

    def _compare(self, found: Iterable[Candidates]) -> None:
        for ones, others in found:
            pairs = list(zip(ones.tolist(), others.tolist(), strict=True))
            for start in range(0, len(pairs), COMPARED_AT_ONCE):
                self._verify(pairs[start : start + COMPARED_AT_ONCE])
                self._advance(0)

    def _verify(self, pairs: list[tuple[int, int]]) -> None:
        pictures = self._pictures = self._look_at({image_id for pair in pairs for image_id in pair})
        for pair in verified(pictures.thumbs, [pair for pair in pairs if pictures.both(*pair)]):
            self._found.append((pair, pictures.versions[pair.a], pictures.versions[pair.b]))
        if len(self._found) >= WRITTEN_AT_ONCE:
            self.commit()

    def _look_at(self, image_ids: set[int]) -> Pictures:
        """These pictures; the best of a crowd are in every batch, so the last ones are kept."""
        last = self._pictures
        held = image_ids & last.thumbs.keys()
        more = Pictures.read(self._catalogue, image_ids - held)
        return Pictures(
            {**{image_id: last.thumbs[image_id] for image_id in held}, **more.thumbs},
            {**{image_id: last.versions[image_id] for image_id in held}, **more.versions},
        )


@dataclass(frozen=True, slots=True)
class _Writing:
    """A job of the writer; gives how many pairs changed.

    An image may have left or been read again since its picture was compared: what became of it
    then, its own arrival has seen to.
    """

    found: list[Found]
    bookmark: Bookmark

    def __call__(self, transaction: Transaction) -> int:
        images = {image_id for pair, *_ in self.found for image_id in (pair.a, pair.b)}
        present = transaction.snapshot.versions(images)
        transaction.put_bookmark(self.bookmark)
        return transaction.put_pairs(
            [pair for pair, a, b in self.found if (a, b) == (present.get(pair.a), present.get(pair.b))]
        )
