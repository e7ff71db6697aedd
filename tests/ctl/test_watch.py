"""``status --watch``: looks again and again, survives the daemon, and ends in peace."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from simd.core.answers import DaemonState, Done, LoadingPhase, Progress
from simd.ctl import watch
from tests.client.canned import Canned, CannedServer, Question, refused
from tests.ctl.conftest import Run
from tests.render import samples

LOADING = samples.status(
    state=DaemonState.LOADING,
    progress=Progress(phase=LoadingPhase.INDEX, done=0, total=None, per_second=None),
)


def _one_after_another(*answers: Canned) -> Callable[[Question], Canned]:
    left: Iterator[Canned] = iter(answers)
    return lambda _question: next(left)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the view look so many times, and then interrupts it as Ctrl-C does."""

    def limit(number: int) -> None:
        left = iter([None] * (number - 1))

        def pause(_seconds: float) -> None:
            if next(left, "over") == "over":
                raise KeyboardInterrupt

        monkeypatch.setattr(watch, "sleep", pause)

    return limit


def test_json_lines_through_a_restart(
    server: CannedServer, simctl: Run, looks: Callable[[int], None]
) -> None:
    """Each look is one object; rates come from two pulses of one life, and a gap is told and survived."""
    server.answers["GET", "/v1/status"] = _one_after_another(
        Canned(samples.status()),
        Canned(samples.status()),
        refused(503, "unavailable", "the daemon is stopping"),
        Canned(LOADING),
        Canned(samples.status()),
        Canned(samples.status()),
    )
    server.answers["GET", "/v1/pulse"] = _one_after_another(
        Canned(samples.pulse(uptime_seconds=100.0)),
        Canned(samples.pulse(uptime_seconds=102.0, done=Done(files=1_250, bytes=3_400_000, queries=8))),
        Canned(samples.pulse(uptime_seconds=2.0)),
        Canned(samples.pulse(uptime_seconds=1.0)),
    )
    looks(6)

    ran = simctl("status", "--watch")

    assert (0, "") == (ran.code, ran.err)
    seen = [json.loads(line) for line in ran.out.splitlines()]
    assert [None, {"files": 25.0, "bytes": 0.0, "queries": 0.5}, None, None, None, None] == [
        look["rates"] for look in seen
    ]
    assert [None, None, "the daemon is stopping", None, None, None] == [look["waiting"] for look in seen]
    assert [True, True, False, False, True, True] == [look["pulse"] is not None for look in seen]
    assert "loading" == seen[3]["status"]["state"]


def test_it_waits_for_a_daemon_that_is_not_there(
    simctl: Run, looks: Callable[[int], None], tmp_path: object
) -> None:
    """No daemon is no error: the view says so and looks again."""
    looks(2)
    ran = simctl("--socket", f"{tmp_path}/none", "status", "--watch", "--json")
    assert (0, "") == (ran.code, ran.err)
    assert 2 * [f"no daemon listens on {tmp_path}/none"] == [
        json.loads(line)["waiting"] for line in ran.out.splitlines()
    ]


def test_on_a_terminal_it_draws_and_leaves_the_screen_as_it_was(server: CannedServer) -> None:
    """Frames are drawn from the top of another screen; Ctrl-C gives the first one and its cursor back."""
    server.answers["GET", "/v1/status"] = Canned(samples.status())
    server.answers["GET", "/v1/pulse"] = Canned(samples.pulse())
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "import sys; from simd.ctl import main; sys.exit(main())"]
    with subprocess.Popen(
        [*command, "--socket", server.path, "status", "--watch"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    ) as process:
        os.close(theirs)
        drawn = b""
        while b"Ctrl-C ends this view" not in drawn:
            drawn += os.read(ours, 10_000)
        process.send_signal(signal.SIGINT)
        assert 0 == process.wait(20)
        drawn += os.read(ours, 10_000)
    os.close(ours)
    assert drawn.startswith(b"\x1b[?1049h\x1b[?25l\x1b[H")
    assert drawn.endswith(b"\x1b[?25h\x1b[?1049l")
