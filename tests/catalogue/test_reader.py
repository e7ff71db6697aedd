"""The catalogue, read by another process than the one that writes it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from simd.catalogue import DATABASE, Catalogue, open_reader
from simd.core.errors import CatalogueError
from simd.core.model import Root
from tests.catalogue.samples import ROOT, make_signature, make_stamp
from tests.fakes import FakeClock

READ_ON = """
import sys
from pathlib import Path
from simd.catalogue import open_reader

with open_reader(Path(sys.argv[1])) as snapshot:
    for _ in sys.stdin:
        print(snapshot.generation, snapshot.counts().present, flush=True)
"""


def put(catalogue: Catalogue, number: int) -> None:
    """One file more."""
    catalogue.write(lambda to: to.put_files([(ROOT + b"/%d" % number, make_stamp(number), None)])).result()


def tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_another_process_sees_one_moment_while_the_daemon_writes(catalogue: Catalogue, root: Root) -> None:
    """Its answers stay the same, the writer does not wait for it, and a new reader sees the newest."""
    put(catalogue, 1)
    seen = f"{catalogue.generation()} 1\n"
    command = [sys.executable, "-c", READ_ON, str(catalogue.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for number in range(2, 5):
            other.stdin.write("again\n")
            other.stdin.flush()
            assert seen == other.stdout.readline()
            put(catalogue, number)
            catalogue.checkpoint().result()
        with open_reader(catalogue.folder) as snapshot:
            assert 4 == snapshot.counts().present
        other.stdin.close()
    assert 0 == other.returncode


def test_a_reader_leaves_no_trace(tmp_path: Path, clock: FakeClock) -> None:
    """Reading a catalogue that nobody has open changes no byte of it, and folds no log into it."""
    catalogue = Catalogue.open(tmp_path, clock)
    catalogue.write(lambda to: to.put_images([(1, make_signature(1))])).result()
    catalogue.close()
    before = (tmp_path / DATABASE).read_bytes()
    with open_reader(tmp_path) as snapshot:
        assert snapshot.image(1) is not None
    assert before == (tmp_path / DATABASE).read_bytes()


def test_the_log_of_a_daemon_that_died_is_read_and_stays(tmp_path: Path, clock: FakeClock) -> None:
    """What was committed and is not in the database yet is seen; folding it in is for the next daemon."""
    living, dead = tmp_path / "living", tmp_path / "dead"
    living.mkdir()
    dead.mkdir()
    catalogue = Catalogue.open(living, clock)
    catalogue.write(lambda to: to.put_images([(1, make_signature(1))])).result()
    for name in (DATABASE, f"{DATABASE}-wal"):
        (dead / name).write_bytes((living / name).read_bytes())
    catalogue.close()
    before = tree(dead)
    with open_reader(dead) as snapshot:
        assert snapshot.image(1) is not None
    assert before == {name: content for name, content in tree(dead).items() if not name.endswith("-shm")}


def test_a_reader_cannot_write(catalogue: Catalogue) -> None:
    """Whatever it tries."""
    with pytest.raises(CatalogueError, match="readonly database"), open_reader(catalogue.folder) as snapshot:
        snapshot._connection.exec_driver_sql("DELETE FROM image")


def test_a_missing_catalogue_is_not_made(tmp_path: Path) -> None:
    """It is an error with a hint, and the folder stays empty."""
    with pytest.raises(CatalogueError, match="no catalogue") as refused, open_reader(tmp_path):
        pass
    assert refused.value.hint is not None
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0001'",
        "UPDATE alembic_version SET version_num = '9999'",
        "DROP TABLE alembic_version",
    ],
)
def test_a_catalogue_of_another_version_is_refused(tmp_path: Path, clock: FakeClock, change: str) -> None:
    """It is not upgraded from here: the daemon does that."""
    Catalogue.open(tmp_path, clock).close()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection, connection:
        connection.execute(change)
    with pytest.raises(CatalogueError, match="revision") as refused, open_reader(tmp_path):
        pass
    assert "Restart the daemon" in (refused.value.hint or "")


def test_something_else_than_a_catalogue_is_refused(tmp_path: Path) -> None:
    """With a word on what to do."""
    (tmp_path / DATABASE).write_bytes(b"no database at all" * 99)
    with pytest.raises(CatalogueError) as refused, open_reader(tmp_path):
        pass
    assert refused.value.hint is not None


def test_a_folder_may_have_any_name(tmp_path: Path, clock: FakeClock) -> None:
    """Signs that mean something in an address are names like any others."""
    folder = tmp_path / "a?mode=rw#50% \xe9&cache=shared"
    folder.mkdir()
    Catalogue.open(folder, clock).close()
    with open_reader(folder) as snapshot:
        assert 0 == snapshot.counts().present
