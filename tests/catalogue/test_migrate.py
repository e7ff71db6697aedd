"""Migrations: they make the tables that the code means, all of them or none."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from simd.catalogue import Catalogue, Tallies
from simd.catalogue.engines import migration_engine
from simd.catalogue.migrate import migrations_folder, upgrade
from simd.catalogue.recovery import damage_in
from simd.catalogue.schema import REVISION, metadata
from simd.core.errors import CatalogueError, NewerCatalogue
from tests.catalogue.samples import ROOT
from tests.fakes import FakeClock

NEXT = '''
"""One more table."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table("extra", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("root", recreate="always") as table:
        table.add_column(sa.Column("label", sa.String()))
    {statement}
'''


def next_migrations(folder: Path, statement: str = "pass") -> Path:
    """The shipped migrations and one more, which ends with a statement."""
    migrations = shutil.copytree(
        migrations_folder(), folder / "migrations", ignore=shutil.ignore_patterns("__pycache__")
    )
    (migrations / "versions" / "0005_more.py").write_text(NEXT.format(statement=statement))
    return migrations


FIRST_ROWS = """
    INSERT INTO root VALUES (1, CAST('/photos' AS BLOB), 1, 2, 'ext4', 1, '2026-01-01T00:00:00.000000+00:00');
    INSERT INTO directory VALUES (1, 1, x'');
    INSERT INTO image VALUES (1, x'01', 9, 'JPEG', 6, 4, 7, x'02', 30.0, 99.0, NULL, NULL, 1, '2026');
    INSERT INTO image VALUES (2, x'03', 9, 'JPEG', 6, 4, 7, x'02', 30.0, 99.0, NULL, NULL, 1, '2026');
    INSERT INTO thumbnail VALUES (1, x'04', x'05'), (2, x'04', x'05');
    INSERT INTO file VALUES (1, 1, x'61', 9, 1, 1, 1, 1, NULL), (2, 1, x'62', 9, 1, 1, 2, 2, NULL),
                            (3, 1, x'63', 9, 1, 1, 3, NULL, '2026-01-01T00:00:00.000000+00:00');
    INSERT INTO match VALUES (1, 2, 0, 0, 1.0, NULL, 0.0, 0);
    INSERT INTO problem VALUES (3, 'empty', 'It is empty.', '2026-01-01T00:00:00.000000+00:00', 4);
    INSERT INTO job VALUES ('sweep', '2026-01-01T00:00:00.000000+00:00');
"""


FIRST_COLUMNS = 14
"""Columns that an image had in the first version."""


def at_first_revision(database: Path) -> None:
    """Make an empty catalogue of the first version."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    engine = migration_engine(database)
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()


def contents(connection: sqlite3.Connection) -> dict[str, list[object]]:
    """The rows of every table that the first version has, but for its own state."""
    names = ("root", "directory", "image", "thumbnail", "file", "match", "problem", "job")
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608 - constants
    return found | {"image": [row[:FIRST_COLUMNS] for row in found["image"]]}


def tables(database: Path) -> dict[str, str]:
    """The SQL of every table."""
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))


@pytest.fixture
def database(tmp_path: Path, clock: FakeClock) -> Path:
    """A closed catalogue with a root that has a directory."""
    catalogue = Catalogue.open(tmp_path, clock)
    catalogue.write(lambda to: to.enrol_root(ROOT, 1, 2, "ext4")).result()
    catalogue.write(lambda to: to.put_problems([])).result()
    catalogue.close()
    with closing(sqlite3.connect(tmp_path / "catalogue.db")) as connection, connection:
        connection.execute("INSERT INTO directory (root_id, path) VALUES (1, x'61')")
    return tmp_path / "catalogue.db"


def test_migrations_make_what_the_schema_says(database: Path) -> None:
    """Comparing the migrated database with the metadata finds no difference."""
    engine = migration_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert [] == compare_metadata(context, metadata)
    engine.dispose()


def test_migrations_keep_what_a_comparison_overlooks(tmp_path: Path, database: Path) -> None:
    """Tables, checks, partial indexes and row storage are those that the metadata would make."""
    engine = migration_engine(tmp_path / "made.db")
    metadata.create_all(engine)
    engine.dispose()

    def described(path: Path) -> dict[str, set[str]]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"
            ).fetchall()
        return {
            # A column that was added later has no line of its own.
            name: {part.strip().replace("BIGINT", "INTEGER") for part in re.split(r"[,\n]", sql)}
            for name, sql in rows
            if name != "alembic_version"
        }

    assert described(tmp_path / "made.db") == described(database)


def test_the_newest_migration_is_the_one_that_readers_ask_for() -> None:
    """A reader from another process compares one number, and does not load the migrations."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_the_first_tables_are_upgraded_with_all_that_they_hold(tmp_path: Path, clock: FakeClock) -> None:
    """Every row of a catalogue of the first version stays, and its files are counted as added or removed."""
    database = tmp_path / "catalogue.db"
    at_first_revision(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(FIRST_ROWS)
        before = contents(connection)

    catalogue = Catalogue.open(tmp_path, clock)

    try:
        with catalogue.read() as snapshot:
            assert Tallies(added=3, moved=0, removed=1) == snapshot.tallies()
            assert {} == snapshot.previews([1])
        catalogue.write(lambda to: to.mark_missing([ROOT + b"/a"])).result()
        with catalogue.read() as snapshot:
            assert Tallies(added=3, moved=0, removed=2) == snapshot.tallies()
    finally:
        catalogue.close()
    with closing(sqlite3.connect(tmp_path / "backups" / "catalogue.before-0004.db")) as copy:
        assert before == contents(copy)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE file SET missing_since = NULL WHERE id = 1")
        assert before == contents(connection)


def test_a_current_catalogue_is_left_alone(tmp_path: Path, database: Path) -> None:
    """Nothing is copied and nothing changes."""
    before = database.read_bytes()
    assert upgrade(database, tmp_path / "backups") is None
    assert not (tmp_path / "backups").exists()
    assert before == database.read_bytes()


def test_an_upgrade_copies_first_and_loses_nothing(tmp_path: Path, database: Path) -> None:
    """Rebuilding a table keeps the rows that refer to it; the copy is the catalogue of before."""
    assert "0004" == upgrade(database, tmp_path / "backups", next_migrations(tmp_path))
    with closing(sqlite3.connect(database)) as connection:
        assert [(ROOT, None, b"a")] == connection.execute(
            "SELECT root.path, label, directory.path FROM root JOIN directory ON root_id = root.id"
        ).fetchall()
    assert "extra" in tables(database)
    assert "extra" not in tables(tmp_path / "backups" / "catalogue.before-0005.db")


@pytest.mark.parametrize(
    "statement",
    [
        'op.execute("SELECT * FROM nonsense")',
        'raise RuntimeError("broken off")',
        'op.execute("INSERT INTO directory (root_id, path) VALUES (99, 1)")',
    ],
)
def test_an_upgrade_that_fails_leaves_everything(tmp_path: Path, database: Path, statement: str) -> None:
    """Bad SQL, an exception or a dangling reference undoes every table of it; the copy is there."""
    before = tables(database)
    with pytest.raises((CatalogueError, RuntimeError)):
        upgrade(database, tmp_path / "backups", next_migrations(tmp_path, statement))
    assert before == tables(database)
    with closing(sqlite3.connect(database)) as connection:
        assert [("0004",)] == connection.execute("SELECT version_num FROM alembic_version").fetchall()
        assert [(1,)] == connection.execute("SELECT count(*) FROM directory").fetchall()
    assert before == tables(tmp_path / "backups" / "catalogue.before-0005.db")


def test_a_process_killed_in_an_upgrade_leaves_everything(tmp_path: Path, database: Path) -> None:
    """The next start finds the tables of before, sound, and upgrades them."""
    before = tables(database)
    deadly = next_migrations(tmp_path, 'import os; op.execute("DELETE FROM root"); os.kill(os.getpid(), 9)')
    upgrading = (
        "import sys; from pathlib import Path; from simd.catalogue.migrate import upgrade\n"
        "upgrade(*map(Path, sys.argv[1:]))"
    )
    command: list[str | Path] = [sys.executable, "-c", upgrading, database, tmp_path / "backups", deadly]
    assert -signal.SIGKILL == subprocess.run(command, check=False).returncode
    assert before == tables(tmp_path / "backups" / "catalogue.before-0005.db")
    assert before == tables(database)
    assert [] == damage_in(database)
    shutil.rmtree(deadly)
    assert "0004" == upgrade(database, tmp_path / "backups", next_migrations(tmp_path))
    with closing(sqlite3.connect(database)) as connection:
        assert [(ROOT,)] == connection.execute("SELECT path FROM root").fetchall()


def test_a_newer_catalogue_is_refused(tmp_path: Path, database: Path, clock: FakeClock) -> None:
    """An older simd says so and changes nothing."""
    upgrade(database, tmp_path / "backups", next_migrations(tmp_path))
    before = database.read_bytes()
    with pytest.raises(NewerCatalogue, match="0005") as failure:
        Catalogue.open(tmp_path, clock)
    assert failure.value.hint is not None
    assert before == database.read_bytes()


def test_the_downgrade_takes_everything_back(database: Path) -> None:
    """The migrations can be undone, which shows that they name all that they make."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    engine = migration_engine(database)
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    engine.dispose()
    assert {"alembic_version"} == set(tables(database))


def test_every_table_and_column_is_described() -> None:
    """``docs/catalogue.md`` has a section for each table, which names each of its columns."""
    text = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text()
    sections = {part.partition("\n")[0]: part for part in text.split("\n### ")}
    for table in metadata.sorted_tables:
        section = sections[table.name].partition("\n## ")[0]
        assert [] == [column.name for column in table.c if f"`{column.name}`" not in section]
