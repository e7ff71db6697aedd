"""What the schedule asks for, and nobody else."""

from datetime import datetime

from simd.parts import Parts


class Chores:
    """The part of the façade that is for the schedule."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def report_nightly(self) -> None:
        """Make the report of this night once the catalogue is in step with the folders.

        Raises:
            Unavailable: the daemon is stopping.
        """
        self._parts.catch_up.wait()
        self._parts.reports.nightly()

    def sweep_all(self, reason: str) -> None:
        """Sweep every root."""
        self._parts.sweeper.request_all(reason)

    def sweep_timed(self) -> None:
        """Sweep every root because it is time to, but not while the machine is to be left alone."""
        if not self._parts.sparing.puts_off_sweep():
            self.sweep_all("timed")

    def sweep_unwatched(self) -> None:
        """Sweep the roots that are not fully watched, at the times of :meth:`sweep_timed`."""
        if not self._parts.sparing.puts_off_sweep():
            self._parts.sweeper.request_unwatched()

    def back_up(self) -> None:
        """Write a copy of the catalogue."""
        self._parts.upkeep.back_up()

    def check_catalogue(self) -> None:
        """Look for damage in the catalogue."""
        self._parts.upkeep.check()

    def forget(self) -> None:
        """Drop what has been missing for too long, and plans that nobody has applied.

        Raises:
            Unavailable: the plans are put off while something is done to files.
        """
        self._parts.upkeep.forget()
        self._parts.actions.forget_unbegun()

    def job_success(self, name: str) -> datetime | None:
        """When a scheduled job last succeeded."""
        with self._parts.catalogue.read() as snapshot:
            return snapshot.job_success(name)

    def record_job_success(self, name: str, at: datetime) -> None:
        """Remember that a scheduled job succeeded."""
        self._parts.catalogue.write(lambda t: t.set_job_success(name, at)).result()
