"""More changes than the kernel notes, in more folders than it lets one watch."""

from collections.abc import Iterator
from contextlib import contextmanager
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
LONG_PATIENCE = 3_000.0


@contextmanager
def smallest_queue() -> Iterator[bool]:
    """Have the kernel give the smallest queue to whoever begins to watch now; False where it may not be.

    It is the one limit here that the whole machine shares, so it is held for one start only.
    """
    usual = QUEUE.read_text()
    try:
        QUEUE.write_text(str(SMALLEST_QUEUE))
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        QUEUE.write_text(usual)


@pytest.fixture(scope="module")
def narrow(shared_place: Path) -> Iterator[tuple[WalledDaemon, bool]]:
    """A daemon that may watch 50 folders, and whether its queue of events is the smallest."""
    walls.require()
    daemon = WalledDaemon(
        shared_place / "simd", shared_place / "photos", first=f"echo {MOST_WATCHES} > {walls.WATCHES}"
    )
    with ending(daemon):
        with smallest_queue() as allowed:
            daemon.start()
        yield daemon, allowed


def test_every_file_of_a_flood_is_catalogued(narrow: tuple[WalledDaemon, bool], form: Form) -> None:
    """Though most folders are not watched and most events are lost, as status says."""
    daemon, small = narrow
    if not small:
        pytest.skip("only root may make the kernel's queue of events smaller")
    pictures = unlike(form.dice(), PICTURES)
    expected: dict[Path, str] = {}
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
