"""Everything that can be written to the catalogue, within one transaction of the writer thread."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.sqlite import insert

from simd.catalogue.changes import touch
from simd.catalogue.engines import driver_connection
from simd.catalogue.file_writes import FileWrites
from simd.catalogue.image_writes import ImageWrites
from simd.catalogue.moves import Moves
from simd.catalogue.rematch_writes import RematchWrites
from simd.catalogue.report_writes import ReportWrites
from simd.catalogue.schema import CLEAN_EXIT, job, state
from simd.catalogue.snapshot import Snapshot


class Transaction(FileWrites, ImageWrites, Moves, RematchWrites, ReportWrites):
    """What a job of the writer is handed. It is valid only while that job runs."""

    @property
    def snapshot(self) -> Snapshot:
        """The read verbs, over what this transaction has written so far."""
        return Snapshot(self._connection)

    def touch_images(self, image_ids: Collection[int]) -> None:
        """Have a commit that names these images: what changes their groups is kept elsewhere."""
        # At least one row changes, so that the commit counts even where the catalogue has none of them.
        self.note_in_use()
        touch(driver_connection(self._connection), image_ids)

    def note_in_use(self) -> None:
        """Note again that the catalogue is in use: a commit that changes nothing else."""
        self._connection.execute(update(state).where(state.c.key == CLEAN_EXIT).values(value=0))

    def set_job_success(self, name: str, at: datetime) -> None:
        """Note when a scheduled job last succeeded."""
        statement = insert(job).values(name=name, last_success_at=at)
        changes = {"last_success_at": statement.excluded.last_success_at}
        self._connection.execute(statement.on_conflict_do_update(index_elements=[job.c.name], set_=changes))
