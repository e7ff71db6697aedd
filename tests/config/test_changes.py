"""What differs between two settings."""

from dataclasses import replace
from pathlib import Path

from simd.config import ReportSettings, Settings, WatchSettings, adopt, changed_keys


def test_nothing_differs_from_itself() -> None:
    """Also when it was read anew."""
    assert [] == changed_keys(Settings(), Settings())


def test_what_differs_is_named_by_its_key() -> None:
    """At the top as below, in the order of the file."""
    before = Settings()
    after = replace(
        before,
        roots=(b"/photos",),
        watch=WatchSettings(skip=("*.bak",), settle_seconds=1.0),
        report=ReportSettings(at=None),
    )
    assert ["roots", "watch.settle_seconds", "watch.skip", "report.at"] == changed_keys(before, after)


def test_only_what_is_named_is_adopted() -> None:
    """What needs a restart stays different, and is told again at the next reading."""
    before = Settings()
    after = replace(
        before, socket=Path("/elsewhere"), watch=WatchSettings(skip=("*.bak",), settle_seconds=1.0)
    )
    now = adopt(before, after, ["watch.skip"])
    assert ["watch.skip"] == changed_keys(before, now)
    assert ["socket", "watch.settle_seconds"] == changed_keys(now, after)
