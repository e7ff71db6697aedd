"""What the door asks of the service behind it.

Every method is called from one of the door's threads, may block, and raises
:mod:`simd.core.errors` for whatever goes wrong on purpose.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from simd.core.actions.model import ActionName, PlanRequest
from simd.core.actions.words import StepState
from simd.core.answers import (
    Comparison,
    DoctorAnswer,
    GroupPage,
    ImageAnswer,
    Marked,
    Metric,
    NotificationTest,
    Outcome,
    Partition,
    Paused,
    Plan,
    PlanPage,
    ProblemPage,
    ProtectedList,
    ProtectionChanged,
    Pulse,
    QueryAnswer,
    Reloaded,
    RematchStarted,
    ReportAnswer,
    ReportDiff,
    ReportList,
    Retried,
    ScanStarted,
    Status,
    Synced,
    Unmarked,
    VerdictPage,
)
from simd.core.partition import Upload
from simd.core.questions import GroupOptions, PictureName, QueryOptions, QuerySubject
from simd.core.verdicts import GivenVerdict, VerdictKind
from simd.runtime.broadcast import Subscription


class Facade(Protocol):
    """The service, one method for each thing that a person can ask."""

    def status(self) -> Status:
        """The daemon at a glance."""
        ...

    def sync(self, timeout: float) -> Synced:
        """Return when every change made before the call is searchable; TimedOut after ``timeout`` seconds."""
        ...

    def scan(self, paths: Sequence[bytes] | None, *, rehash: bool, accept_missing: bool) -> ScanStarted:
        """Begin a sweep of these folders, or of all roots."""
        ...

    def query(self, subject: QuerySubject, options: QueryOptions) -> QueryAnswer:
        """The near-duplicates of a picture."""
        ...

    def groups(self, options: GroupOptions) -> GroupPage:
        """A page of duplicate groups."""
        ...

    def image(self, image_id: int) -> ImageAnswer:
        """All that is known of an image."""
        ...

    def image_at(self, path: bytes) -> ImageAnswer:
        """All that is known of the image in a file."""
        ...

    def compare(self, a: QuerySubject, b: QuerySubject) -> Comparison:
        """Two pictures compared by every measure."""
        ...

    def partition(self, paths: Sequence[bytes], grade: float) -> Partition:
        """Files, and pictures in folders, parted into groups of similar ones."""
        ...

    def partition_uploads(self, uploads: Sequence[Upload], grade: float) -> Partition:
        """Uploaded pictures parted into groups of similar ones."""
        ...

    def problems(self, limit: int, cursor: str | None) -> ProblemPage:
        """A page of the files that could not be read."""
        ...

    def retry_problems(self) -> Retried:
        """Read the unreadable files again."""
        ...

    def mark(self, kind: VerdictKind, pictures: Sequence[PictureName]) -> Marked:
        """Decide something about pictures."""
        ...

    def unmark(self, pictures: Sequence[PictureName]) -> Unmarked:
        """Take back what was decided about pictures."""
        ...

    def verdicts(self, limit: int, cursor: str | None) -> VerdictPage:
        """A page of what was decided."""
        ...

    def protected(self) -> ProtectedList:
        """Everything that keeps its place."""
        ...

    def protect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """Have files and folders keep their place."""
        ...

    def unprotect(self, paths: Sequence[bytes]) -> ProtectionChanged:
        """Take protection back."""
        ...

    def accept_verdicts(self, verdicts: Sequence[GivenVerdict]) -> Marked:
        """Take verdicts that were given earlier or elsewhere."""
        ...

    def plan(self, request: PlanRequest) -> Plan:
        """Make and store a plan."""
        ...

    def plan_at(self, plan: int, limit: int, cursor: str | None, state: StepState | None) -> Plan:
        """A plan with a page of its steps."""
        ...

    def plans(self, limit: int, cursor: str | None) -> PlanPage:
        """A page of the plans."""
        ...

    def apply(self, plan: int, *, dry_run: bool) -> Outcome:
        """Do what a plan says."""
        ...

    def undo(self, name: ActionName) -> Outcome:
        """Take back a plan, or a step of one."""
        ...

    def restore(self, paths: Sequence[bytes]) -> Outcome:
        """Put files back."""
        ...

    def purge(self, older_than: timedelta, *, dry_run: bool) -> Outcome:
        """Delete for good what has been in quarantine for so long."""
        ...

    def make_report(self) -> ReportAnswer:
        """Make a report, and return once it is there."""
        ...

    def reports(self) -> ReportList:
        """Every report that is kept."""
        ...

    def report(self, report_id: str) -> ReportAnswer:
        """One report."""
        ...

    def report_diff(self, a: str, b: str) -> ReportDiff:
        """What changed from one report to another."""
        ...

    def test_notification(self) -> NotificationTest:
        """Send a trial message to everyone who is told of reports."""
        ...

    def rematch(self) -> RematchStarted:
        """Begin to compare all images anew."""
        ...

    def pause(self) -> Paused:
        """Stop hashing; queries still answer."""
        ...

    def resume(self) -> Paused:
        """Go on hashing."""
        ...

    def reload(self) -> Reloaded:
        """Read the settings again, and follow what has changed."""
        ...

    def doctor(self) -> DoctorAnswer:
        """Check the machine."""
        ...

    def subscribe(self) -> Subscription:
        """Begin to listen to what happens."""
        ...

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening."""
        ...

    def metrics(self) -> Sequence[Metric]:
        """Samples for Prometheus."""
        ...

    def pulse(self) -> Pulse:
        """What the daemon does at this moment."""
        ...

    def note_query(self, seconds: float) -> None:
        """A query was answered, so long after it had come."""
        ...
