"""Protected paths among the decisions: kept at once, by their bytes, whatever becomes of the catalogue."""

from datetime import UTC, timedelta
from pathlib import Path

from simd.catalogue import Decisions, ProtectedTable
from tests.fakes import FakeClock

PATHS = [b"/photos/kept", b"/photos/caf\xe9.jpg", "/photos/é".encode()]


def test_what_is_protected_is_known_after_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    """Byte for byte, with its moment; to protect it again does not make it younger."""
    now = clock.now().astimezone(UTC).replace(microsecond=0)
    table = ProtectedTable(Decisions(tmp_path, clock))
    table.put(PATHS, now)
    table.put(PATHS[:1], now + timedelta(days=1))
    table.drop([PATHS[1], b"/never/there"])
    assert {PATHS[0]: now, PATHS[2]: now} == ProtectedTable(Decisions(tmp_path, clock)).all()
