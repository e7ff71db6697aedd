"""What doctor sees from within the daemon."""

from concurrent.futures import Future
from datetime import timedelta

import pytest

from simd.catalogue import Catalogue
from simd.core.answers import Check, Note
from simd.imaging import DecodePool, Limits
from simd.work.checkup import Checkup
from tests.fakes import FakeClock


@pytest.fixture
def checkup(catalogue: Catalogue, clock: FakeClock) -> Checkup:
    """A checkup beside a pool that was never started."""
    return Checkup(catalogue, DecodePool(2, Limits()), clock)


def _by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_young_daemon_knows_little(checkup: Checkup) -> None:
    """What has never been done is not known to be well, and not wrong either."""
    checks = _by_name(checkup.checks([]))
    assert {"catalogue": (True, False), "backup": (True, False), "workers": (True, True)} == {
        name: (check.ok, check.checked) for name, check in checks.items()
    }
    assert "2 workers, 0 pictures read" == checks["workers"].message


def test_copies_must_be_recent(checkup: Checkup, catalogue: Catalogue, clock: FakeClock) -> None:
    """Three nights without a copy are a fault."""
    done: Future[None]
    for job in ("backup", "integrity"):
        done = catalogue.write(lambda to, job=job: to.set_job_success(job, clock.now()))  # type: ignore[misc]  # the default binds
        done.result()
    clock.advance(timedelta(days=3).total_seconds())
    checks = _by_name(checkup.checks([]))
    assert checks["backup"].ok
    assert checks["catalogue"].checked
    clock.advance(1)
    assert not _by_name(checkup.checks([]))["backup"].ok


def test_notes_count_as_faults_when_something_can_be_done(checkup: Checkup) -> None:
    """A note without a hint only tells of something."""
    notes = [Note(message="limit reached", hint="raise it"), Note(message="restored a copy", hint=None)]
    noted = checkup.checks(notes)[3:]
    assert [("status", False, "limit reached"), ("status", True, "restored a copy")] == [
        (check.name, check.ok, check.message) for check in noted
    ]
