"""First scans that take long enough to be cut short."""

from pathlib import Path

from simd.imaging import drawing
from tests.daemon.running import RunningDaemon

MANY = 40


def draw_many(folder: Path) -> None:
    """Pictures that take a worker a few seconds to read, all different in their bytes."""
    first = folder / "0.png"
    drawing.save(drawing.landscape(1, 3_200, 2_400), first, compress_level=1)
    data = first.read_bytes()
    for number in range(1, MANY):
        # What follows the end of a PNG changes its digest and nothing else.
        (folder / f"{number}.png").write_bytes(data + b"%d" % number)


def await_partial_scan(daemon: RunningDaemon) -> int:
    """Return in the middle of the first scan; how many images there are by then."""
    assert daemon.process is not None
    while not 0 < (images := int(daemon.status()["images"])):
        assert daemon.process.poll() is None
    assert images < MANY, "the scan was over before it could be cut"
    return images
