"""``python -m bench.footprint STATE``: what the index and the groups of a catalogue take in memory.

It is a process of its own. It loads what the daemon loads and opens an empty catalogue, so that every
library is there and warm. Then it opens the catalogue in ``STATE``, builds the index and works out the
groups, as the daemon does. What the process takes more than before is told in bytes, as JSON.
"""

import ctypes
import gc
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import simd.daemon  # noqa: F401  # the libraries that a daemon has loaded
from simd.catalogue import Catalogue
from simd.core.questions import GroupOptions
from simd.imaging import RECIPE
from simd.index import HashIndex
from simd.runtime.clock import SystemClock
from simd.work.groups import Groups

PRESET = "default"
STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Footprint:
    """Resident memory beyond that of the libraries, in bytes.

    Attributes:
        index: with the index.
        both: with the index and the groups.
        trimmed: the same once the allocator has given back what it can, which the daemon does not ask of it.
        peak: the greatest meanwhile.
        images: how many are in the index.
        groups: how many groups there are.
        index_seconds, groups_seconds: what it takes to open the catalogue and build the index, and to work
            out the groups from nothing.
    """

    index: int
    both: int
    trimmed: int
    peak: int
    images: int
    groups: int
    index_seconds: float
    groups_seconds: float


def footprint(state: Path) -> Footprint:
    """What this process comes to take for the catalogue in a state folder."""
    with tempfile.TemporaryDirectory(prefix="simd-bench-") as empty:
        nothing = _load(Path(empty))
        nothing.groups.page(GroupOptions(limit=1))
        nothing.close()
    gc.collect()
    before, begun = resident(), perf_counter()
    loaded = _load(state)
    indexed, loaded_at = resident(), perf_counter()
    totals = loaded.groups.page(GroupOptions(limit=1)).totals
    grouped_at = perf_counter()
    gc.collect()
    both, peak = resident(), resident("VmHWM")
    _trim()
    trimmed = resident()
    images = loaded.index.sizes().frozen
    loaded.close()
    return Footprint(
        index=indexed - before,
        both=both - before,
        trimmed=trimmed - before,
        peak=peak - before,
        images=images,
        groups=totals.groups,
        index_seconds=loaded_at - begun,
        groups_seconds=grouped_at - loaded_at,
    )


def resident(line: str = "VmRSS") -> int:
    """Resident memory of this process, in bytes; ``VmHWM`` is the greatest so far."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(each.split()[1]) * 1024 for each in lines if each.startswith(f"{line}:"))


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The parts of a daemon that grow with its catalogue."""

    catalogue: Catalogue
    index: HashIndex
    groups: Groups

    def close(self) -> None:
        self.catalogue.close()


def _load(state: Path) -> _Loaded:
    """Open a catalogue and build its index; its groups are worked out when somebody asks."""
    catalogue = Catalogue.open(state, SystemClock())
    with catalogue.read() as snapshot:
        index = HashIndex.build(*snapshot.hashes(RECIPE))
    return _Loaded(catalogue, index, Groups(catalogue, PRESET))


def _trim() -> None:
    """Have the allocator give back what it can, where it is one that can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


if __name__ == "__main__":
    json.dump(asdict(footprint(Path(sys.argv[1]))), sys.stdout)
