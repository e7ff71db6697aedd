"""Reports of a real daemon: the first night, who is told, and what a person asks for."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simd.imaging import drawing
from tests.daemon.running import PATIENCE, RunningDaemon, ending
from tests.delivery.receiver import receiving

Started = Callable[[RunningDaemon], RunningDaemon]

NIGHTLY = "report: {at: '03:00'}\n"
SLOW = 5.0
"""Seconds until new files are at rest: longer than a report takes that waits for nothing."""

SOON = 20.0
WORD = "hunter2"


def fill(photos: Path, groups: int = 3) -> None:
    """So many pictures, each with a copy of half its size."""
    photos.mkdir(parents=True, exist_ok=True)
    for number in range(groups):
        picture = drawing.landscape(number + 1, 320, 240)
        drawing.save(picture, photos / f"{number}.jpg", quality=90)
        drawing.save(drawing.resized(picture, 0.5), photos / f"{number}-small.jpg", quality=80)


def nightly(daemon: RunningDaemon) -> dict[str, Any]:
    """The head of the nightly report, once it is there."""
    with closing(daemon.client.events()) as events:
        found = _nightly(daemon)
        told = (data for name, data in events if name == "report" and data["phase"] == "done")
        while found is None:
            next(told)
            found = _nightly(daemon)
        return found


def _nightly(daemon: RunningDaemon) -> dict[str, Any] | None:
    heads = daemon.client.get("/v1/reports")["reports"]
    return next((head for head in heads if head["trigger"] == "nightly"), None)


def stops_soon(daemon: RunningDaemon) -> bool:
    """Whether it ends well, and long before anything that it waits for."""
    began = time.monotonic()
    return daemon.stop() == 0 and time.monotonic() - began < SOON


def notes(daemon: RunningDaemon) -> list[dict[str, Any]]:
    """The notes of the status, once there are any: a report is there before it is delivered."""
    end = time.monotonic() + PATIENCE
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < end:
        found = daemon.status()["problems"]["notes"]
    return found


def answered(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """The one JSON object of a command that succeeded."""
    assert (0, b"") == (done.returncode, done.stderr)
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def test_the_first_report_knows_the_library(place: Path, daemons: Started) -> None:
    """A new installation reports at once, but of what the first sweep finds, and once for all restarts.

    Below the threshold nobody is told of it; a trial message goes out all the same.
    """
    fill(place / "photos")
    with receiving() as receiver:
        notify = (
            f"notify:\n  targets: ['json://127.0.0.1:{receiver.port}/']\n  only_when_new: 100MB\n{NIGHTLY}"
        )
        daemon = daemons(RunningDaemon(place / "simd", place / "photos", settle_seconds=SLOW, more=notify))
        head = nightly(daemon)
        assert (None, 3, 6) == (head["since"], head["totals"]["groups"], head["library"]["files"])
        assert head["date"] == head["id"]
        folder = place / "simd/state/reports"
        assert f"report-{head['id']}.html" == str((folder / "latest.html").readlink())
        status = daemon.status()
        assert "03:00:00" == status["next_report"][11:19]
        assert [] == status["problems"]["notes"]
        before = sorted(path.name for path in folder.iterdir())
        assert 0 == daemon.simctl("report", "test-notification").returncode
        assert 0 == daemon.stop()
        daemon.start().sync()
        assert [head] == daemon.client.get("/v1/reports")["reports"]
        assert before == sorted(path.name for path in folder.iterdir())
        assert 0 == daemon.stop()
        assert ["simd: a trial message"] == [message["title"] for message in receiver.received]


def test_who_is_told_and_who_could_not_be(place: Path, daemons: Started) -> None:
    """The summary reaches whoever can be reached; who cannot is in the status, and no secret anywhere."""
    fill(place / "photos", 1)
    targets = place / "targets"
    with receiving() as receiver:
        reached = f"json://me:{WORD}@127.0.0.1:{receiver.port}/{WORD}"
        targets.write_text(f"{reached}\njsons://me:{WORD}@127.0.0.1:1/\n")
        targets.chmod(0o600)
        more = f"{NIGHTLY}notify: {{targets_file: {targets}}}\nlog: {{level: debug}}\n"
        daemon = daemons(RunningDaemon(place / "simd", place / "photos", more=more))
        head = nightly(daemon)
        [note] = notes(daemon)
        tested = daemon.simctl("report", "test-notification", "--json")
        messages = {message["title"]: message["message"] for message in receiver.received}
    assert {f"simd: report of {head['date']}", "simd: a trial message"} == set(messages)
    assert daemon.client.get("/v1/reports/latest")["summary"] == messages[f"simd: report of {head['date']}"]
    failed = "jsons://127.0.0.1 (refused, or not reached)"
    answer = json.loads(tested.stdout)
    assert (1, 1, [failed]) == (tested.returncode, answer["sent"], answer["failed"])
    assert f"The report of {head['date']} was not delivered to {failed}" == note["message"]
    checked = subprocess.run(
        [sys.executable, "-m", "simd", "check-config", "--config", daemon.config],
        capture_output=True,
        check=True,
    )
    assert 0 == daemon.stop()
    log = daemon.log.read_text()
    assert f"a message was not delivered: {failed}" in log
    told = [log, checked.stdout.decode(), checked.stderr.decode(), json.dumps(answer), note["message"]]
    assert [] == [text for text in told if WORD in text]


def test_a_stop_waits_for_no_report_and_no_service(place: Path, daemons: Started) -> None:
    """A daemon that is stopped while its first report waits, is made, or is delivered ends soon.

    It leaves no half of it; and one that a service keeps waiting has its report already.
    """
    fill(place / "photos", 20)
    with receiving() as silent:
        silent.answering.clear()
        more = f"{NIGHTLY}notify: {{targets: ['json://127.0.0.1:{silent.port}/?rto=60']}}\n"
        slow = daemons(RunningDaemon(place / "simd", place / "photos", settle_seconds=60.0, more=more))
        assert stops_soon(slow)
        daemon = daemons(RunningDaemon(place / "simd", place / "photos", more=more))
        with closing(daemon.client.events()) as events:
            next(data for name, data in events if name == "report")
            assert stops_soon(daemon)
        daemon.start()
        assert 20 == nightly(daemon)["totals"]["groups"]
        assert silent.asked.wait(PATIENCE)
        assert stops_soon(daemon)
    assert "Traceback" not in daemon.log.read_text()
    names = [path.name for path in (place / "simd/state/reports").iterdir()]
    assert 6 == len(names)
    assert [] == [name for name in names if ".part" in name]


@pytest.fixture(scope="module")
def quiet(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon with three groups that reports only when it is asked, and has never been asked at first."""
    fill(shared_place / "photos")
    with ending(RunningDaemon(shared_place / "simd", shared_place / "photos")) as daemon:
        daemon.start().sync()
        yield daemon
        assert 0 == daemon.stop()
        assert "Traceback" not in daemon.log.read_text()


