"""Everything that can be asked of the catalogue, within one consistent read transaction."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import distinct, func, select

from simd.catalogue.file_reads import FileReads
from simd.catalogue.image_reads import ImageReads
from simd.catalogue.pair_reads import PairReads
from simd.catalogue.schema import (
    GENERATION,
    LAST_IMAGE_ID,
    directory,
    file,
    image,
    job,
    match,
    problem,
    root,
    state,
)


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
_FILES: Final = (
    select(root.c.online, _HERE.label("here"), func.count())
    .select_from(file.join(directory).join(root))
    .group_by(root.c.online, _HERE)
)


class Snapshot(FileReads, ImageReads, PairReads):
    """One moment of the catalogue. Keep it short: an open snapshot keeps the log from shrinking."""

    @cached_property
    def generation(self) -> int:
        """The number of the last commit that this snapshot sees."""
        query = select(state.c.value).where(state.c.key == GENERATION)
        return int(self._connection.execute(query).scalar_one())

    def last_image_id(self) -> int:
        """The greatest image id that is or was in use, 0 when there was none."""
        greatest = self._connection.execute(select(func.max(image.c.id))).scalar_one() or 0
        query = select(state.c.value).where(state.c.key == LAST_IMAGE_ID)
        return max(int(greatest), int(self._connection.execute(query).scalar_one()))

    def counts(self) -> Counts:
        """How much the catalogue holds."""
        files = {(online, here): count for online, here, count in self._connection.execute(_FILES)}
        unreadable = select(func.count()).select_from(problem.join(file)).where(_HERE)
        return Counts(
            present=files.get((True, True), 0),
            missing=files.get((True, False), 0) + files.get((False, False), 0),
            offline=files.get((False, True), 0),
            images=self._connection.execute(
                select(func.count(distinct(file.c.image_id))).where(_HERE)
            ).scalar_one(),
            problems=self._connection.execute(unreadable).scalar_one(),
            pairs=self._connection.execute(select(func.count()).select_from(match)).scalar_one(),
        )

    def job_success(self, name: str) -> datetime | None:
        """When the scheduled job last succeeded."""
        return self._connection.execute(
            select(job.c.last_success_at).where(job.c.name == name)
        ).scalar_one_or_none()
