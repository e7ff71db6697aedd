"""The command scan: follows the sweep by its events, then waits for the queue."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from simd.ctl.progress import LINE_SECONDS, Lines
from tests.client.canned import Canned, CannedServer, refused
from tests.ctl.conftest import Run
from tests.render import samples

SYNCED = Canned({"synced": True, "waited_ms": 1.0, "generation": 9})


def events(*told: tuple[str, dict[str, object]]) -> Canned:
    """A stream of these events that then ends."""
    lines = [f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in told]
    return Canned(events=": listening\n\n" + "".join(lines))


def scanned(scan: int, files: int) -> tuple[str, dict[str, object]]:
    """The end of one sweep."""
    return "scanned", {
        "scan": scan,
        "root": "/p",
        "files": files,
        "changed": 2,
        "missing": 1,
        "took_ms": 1_500,
    }


PROGRESS = ("progress", {"phase": "sweep", "done": 1_200, "total": None})


def prepare(
    server: CannedServer, *told: tuple[str, dict[str, object]], roots: int = 1, paused: bool = False
) -> None:
    """A daemon that starts scan 4 of so many folders and tells these events."""
    folders = [f"/p{number}" for number in range(roots)]
    server.answers["GET", "/v1/events"] = events(*told)
    server.answers["POST", "/v1/scan"] = Canned({"scan": 4, "roots": folders, "generation": 8})
    server.answers["GET", "/v1/status"] = Canned(samples.status(**(samples.held() if paused else {})))
    server.answers["POST", "/v1/sync"] = SYNCED


def test_scan_listens_first_then_asks_then_waits(simctl: Run, server: CannedServer, tmp_path: Path) -> None:
    """Events are subscribed to before the sweep begins, and the queue is waited for after it."""
    prepare(server, PROGRESS, scanned(3, 5), scanned(4, 10))
    ran = simctl("scan", str(tmp_path), "--rehash", "--accept-missing")
    assert (0, "Swept /p0: 10 files, 2 new or changed, 1 missing, in 1.5 s.\n") == (ran.code, ran.out)
    assert "sweep: 1,200\n" == ran.err
    assert ["/v1/events", "/v1/scan", "/v1/status", "/v1/sync"] == [
        question.path for question in server.questions
    ]
    asked = {"paths": [{"path": str(tmp_path)}], "rehash": True, "accept_missing": True}
    assert asked == server.questions[1].json


def test_scan_of_several_folders_waits_for_each(simctl: Run, server: CannedServer) -> None:
    """Every folder tells its own end; the figures are sums, in JSON with nothing beside them."""
    prepare(server, scanned(4, 10), PROGRESS, scanned(4, 20), roots=2)
    ran = simctl("scan", "--json")
    assert 0 == ran.code
    assert {
        "scan": 4,
        "roots": ["/p0", "/p1"],
        "generation": 8,
        "files": 30,
        "changed": 4,
        "missing": 2,
        "took_ms": 3_000,
        "synced": True,
    } == ran.json
    assert {"paths": None, "rehash": False, "accept_missing": False} == server.questions[1].json


def test_scan_of_nothing_ends(simctl: Run, server: CannedServer) -> None:
    """Without a watched folder there is no end of a sweep to wait for."""
    prepare(server, roots=0)
    assert 0 == simctl("scan", "--json").json["files"]


def test_a_daemon_that_stops_during_the_sweep_is_told(simctl: Run, server: CannedServer) -> None:
    """The stream ends before the sweep does: that is a failure, not a result."""
    prepare(server, scanned(4, 10), roots=2)
    ran = simctl("scan")
    assert (5, "") == (ran.code, ran.out)
    assert "stopped before the sweep was over" in ran.err


def test_a_refused_scan_is_refused(simctl: Run, server: CannedServer) -> None:
    """A folder that is not watched ends the command with the daemon's message."""
    prepare(server)
    server.answers["POST", "/v1/scan"] = refused(400, "bad-request", "/x is not watched", path="/x")
    assert (4, "simctl: /x is not watched\n") == ((ran := simctl("scan", "/x")).code, ran.err)


def test_a_paused_daemon_is_not_waited_for(simctl: Run, server: CannedServer) -> None:
    """What the sweep found would wait for ever, so the command says so and ends."""
    prepare(server, scanned(4, 10), paused=True)
    ran = simctl("scan")
    assert (0, True) == (ran.code, ran.out.startswith("Swept /p0: 10 files"))
    assert "Hashing is paused" in ran.err
    assert simctl("scan", "--json").json["synced"] is False


def test_a_dead_watcher_does_not_hide_the_result(simctl: Run, server: CannedServer) -> None:
    """The sweep's figures are told although the queue cannot be waited for; JSON is the error alone."""
    prepare(server, scanned(4, 10))
    server.answers["POST", "/v1/sync"] = refused(503, "unavailable", "the watcher is dead")
    ran = simctl("scan")
    assert (5, "simctl: the watcher is dead\n") == (ran.code, ran.err)
    assert ran.out.startswith("Swept /p0: 10 files")
    assert "unavailable" == simctl("scan", "--json").json["error"]["code"]


def test_a_long_queue_is_waited_for_again(simctl: Run, server: CannedServer) -> None:
    """When one wait times out, the next begins."""
    prepare(server, scanned(4, 10))
    waits = iter([refused(504, "timed-out", "still busy"), SYNCED])
    server.answers["POST", "/v1/sync"] = lambda _question: next(waits)
    assert 0 == simctl("scan").code
    assert 2 == [question.path for question in server.questions].count("/v1/sync")


def test_lines_come_at_intervals_and_with_each_phase() -> None:
    """Many events in a short time make one line, and a new phase makes one at once."""
    now, lines = [0.0], list[str]()
    view = Lines(lines.append, clock=lambda: now[0])
    for at, phase, done in [
        (0.0, "sweep", 1),
        (1.0, "sweep", 2),
        (LINE_SECONDS, "sweep", 3),
        (2.1, "decode", 4),
    ]:
        now[0] = at
        view.show({"phase": phase, "done": done, "total": 10})
    assert ["sweep: 1 of 10 (10 %)", "sweep: 3 of 10 (30 %)", "decode: 4 of 10 (40 %)"] == lines


def test_a_terminal_gets_a_bar(server: CannedServer) -> None:
    """On a terminal, standard error shows a bar with the phase, and standard output only the result."""
    prepare(server, ("progress", {"phase": "decode", "done": 3, "total": 10}), scanned(4, 10))
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "SIMD_SOCKET": server.path}
    command = [sys.executable, "-c", "import sys; from simd.ctl import main; sys.exit(main())", "scan"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, env=environ, timeout=30, check=False
    )
    os.close(theirs)
    drawn = _read_all(ours)
    assert (0, True) == (done.returncode, done.stdout.startswith(b"Swept /p0: 10 files"))
    assert b"reading pictures" in drawn
    assert b"3/10" in drawn


def _read_all(terminal: int) -> bytes:
    """Everything that was written to a terminal whose other side is closed, where Linux ends with EIO."""
    pieces = []
    try:
        while piece := os.read(terminal, 65_536):
            pieces.append(piece)
    except OSError:
        pass
    os.close(terminal)
    return b"".join(pieces)
