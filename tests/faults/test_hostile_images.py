"""Pictures made to break decoders cost the daemon nothing, and themselves one reason each."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from simd.core.model import ProblemCode
from simd.imaging import Decoded, DecodePool, Limits, Refused
from simd.imaging.recipe import SUPPORTED_EXTENSIONS
from tests.daemon.running import PATIENCE, RunningDaemon, ending
from tests.faults.form import Form
from tests.faults.mutation import bombs, chosen, mutated, originals

pytestmark = pytest.mark.soak

MIB = 1 << 20
DAEMON_BYTES = 400 * MIB
"""Most memory that the daemon's own process may have had, whatever it was given to look at."""

ODD = "ODD_IMAGES"
"""Variable with a folder of odd files for the long form; one that begins with SIMD_ would be refused."""


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """Two workers under the limits of the daemon."""
    pool = DecodePool(2, Limits())
    pool.start()
    yield pool
    pool.close()


def test_every_mutation_is_a_picture_or_has_one_reason(pool: DecodePool, form: Form, tmp_path: Path) -> None:
    """And what is good is still decoded; no worker exceeds its memory, and the pool never breaks."""
    dice, good = form.dice(), originals(form.seed)
    paths = []
    for number in range(form.times("mutations", short=150, long=5_000)):
        bad = mutated(dice, good, number)
        paths.append(tmp_path / f"{number}.{bad.extension}")
        paths[-1].write_bytes(bad.content)
    intact = [tmp_path / f"good-{number}.{each.extension}" for number, each in enumerate(good)]
    for path, each in zip(intact, good, strict=True):
        path.write_bytes(each.content)

    mutants = [pool.submit(bytes(path), size=path.stat().st_size) for path in paths]
    outcomes = [future.result(PATIENCE) for future in mutants]
    decoded = [pool.submit(bytes(path)).result(PATIENCE) for path in intact]

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(outcomes) == len(refused) + sum(isinstance(outcome, Decoded) for outcome in outcomes)
    assert all(outcome.reason.endswith(".") and outcome.stamp is not None for outcome in refused)
    assert [] == [
        path for path, outcome in zip(intact, decoded, strict=True) if not isinstance(outcome, Decoded)
    ]
    assert min(len(refused), len(outcomes) - len(refused)) > len(outcomes) // 10, "the fuzzer is blunt"
    assert 0 == pool.restarts
    for worker in workers_of(os.getpid()):
        assert kibibytes(worker, "VmPeak") << 10 <= Limits().memory_bytes
    note_codes(form, Counter(outcome.code.value for outcome in refused))


def test_a_daemon_reads_a_library_of_hostile_files(place: Path, form: Form) -> None:
    """Every file is an image or one problem, every good one an image, and memory stays bounded."""
    if not form.long:
        pytest.skip("in the long form only; the short one throws its mutations at the pool")
    dice, good = form.dice(), originals(form.seed)
    daemon = RunningDaemon(place / "simd", place / "photos")
    photos = daemon.roots[0]
    for number in range(form.times("mutations", short=0, long=2_400)):
        bad = mutated(dice, good, number)
        (photos / f"mutant-{number}.{bad.extension}").write_bytes(bad.content)
    for number, each in enumerate(good):
        (photos / f"good-{number}.{each.extension}").write_bytes(each.content)
    odd = chosen(os.environ.get(ODD))
    for number, path in enumerate(odd):
        shutil.copyfile(path, photos / f"odd-{number}-{path.name}")
    form.note("odd files", len(odd))
    form.note("bombs", len(bombs(photos)))

    with ending(daemon.start()):
        daemon.client.post("/v1/sync", {"timeout": 3_000}, timeout=3_000)

        assert daemon.process is not None
        problems = pages(daemon)
        pictures = {
            path.name for path in photos.iterdir() if path.suffix.lower().encode() in SUPPORTED_EXTENSIONS
        }
        catalogued = {name for name in pictures if name not in problems}
        assert problems.keys() <= pictures
        for name in catalogued:
            assert name in {daemon.name(file["path"]) for file in daemon.image(photos / name)["files"]}
        assert len(pictures) == daemon.status()["files"]["present"]
        assert [] == [name for name in problems if name.startswith("good-")]
        assert {ProblemCode.CRASHED.value} & set(problems.values()) == set()
        assert kibibytes(psutil.Process(daemon.process.pid), "VmHWM") << 10 <= DAEMON_BYTES
        for worker in workers_of(daemon.process.pid):
            assert kibibytes(worker, "VmPeak") << 10 <= Limits().memory_bytes
        assert {"settling": 0, "waiting": 0, "decoding": 0} == daemon.status()["queue"]
        assert 0 == daemon.metric("simd_pool_restarts_total")
        form.note("MiB of the daemon at most", kibibytes(psutil.Process(daemon.process.pid), "VmHWM") >> 10)
        note_codes(form, Counter(problems.values()))
        assert 0 == daemon.stop()


def pages(daemon: RunningDaemon) -> dict[str, str]:
    """The code of every problem, by name; each file has one row at most."""
    found: dict[str, str] = {}
    cursor = None
    while True:
        page = daemon.client.get("/v1/problems", {"limit": 1_000, "cursor": cursor})
        for problem in page["problems"]:
            name = daemon.name(problem["path"])
            assert name not in found, f"{name} has two reasons"
            assert problem["reason"].endswith(".")
            found[name] = problem["code"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def note_codes(form: Form, codes: Counter[str]) -> None:
    """How many were refused for which reason."""
    for code, count in codes.most_common():
        form.note(code, count)


def workers_of(pid: int) -> list[psutil.Process]:
    """The decode workers: grandchildren, for their parent is the fork server."""
    own = psutil.Process(pid)
    return [each for each in own.children(recursive=True) if each.ppid() != own.pid]


def kibibytes(process: psutil.Process, field: str) -> int:
    """A field of the status that Linux keeps of a process; 0 where there is none."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return 0
    return next(
        int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(f"{field}:")
    )
