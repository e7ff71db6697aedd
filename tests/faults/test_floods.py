"""More changes than the kernel notes, in more folders than it lets one watch.

The long form has the kernel note next to nothing. That is a limit of the whole machine, on which other
tests may run beside the short form: there the daemon is held up instead until the usual queue is full.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.daemon.running import ending
from tests.faults import ledger, walls
from tests.faults.form import Form
from tests.faults.pictures import unlike
from tests.faults.walls import WalledDaemon

pytestmark = pytest.mark.soak

MOST_WATCHES = 50
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
SMALLEST_QUEUE = 1
FILES_A_FOLDER = 25
PICTURES = 40
LARGEST_QUEUE = 65_536
READ_AT_ONCE = 2_048
"""As many events may have left the kernel's queue when the daemon is held up."""

LONG_PATIENCE = 3_000.0


@contextmanager
def smallest_queue() -> Iterator[None]:
    """Have the kernel give the smallest queue to whoever begins to watch now; skip where it may not be."""
    usual = QUEUE.read_text()
    try:
        QUEUE.write_text(str(SMALLEST_QUEUE))
    except OSError:
        pytest.skip("only root may make the kernel's queue of events smaller")
    try:
        yield
    finally:
        QUEUE.write_text(usual)


@contextmanager
def held_up(daemon: WalledDaemon) -> Iterator[None]:
    """Let the daemon read no event until its queue has run over."""
    assert daemon.process is not None
    limit = int(QUEUE.read_text())
    if limit > LARGEST_QUEUE:
        pytest.skip(f"the kernel queues {limit:,} events here")
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        yield
        pair = [daemon.roots[0] / name for name in ("a.jpg", "b.jpg")]
        for _ in range((limit + READ_AT_ONCE) // 2 + 200):
            for path in pair:  # two in turn, because equal events become one
                path.touch()
                path.unlink()
    finally:
        daemon.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def narrow(request: pytest.FixtureRequest, shared_place: Path) -> Iterator[WalledDaemon]:
    """A daemon that may watch 50 folders; in the long form its queue of events is the smallest."""
    walls.require()
    daemon = WalledDaemon(
        shared_place / "simd", shared_place / "photos", first=f"echo {MOST_WATCHES} > {walls.WATCHES}"
    )
    with ending(daemon):
        with smallest_queue() if request.config.getoption("--soak") else nullcontext():
            daemon.start()
        yield daemon


def test_every_file_of_a_flood_is_catalogued(narrow: WalledDaemon, form: Form) -> None:
    """Though most folders are not watched and most events are lost, as status says."""
    daemon = narrow
    pictures = unlike(form.dice(), PICTURES)
    expected: dict[Path, str] = {}
    with nullcontext() if form.long else held_up(daemon):
        for number in range(form.times("files", short=1_500, long=100_000)):
            path = daemon.roots[0] / f"{number // FILES_A_FOLDER}" / f"{number}.jpg"
            content = pictures[number % PICTURES]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            expected[path] = ledger.digest_of(content)
    daemon.sync(LONG_PATIENCE)

    held = ledger.catalogued(daemon.folder / "state")
    assert expected == {path: entry.digest for path, entry in held.entries.items()}
    assert PICTURES == daemon.decoded()
    [root] = daemon.status()["roots"]
    assert ("degraded", True) == (root["state"], "max_user_watches" in root["reason"])
    assert "overflow" in daemon.log.read_text()
