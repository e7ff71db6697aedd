"""Everything that can be asked of the catalogue, within one consistent read transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, distinct, exists, func, select

from simd.catalogue.file_reads import FileReads
from simd.catalogue.image_reads import ImageReads
from simd.catalogue.inventory_reads import InventoryReads
from simd.catalogue.pair_reads import PairReads
from simd.catalogue.rematch_reads import RematchReads
from simd.catalogue.report_reads import ReportReads
from simd.catalogue.schema import (
    LAST_IMAGE_ID,
    directory,
    file,
    image,
    job,
    match,
    problem,
    state,
)
from simd.core.model import FileState


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalogue holds.

    Attributes:
        present, missing, offline: files by their state.
        images: images with at least one present or offline file.
        problems: files that could not be read and are not missing.
        pairs: verified pairs of images.
    """

    present: int
    missing: int
    offline: int
    images: int
    problems: int
    pairs: int


_HERE: Final = file.c.missing_since.is_(None)
_ALL_FILES: Final = select(func.count()).select_from(file)
_MISSING: Final = _ALL_FILES.where(file.c.missing_since.is_not(None))
# Asked in two steps, as no index tells at once how many images have a file that is not missing.
_WITH_FILES: Final = select(func.count(distinct(file.c.image_id))).where(file.c.image_id.is_not(None))
_ALL_MISSING: Final = """
SELECT count(DISTINCT image_id) FROM file INDEXED BY ix_file_missing
WHERE missing_since IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM file AS held WHERE held.image_id = file.image_id AND held.missing_since IS NULL
    )
"""
_UNREADABLE: Final = (
    select(func.count()).select_from(problem).where(exists().where(file.c.id == problem.c.file_id, _HERE))
)
_PAIRS: Final = select(func.count()).select_from(match)


class Snapshot(FileReads, ImageReads, PairReads, InventoryReads, RematchReads, ReportReads):
    """One moment of the catalogue. Keep it short: an open snapshot keeps the log from shrinking."""

    def last_image_id(self) -> int:
        """The greatest image id that is or was in use, 0 when there was none."""
        greatest = self._connection.execute(select(func.max(image.c.id))).scalar_one() or 0
        query = select(state.c.value).where(state.c.key == LAST_IMAGE_ID)
        return max(int(greatest), int(self._connection.execute(query).scalar_one()))

    def images_at(self, path: bytes) -> set[int]:
        """The images with a file at a path, or below it, that is not missing."""
        row = self.file_at(path)
        if row is None or row.image_id is None or row.state is FileState.MISSING:
            return self.images_under(path)
        return self.images_under(path) | {row.image_id}

    def counts(self) -> Counts:
        """How much the catalogue holds."""
        missing, offline = self._count(_MISSING), self._count(self._offline_files())
        [(lost,)] = self._driver_rows(_ALL_MISSING, ())
        return Counts(
            present=self._count(_ALL_FILES) - missing - offline,
            missing=missing,
            offline=offline,
            images=self._count(_WITH_FILES) - lost,
            problems=self._count(_UNREADABLE),
            pairs=self._count(_PAIRS),
        )

    def job_success(self, name: str) -> datetime | None:
        """When the scheduled job last succeeded."""
        return self._connection.execute(
            select(job.c.last_success_at).where(job.c.name == name)
        ).scalar_one_or_none()

    def _offline_files(self) -> Select[int]:
        offline = [place.id for place in self._roots if not place.online]
        gone = select(directory.c.id).where(directory.c.root_id.in_(offline))
        return _ALL_FILES.where(file.c.directory_id.in_(gone), _HERE)
