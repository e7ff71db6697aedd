"""A catalogue that is not the one of the last run: put back, lost, half replaced, or somebody else's."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simd.catalogue import DATABASE, Catalogue
from simd.catalogue.life import NAME, Life, read_life, write_life
from simd.core.errors import CatalogueError
from tests.catalogue.samples import ROOT, make_signature, make_stamp
from tests.catalogue.test_recovery import damage, fill, note_in_use
from tests.fakes import FakeClock

IMAGES = 50


class PowerCut(Exception):
    """The process ends here."""


def add_image(catalogue: Catalogue, number: int) -> None:
    """One more image in one more file, under an id of its own."""
    image_id = catalogue.next_image_id()
    files = [(b"%s/%d.jpg" % (ROOT, number), make_stamp(number), image_id)]
    catalogue.write(lambda to: to.put_images([(image_id, make_signature(number))])).result()
    catalogue.write(lambda to: to.put_files(files)).result()


def cut_short(folder: Path, into: Path) -> Path:
    """What a power cut leaves of an open catalogue: its database, its log, and what is beside them."""
    into.mkdir()
    for each in folder.iterdir():
        if each.is_file() and not each.name.endswith("-shm"):
            shutil.copyfile(each, into / each.name)
    return into


def images(catalogue: Catalogue) -> int:
    """How many images are known."""
    with catalogue.read() as snapshot:
        return snapshot.counts().images


@pytest.fixture(scope="module")
def last_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a closed catalogue with 50 images, and a dated copy of it."""
    folder = tmp_path_factory.mktemp("last-week") / "state"
    folder.mkdir()
    catalogue = fill(folder, FakeClock(), images=IMAGES)
    catalogue.backup().result()
    catalogue.close()
    return folder


@pytest.fixture
def state(tmp_path: Path, last_week: Path) -> Path:
    """A state folder like that."""
    return Path(shutil.copytree(last_week, tmp_path / "state"))


def test_the_log_of_a_newer_catalogue_is_not_played_into_an_older_copy(
    state: Path, tmp_path: Path, last_week: Path, clock: FakeClock
) -> None:
    """Somebody puts back only the database after a power cut: the log is set aside, byte for byte."""
    catalogue = Catalogue.open(state, clock)
    for number in range(100, 140):
        add_image(catalogue, number)
    left = cut_short(state, tmp_path / "left")
    catalogue.close()
    log = (left / f"{DATABASE}-wal").read_bytes()
    shutil.copyfile(last_week / DATABASE, left / DATABASE)

    put_back = Catalogue.open(left, clock)

    report = put_back.recovery
    assert report is not None
    assert log == report.set_aside.read_bytes()
    assert report.set_aside.name in report.message
    assert (IMAGES, []) == (images(put_back), put_back.check().result())
    put_back.close()