def test_what_a_person_asks_of_reports(quiet: RunningDaemon, shared_place: Path) -> None:
    """Made, listed, shown and compared, in words and in JSON, against what was done to the library."""
    place = shared_place
    none = quiet.simctl("report", "list")
    assert (b"There is no report yet. None is made by night.\n", 0) == (none.stdout, none.returncode)
    assert quiet.status()["next_report"] is None
    missing = quiet.simctl("report", "show")
    assert (4, True) == (missing.returncode, b"There is no report yet" in missing.stderr)
    first = answered(quiet.simctl("report", "now", "--json"))["report"]
    (place / "photos/0-small.jpg").unlink()
    shutil.copyfile(place / "photos/1.jpg", place / "photos/copy of 1.jpg")
    quiet.sync()
    words = quiet.simctl("report", "now")
    assert 0 == words.returncode
    listed = answered(quiet.simctl("report", "list", "--json"))
    second, again = listed["reports"]
    assert (first, first["id"], None) == (again, second["since"], listed["next_at"])
    assert quiet.simctl("report", "show", second["id"]).stdout == words.stdout
    assert second == answered(quiet.simctl("--json", "report", "show"))["report"]
    diff = answered(quiet.simctl("report", "diff", first["id"], "latest", "--json"))
    size = (place / "photos/1.jpg").stat().st_size
    found = {
        (change["change"], Path(change["path"]).name): change["reclaimable_after"]
        - change["reclaimable_before"]
        for change in diff["changes"]
    }
    assert {("resolved", "0.jpg"), ("grew", "1.jpg")} == set(found)
    assert size == found["grew", "1.jpg"]
    lines = quiet.simctl("report", "diff", first["id"], "latest").stdout.decode()
    assert "2 groups changed from" in lines
    assert all(Path(path).exists() for path in second["paths"].values())
    quiet.client.post("/v1/pause")
    assert "! Reading is paused" in quiet.client.post("/v1/reports")["summary"]
    quiet.client.post("/v1/resume")


def test_what_makes_no_sense_is_refused(quiet: RunningDaemon) -> None:
    """A day that does not exist, a report that is not there, nobody to tell: exit 4, and what to do."""
    for line, said in (
        ("show 2026-02-30", "the calendar has no such day or time"),
        ("diff latest 25:00", "is not the id of a report"),
        ("show 2020-01-01", "There is no report"),
        ("test-notification", "notify.targets"),
    ):
        done = quiet.simctl("report", *line.split())
        assert (4, b"") == (done.returncode, done.stdout)
        assert said in done.stderr.decode()
        assert "hint: " in done.stderr.decode()


def test_questions_are_answered_while_a_report_is_made(quiet: RunningDaemon) -> None:
    """A status in between is answered, and a second who asks gets the report that is in the making."""
    with closing(quiet.client.events()) as events, ThreadPoolExecutor(1) as pool:
        before = quiet.client.get("/v1/reports")["reports"]
        first = pool.submit(quiet.simctl, "report", "now", "--json")
        told = (data["phase"] for name, data in events if name == "report")
        assert "gather" == next(told)
        assert "ready" == quiet.status()["state"]
        second = quiet.client.post("/v1/reports")
        assert second == answered(first.result())
    assert [second["report"], *before] == quiet.client.get("/v1/reports")["reports"]
