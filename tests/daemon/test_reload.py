"""Settings that are read again while the daemon runs."""

import json
import os
import signal
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simd.core.errors import ConfigError, Unavailable
from simd.imaging import drawing
from tests.daemon.running import RunningDaemon, ending


def configure(daemon: RunningDaemon, *roots: Path, more: str = "", reports: str = "at: never") -> None:
    """Write other settings."""
    watched = "".join(f"  - {os.fspath(root)}\n" for root in roots)
    daemon.config.write_text(
        f"roots:\n{watched}state_dir: {daemon.folder}/state\nsocket: {daemon.socket}\n{more}"
        f"imaging: {{workers: 1}}\nreport: {{{reports}}}\n"
    )


def reload(daemon: RunningDaemon) -> dict[str, Any]:
    """Have them read."""
    return daemon.client.post("/v1/reload")


def keep_quiet_for_a_while(daemon: RunningDaemon, root: Path, more: str) -> None:
    """Quiet hours that began an hour ago hold reading, whatever a person resumes, until they are moved."""
    present = daemon.status()["files"]["present"]
    begin, end = (f"{datetime.now().astimezone() + timedelta(hours=hours):%H:%M}" for hours in (-1, 2))
    configure(daemon, root, more=f"{more}schedule: {{quiet_hours: ['{begin}-{end}']}}\n")
    assert ["schedule.quiet_hours"] == reload(daemon)["changed"]
    drawing.save(drawing.landscape(4, 96, 72), root / "d.jpg")
    [hold] = daemon.client.post("/v1/resume")["holds"]
    assert ("quiet-hours", end) == (hold["reason"], hold["until"][11:16])
    with pytest.raises(Unavailable, match="quiet hours until"):
        daemon.sync()
    assert ("paused", [hold]) == tuple(daemon.status()[key] for key in ("state", "holds"))

    configure(daemon, root, more=more)
    assert ["schedule.quiet_hours"] == reload(daemon)["changed"]
    daemon.sync()
    assert present + 1 == daemon.status()["files"]["present"]


def fail_to_report(daemon: RunningDaemon, root: Path, more: str) -> None:
    """Where reports cannot be written, the command fails with the folder's name, and so says the status."""
    folder = root / "a.jpg" / "reports"
    configure(daemon, root, more=more, reports=f"at: never, folder: '{folder}'")
    assert ["report.folder"] == reload(daemon)["changed"]
    done = daemon.simctl("report", "now", "--json")
    error = json.loads(done.stdout)["error"]
    assert (5, "report-folder", f"{folder}") == (done.returncode, error["code"], error["path"])
    [note] = daemon.status()["problems"]["notes"]
    assert note["message"].startswith("The last report failed: ")
    configure(daemon, root, more=more)
    assert ["report.folder"] == reload(daemon)["changed"]


def test_only_what_has_changed_follows(place: Path) -> None:
    """What can follow does so at once, what cannot is named, and a fault changes nothing."""
    first, second = place / "photos", place / "card"
    second.mkdir()
    drawing.save(drawing.landscape(1, 96, 72), second / "a.jpg")
    drawing.save(drawing.landscape(2, 96, 72), second / "b.bak.jpg")
    with ending(RunningDaemon(place / "simd", first, workers=1)) as daemon:
        quick = "watch: {settle_seconds: 0.3}\n"
        configure(daemon, first, more=quick)
        daemon.start()
        assert ([], [], []) == tuple(reload(daemon)[key] for key in ("changed", "restarted", "needs_restart"))

        configure(daemon, first, second, more=f"{quick}socket_mode: '0660'\n")
        answer = reload(daemon)
        assert (["roots"], ["roots"], ["socket_mode"]) == (
            answer["changed"],
            answer["restarted"],
            answer["needs_restart"],
        )
        daemon.sync()
        assert 2 == daemon.status()["files"]["present"]
        drawing.save(drawing.landscape(3, 96, 72), second / "c.jpg")
        daemon.sync()
        daemon.image(second / "c.jpg")

        skipping = "watch: {settle_seconds: 0.2, skip: ['*.bak.jpg']}\n"
        configure(daemon, first, second, more=skipping)
        assert ["watch.settle_seconds", "watch.skip"] == reload(daemon)["changed"]
        daemon.sync()
        assert {"present": 2, "missing": 1, "offline": 0} == daemon.status()["files"]

        keeping = f"{skipping}keep: {{rules: [path], protected: ['{second}']}}\n"
        configure(daemon, first, second, more=keeping)
        answer = reload(daemon)
        assert (["keep.rules", "keep.protected"], ["keeping"]) == (answer["changed"], answer["restarted"])
        assert [os.fspath(second)] == [
            each["path"] for each in daemon.client.get("/v1/protected")["protected"]
        ]
        assert "path" == daemon.client.get("/v1/groups")["keep"][0]

        configure(daemon, first, second, more="watch: {skip: 7}\nmatch: {preset: wild}\n")
        with pytest.raises(ConfigError) as refusal:
            reload(daemon)
        assert "watch.skip" in refusal.value.message
        assert "match.preset" in refusal.value.message

        configure(daemon, second, more=skipping)
        assert ["roots", "keep.rules", "keep.protected"] == reload(daemon)["changed"]
        assert [os.fspath(second)] == [root["path"] for root in daemon.status()["roots"]]

        keep_quiet_for_a_while(daemon, second, skipping)
        fail_to_report(daemon, second, skipping)

        configure(daemon, second, first, more=skipping)
        assert daemon.process is not None
        with closing(daemon.client.events()) as events:
            daemon.process.send_signal(signal.SIGHUP)
            swept = (data["root"] for name, data in events if name == "scanned")
            assert os.fspath(first) == next(swept)
        assert 0 == daemon.stop()
