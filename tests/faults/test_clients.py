"""Clients that crowd, dawdle, babble, flood or have no business here; honest ones are answered meanwhile."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from simd.client.request import JSON_TYPE, request
from simd.imaging import drawing
from tests.daemon.running import PATIENCE, RunningDaemon, ending
from tests.faults.form import Form
from tests.faults.strangers import (
    PIECE,
    STATUS,
    Clients,
    another_user,
    answer_of,
    leave_unread,
    open_to_all,
)

pytestmark = pytest.mark.soak

SLOWEST_SECONDS = 10.0
"""Longest that an honest client may wait here, however busy the machine; the long form tells what it was."""

UPLOAD = (
    b"POST /v1/query HTTP/1.1\r\nHost: simd\r\nContent-Type: multipart/form-data; boundary=b\r\n%s\r\n\r\n"
)
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
MIB = 1 << 20
UPLOAD_ROOM = 64 * MIB
"""How much the daemon's memory may grow while it refuses an upload, whatever its size."""

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
WORDS = "correct horse battery staple"


@pytest.fixture(scope="module")
def resident(shared_place: Path) -> Iterator[RunningDaemon]:
    """A daemon with a few pictures that all tests of this module talk to."""
    daemon = RunningDaemon(shared_place / "simd", shared_place / "photos")
    for number in range(4):
        drawing.save(drawing.landscape(number // 2, 160 + number, 120), daemon.roots[0] / f"{number}.jpg")
    with ending(daemon.start()):
        daemon.sync()
        yield daemon
        assert 0 == daemon.stop()
        assert "Traceback" not in daemon.log.read_text()


@pytest.fixture
def clients(resident: RunningDaemon, form: Form) -> Iterator[Clients]:
    """Clients of the daemon, all kinds; the honest ones among them are always answered, and soon."""
    with Clients(resident.socket, PATIENCE).until_the_end() as clients:
        yield clients
        clients.ask_honestly()
    assert max(clients.seconds) < SLOWEST_SECONDS
    form.note("ms for an honest answer, at the median", median_ms(clients))
    form.note("ms at most", round(1000 * max(clients.seconds)))
    assert "ready" == resident.status()["state"]


def median_ms(clients: Clients) -> int:
    """Of the times that honest clients waited."""
    return round(1000 * statistics.median(clients.seconds))


def test_a_hundred_at_once_are_all_answered(clients: Clients, form: Form) -> None:
    """Nobody is told to come back."""
    for _ in range(form.times("crowds of 100", short=2, long=20)):
        crowd = [clients.say(STATUS) for _ in range(100)]
        assert {b"HTTP/1.1 200 OK"} == {answer_of(client).partition(b"\r\n")[0] for client in crowd}


def test_half_requests_keep_nobody_out(clients: Clients, form: Form) -> None:
    """Three times as many as there is room for, which send a byte now and then and never end."""
    halves = (b"", b"GET /v1/status HT", b"POST /v1/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n")
    dawdlers = []
    for number in range(form.times("half requests", short=390, long=3_000)):
        dawdlers.append(clients.say(halves[number % len(halves)]))
        if number % 10 == 0:
            for dawdler in dawdlers[-100:]:
                clients.add(dawdler, b" ")
            clients.ask_honestly()


def test_readers_that_never_read_keep_nobody_out(
    clients: Clients, resident: RunningDaemon, form: Form
) -> None:
    """Each asks for more than a socket holds, some listen to events; what waits for them is bounded."""
    much = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 40
    events = b"GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n"
    before = memory(resident, "VmRSS")
    for number in range(form.times("readers that never read", short=40, long=1_000)):
        leave_unread(clients.say(events if number % 20 == 0 else much))
        if number % 10 == 0:
            clients.ask_honestly()
    assert memory(resident, "VmRSS") - before < 100 * MIB


@pytest.mark.parametrize("declared", [True, False])
def test_an_upload_without_end_is_refused_and_never_held(
    clients: Clients, resident: RunningDaemon, form: Form, *, declared: bool
) -> None:
    """A gigabyte in the long form. Declared or not, the answer is 413 and memory stays as it is."""
    if not declared and not form.long:
        pytest.skip("in the long form only: what is not declared is taken up to the limit")
    clients.ask_honestly()
    before = memory(resident, "VmHWM")
    mebibytes = form.times("MiB sent", short=220, long=1_024)
    length = b"Content-Length: %d" % (mebibytes * MIB) if declared else b"Transfer-Encoding: chunked"
    opening = PART if declared else b"%x\r\n%s\r\n" % (len(PART), PART)

    with ThreadPoolExecutor(1) as sender:
        pieces = mebibytes * MIB // len(PIECE)
        sent = sender.submit(clients.upload, UPLOAD % length + opening, pieces, chunked=not declared)
        while not sent.done():
            clients.ask_honestly()
        answer = sent.result()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert memory(resident, "VmHWM") - before < UPLOAD_ROOM


def test_garbage_is_refused(clients: Clients, form: Form) -> None:
    """Random bytes, alone or in the middle of HTTP, end their own connection and nothing else."""
    dice = form.dice()
    for number in range(form.times("babblers", short=200, long=5_000)):
        words = bytearray(STATUS + STATUS)
        place = dice.randrange(len(words))
        words[place : place + dice.randint(0, 9)] = dice.randbytes(dice.randint(1, 400))
        babbler = clients.say(bytes(words) if dice.random() < 0.7 else dice.randbytes(dice.randint(1, 9_000)))
        babbler.shutdown(1)
        if number % 20 == 0:
            clients.ask_honestly()


def test_many_requests_on_one_connection_are_answered_in_turn(clients: Clients, form: Form) -> None:
    """However many are sent before the first answer is read."""
    count = form.times("requests at once", short=300, long=10_000)
    asked = STATUS.replace(b"Connection: close\r\n", b"") * (count - 1) + STATUS
    assert count == answer_of(clients.say(asked)).count(b"HTTP/1.1 200 OK")


@ROOT_ONLY
class TestAnotherUser:
    """Somebody else on the same machine."""

    def test_the_system_keeps_others_out(self, resident: RunningDaemon, clients: Clients) -> None:
        """By the modes of the socket and its folder."""
        with another_user(resident.socket, 1) as heard:
            assert "the system does not let me in\n" == heard
            clients.ask_honestly()

    def test_where_the_modes_are_open_the_daemon_does(
        self, resident: RunningDaemon, clients: Clients, form: Form
    ) -> None:
        """It knows the user from the kernel; and those whom it refuses take nobody's place."""
        state = resident.socket.parent
        count = form.times("connections of another user", short=300, long=2_000)
        with (
            open_to_all(resident.folder.parent, resident.folder, state, mode=0o711),
            open_to_all(resident.socket, mode=0o666),
            another_user(resident.socket, count) as heard,
        ):
            assert heard.startswith("HTTP/1.1 403 Forbidden|")
            assert "pid" not in heard
            for _ in range(20):
                clients.ask_honestly()


class TestPaths:
    """Nothing but pictures is looked into, and nothing of a file's content is ever told."""

    @pytest.mark.parametrize("name", ["/dev/zero", "/dev/tty", "/proc/self/mem", "/proc/kmsg", "/", "/proc"])
    def test_what_is_no_picture_is_refused(self, clients: Clients, name: str) -> None:
        """At once, whatever it would do to whoever reads it."""
        status, answer = ask(clients, "POST", "/v1/query", {"path": name})
        assert (422, "unreadable-image") == (status, answer["error"]["code"])
        clients.ask_honestly()

    @pytest.mark.parametrize("extension", ["txt", "jpg"])
    def test_no_answer_shows_what_a_file_contains(
        self, clients: Clients, tmp_path: Path, extension: str
    ) -> None:
        """Neither that of a question nor that of a comparison."""
        path = tmp_path / f"secret.{extension}"
        path.write_text(WORDS)
        for target, body in (
            ("/v1/query", {"path": os.fspath(path)}),
            ("/v1/compare", {"a": os.fspath(path), "b": os.fspath(path)}),
        ):
            status, answer = ask(clients, "POST", target, body)
            assert 422 == status
            assert WORDS not in json.dumps(answer)
            assert WORDS.encode().hex() not in json.dumps(answer)

    @pytest.mark.parametrize(
        "target",
        [
            "/v1/images?path=/etc/passwd",
            "/v1/images/" + quote("../../etc/passwd", safe=""),
            "/v1/reports/" + quote("../../../../etc/passwd", safe=""),
            "/v1/reports/../../etc/passwd",
            "/v1/reports/" + quote("2026-11-21/../../x", safe=""),
            "/v1/reports/diff?a=../../x&b=latest",
            "/../../../etc/passwd",
            "//etc/passwd",
            "/v1/groups/../../etc/passwd",
        ],
    )
    def test_no_file_is_served(self, clients: Clients, target: str) -> None:
        """There is nothing at any path but answers."""
        status, answer = ask(clients, "GET", target)
        assert status in {400, 404}
        assert "root:" not in json.dumps(answer)

    def test_only_watched_folders_are_swept(self, clients: Clients) -> None:
        """A path that leads out of them is refused."""
        photos = clients.path.parent.parent.parent / "photos"
        for path in ("/etc", f"{photos}/../simd", f"{photos}-other"):
            status, answer = ask(clients, "POST", "/v1/scan", {"paths": [{"path": path}]})
            assert (400, "bad-request") == (status, answer["error"]["code"])


def test_a_daemon_does_not_start_where_its_folders_lead_elsewhere(place: Path) -> None:
    """It empties some of them at its start: a link in their place would cost somebody's pictures."""
    pictures, state = place / "pictures", place / "state"
    drawing.save(drawing.landscape(1, 64, 48), pictures / "only-copy.jpg")
    state.mkdir(mode=0o700)
    (state / "canary").symlink_to(pictures)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "simd",
        "run",
        "--root",
        pictures,
        "--state-dir",
        state,
    ]
    done = subprocess.run(
        [*command, "--socket", place / "s"], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert 2 == done.returncode
    assert f"{state}/canary is a symbolic link; simd leaves it as it is" in done.stderr
    assert (pictures / "only-copy.jpg").exists()


def ask(
    clients: Clients, method: str, target: str, body: object = None
) -> tuple[int, dict[str, dict[str, str]]]:
    """Status and JSON of one exchange; the target goes out as it is given."""
    data = json.dumps(body or {}).encode() if method == "POST" else b""
    head = request(method, target, JSON_TYPE if data else None, len(data))
    answer = answer_of(clients.say(head + data))
    return int(answer.split()[1]), json.loads(answer.partition(b"\r\n\r\n")[2])


def memory(daemon: RunningDaemon, field: str) -> int:
    """Bytes of the daemon's own process, from what Linux keeps of it; 0 elsewhere."""
    assert daemon.process is not None
    status = Path(f"/proc/{psutil.Process(daemon.process.pid).pid}/status")
    if not status.exists():
        return 0
    return next(
        int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith(field)
    )