def test_a_dated_copy_in_the_place_of_the_catalogue_is_no_owner_of_its_log(
    state: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """Nor is a copy that was made in the same life of the daemon."""
    catalogue = Catalogue.open(state, clock)
    copy = catalogue.backup().result()
    for number in range(100, 140):
        add_image(catalogue, number)
    left = cut_short(state, tmp_path / "left")
    catalogue.close()
    shutil.copyfile(copy, left / DATABASE)

    put_back = Catalogue.open(left, clock)
    assert put_back.recovery is not None
    assert "another one" in put_back.recovery.message
    assert (IMAGES, []) == (images(put_back), put_back.check().result())
    put_back.close()


def test_the_log_of_a_power_cut_is_played_in(state: Path, tmp_path: Path, clock: FakeClock) -> None:
    """The ordinary case: nobody touched anything."""
    catalogue = Catalogue.open(state, clock)
    add_image(catalogue, 100)
    left = cut_short(state, tmp_path / "left")
    catalogue.close()
    after = Catalogue.open(left, clock)
    assert (None, IMAGES + 1) == (after.recovery, images(after))
    after.close()


@pytest.mark.parametrize("copied", [True, False], ids=["put back", "deleted"])
def test_ids_are_never_given_twice(state: Path, last_week: Path, clock: FakeClock, *, copied: bool) -> None:
    """Neither after an older copy was put back, nor after somebody began anew; not even a start later."""
    catalogue = Catalogue.open(state, clock)
    greatest = [catalogue.next_image_id() for _ in range(50)][-1]
    catalogue.close()
    if copied:
        shutil.copyfile(last_week / DATABASE, state / DATABASE)
    else:
        (state / DATABASE).unlink()
    for _ in range(2):
        put_back = Catalogue.open(state, clock)
        assert put_back.recovery is None
        put_back.close()
    put_back = Catalogue.open(state, clock)
    assert greatest < put_back.next_image_id()
    put_back.close()


def test_ids_go_on_without_a_gap_in_the_same_catalogue(state: Path, clock: FakeClock) -> None:
    """They index tables in memory, so they stay dense while nothing is put back."""
    for _ in range(2):
        catalogue = Catalogue.open(state, clock)
        assert IMAGES + 1 == catalogue.next_image_id()
        catalogue.close()


def test_an_empty_file_where_there_was_a_catalogue_gives_way_to_a_copy(state: Path, clock: FakeClock) -> None:
    """A write that a crash of the machine lost leaves a file of no length."""
    [copy] = (state / "backups").iterdir()
    (state / DATABASE).write_bytes(b"")
    catalogue = Catalogue.open(state, clock)
    assert catalogue.recovery is not None
    assert (copy, IMAGES) == (catalogue.recovery.restored_from, images(catalogue))
    catalogue.close()


def test_a_cut_off_catalogue_gives_way_to_a_copy(state: Path, clock: FakeClock) -> None:
    """Half of a file is no catalogue."""
    [copy] = (state / "backups").iterdir()
    note_in_use(state / DATABASE)
    with (state / DATABASE).open("r+b") as file:
        file.truncate((state / DATABASE).stat().st_size // 2)
    catalogue = Catalogue.open(state, clock)
    assert catalogue.recovery is not None
    assert (copy, IMAGES) == (catalogue.recovery.restored_from, images(catalogue))
    catalogue.close()


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    """No tables are put among those of somebody else."""
    state = tmp_path
    with closing(sqlite3.connect(state / DATABASE)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = (state / DATABASE).read_bytes()
    with pytest.raises(CatalogueError, match="another program") as refusal:
        Catalogue.open(state, clock)
    assert "--state-dir" in (refusal.value.hint or "")
    assert before == (state / DATABASE).read_bytes()
    assert [DATABASE] == [path.name for path in state.iterdir()]


def test_what_only_the_long_check_finds_is_repaired_when_it_was_suspected(
    state: Path, clock: FakeClock
) -> None:
    """An index that does not fit its table passes the quick check, and would be met again and again."""
    with closing(sqlite3.connect(state / DATABASE)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(recipe)', '(width)') WHERE name LIKE '%recipe'"
        )
    catalogue = Catalogue.open(state, clock)
    assert catalogue.recovery is None
    assert catalogue.check().result()
    assert catalogue.suspects_damage
    catalogue.close()
    for recovered in (True, False):
        catalogue = Catalogue.open(state, clock)
        assert recovered == (catalogue.recovery is not None)
        assert [] == catalogue.check().result()
        catalogue.close()


@pytest.mark.parametrize("step", range(7))
def test_a_power_cut_while_a_copy_is_put_in_place_loses_nothing(
    state: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whichever file is renamed last: the next start ends with the copy, and keeps the damaged one."""
    damage(state / DATABASE)
    note_in_use(state / DATABASE)
    (state / f"{DATABASE}-wal").write_bytes(b"")
    (state / f"{DATABASE}-shm").write_bytes(b"")
    damaged = (state / DATABASE).read_bytes()
    with monkeypatch.context() as patched:
        end_at(patched, step)
        try:
            Catalogue.open(state, clock).close()
        except PowerCut:
            pass
        else:
            assert step > 4

    catalogue = Catalogue.open(state, clock)

    assert (IMAGES, []) == (images(catalogue), catalogue.check().result())
    assert damaged in [path.read_bytes() for path in state.glob("catalogue.corrupt-*.db")]
    catalogue.close()
    assert not list(state.glob("*.part")) + list(state.glob("*.restored.db"))


def end_at(patched: pytest.MonkeyPatch, step: int) -> None:
    """Let the process end just before it renames a file for the ``step``-th time, counted from 0."""
    taken = iter(range(1_000))

    def counted(renaming: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def rename(self: Path, target: Path) -> Path:
            if next(taken) == step:
                raise PowerCut
            return renaming(self, target)

        return rename

    patched.setattr(Path, "rename", counted(Path.rename))
    patched.setattr(Path, "replace", counted(Path.replace))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"tokens": 5, "ids_up_to": 1, "suspect": 0}', b"\xff"]
)
def test_what_is_remembered_is_not_needed(state: Path, clock: FakeClock, content: bytes) -> None:
    """Without it, or with nonsense in its place, a start goes on."""
    (state / NAME).write_bytes(content)
    assert read_life(state) is None
    catalogue = Catalogue.open(state, clock)
    assert (None, IMAGES) == (catalogue.recovery, images(catalogue))
    catalogue.close()


def test_what_is_remembered_is_read_again(tmp_path: Path) -> None:
    """As it was written."""
    life = Life((7, 8), 99, suspect=True)
    write_life(tmp_path, life)
    assert life == read_life(tmp_path)
