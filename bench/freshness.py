"""How soon a new picture is in ``groups``: from the end of its writing, less the settle time.

The daemon settles files for as long as it does for people. It has read some pictures before, as one that
runs has: its workers stand ready. Pictures come in pairs of near copies, the two written one after the
other. A listener on ``GET /v1/events`` hears which images a commit has brought together and asks for the
groups at once: a picture has appeared when that answer has come.

A thousand pictures are written at once, so that they wait for the processors, and then once more
at the pace of a copy from a memory card.
"""

import io
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from threading import Thread
from typing import Any

from bench.paging import all_groups
from bench.photographs import small_picture, small_pictures
from bench.table import Options, Row
from simd.config.settings import WatchSettings
from tests.daemon.running import PATIENCE, RunningDaemon

SIZES = (10, 1_000)
QUALITIES = (85, 60)
"""Those of a picture and of its near copy."""

READ_BEFORE = 64
"""Pictures that lie there when the daemon starts: enough that every worker has read some."""

PACE = 100
"""Pictures that are written in a second when they do not come at once."""

SETTLE_SECONDS = WatchSettings().settle_seconds
LIMIT_SECONDS = 0.5


def run(options: Options) -> list[Row]:
    """Write so many pictures (10, then 1,000, unless told) at once, and then the last number at a pace."""
    sizes = options.sizes or SIZES
    at_once = [row for count in sizes for row in _measure(count, None)]
    return [*at_once, *_measure(sizes[-1], PACE)]


def _measure(count: int, pace: int | None) -> list[Row]:
    pictures = [_encoded(number // 2, QUALITIES[number % 2]) for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as scratch:
        library = Path(scratch, "library")
        small_pictures(library, READ_BEFORE, first=count)
        daemon = RunningDaemon(Path(scratch, "daemon"), library, settle_seconds=SETTLE_SECONDS).start()
        try:
            daemon.sync()
            listener = _Listener(daemon, count)
            closed = _write(library, pictures, pace)
            daemon.sync()
            listener.finish()
            members = [member for group in all_groups(daemon.client) for member in group["members"]]
        finally:
            daemon.stop()
    images = {member["path"]: member["image"]["id"] for member in members}
    delays = [listener.appeared[images[path]] - moment - SETTLE_SECONDS for path, moment in closed.items()]
    return _rows(delays, max(closed.values()) - min(closed.values()))


def _rows(delays: Sequence[float], writing: float) -> list[Row]:
    name = f"{len(delays):,} files in {writing:.2f} s, last write to groups"
    rows = [("the worst", max(delays), 1.0), ("the median", median(delays), None)]
    note = f"less the settle time, {SETTLE_SECONDS:g} s as by default"
    return [
        Row(f"{name}, {which}", d, "s", "limit 0.5 s", LIMIT_SECONDS, bar, note) for which, d, bar in rows
    ]


def _encoded(number: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    small_picture(number).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _write(library: Path, pictures: Sequence[bytes], pace: int | None) -> dict[str, float]:
    """Write so many pictures a second, or all at once; each path with the moment at which it was closed."""
    closed = {}
    begun = time.perf_counter()
    for number, picture in enumerate(pictures):
        if pace is not None:
            time.sleep(max(begun + number / pace - time.perf_counter(), 0.0))
        path = library / f"{number:06d}.jpg"
        path.write_bytes(picture)
        closed[str(path)] = time.perf_counter()
    return closed


class _Listener:
    """Notes, for each image, the moment at which ``groups`` was first seen with it.

    Attributes:
        appeared: that moment by the image's id; complete after :meth:`finish`.
    """

    def __init__(self, daemon: RunningDaemon, expected: int) -> None:
        """Begin to listen, until so many images have appeared."""
        self.appeared: dict[int, float] = {}
        self._expected = expected
        self._client = daemon.client
        self._events = self._client.events()
        self._heard: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._asking = Thread(target=self._ask, name="asking", daemon=True)
        for thread in (self._asking, Thread(target=self._hear, name="hearing", daemon=True)):
            thread.start()

    def finish(self) -> None:
        """Wait for the last image.

        Raises:
            RuntimeError: it did not appear.
        """
        self._asking.join(PATIENCE)
        self._events.close()
        if len(self.appeared) < self._expected:
            raise RuntimeError(f"{len(self.appeared)} of {self._expected} images have appeared in groups")

    def _hear(self) -> None:
        for event, data in self._events:
            if event == "groups":
                self._heard.put(data)

    def _ask(self) -> None:
        """One question for all that was heard meanwhile, again and again."""
        while len(self.appeared) < self._expected:
            heard = [self._heard.get()]
            while not self._heard.empty():
                heard.append(self._heard.get())
            answer = self._client.get("/v1/groups", {"limit": 1})
            moment = time.perf_counter()
            if answer["generation"] < heard[-1]["generation"]:
                raise RuntimeError("an event came before what it tells of")
            for data in heard:
                for image in data["images"]:
                    self.appeared.setdefault(image, moment)
