"""Bringing a catalogue's tables up to this version of simd, under the lock that the caller holds."""

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from simd.catalogue.backup import write_backup
from simd.catalogue.engines import driver_connection, migration_engine
from simd.catalogue.faults import translating
from simd.catalogue.life import NO_TOKEN
from simd.core.errors import CatalogueError, NewerCatalogue

_PACKAGE: Final = Path(__file__).parents[1]


def migrations_folder() -> Path:
    """The revisions: inside an installed package, beside it in a checkout."""
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def upgrade(database: Path, backups: Path, migrations: Path | None = None) -> str | None:
    """Upgrade a database, new or old, to the newest revision; all of it or nothing.

    A database that holds tables is copied to ``backups`` first.

    Args:
        database: the file; it is created when absent.
        backups: where the copy goes.
        migrations: another folder of revisions than the one that is shipped.

    Returns:
        The revision before the upgrade, None when nothing had to be done or the database is new.

    Raises:
        NewerCatalogue: a later simd wrote it.
        CatalogueError: SQLite, or the check of the references afterwards, refused.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations or migrations_folder()).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    engine = migration_engine(database)
    try:
        with translating(), engine.connect() as connection:
            current = _current_revision(connection)
            _refuse_newer(scripts, current)
            if current == scripts.get_current_head():
                return None
            if current is not None:
                write_backup(
                    driver_connection(connection),
                    backups / f"catalogue.before-{scripts.get_current_head()}.db",
                    f"user_version = {NO_TOKEN}",
                )
            _run(config, connection)
            return current
    finally:
        engine.dispose()


def _current_revision(connection: Connection) -> str | None:
    with connection.begin():
        return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(scripts: ScriptDirectory, current: str | None) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise NewerCatalogue(
            f"The catalogue has revision {current}, which this version of simd does not know.",
            hint="Install the later simd that wrote it, or move the catalogue away to start a new one.",
        )


def _run(config: Config, connection: Connection) -> None:
    with connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        broken: list[Any] = list(connection.exec_driver_sql("PRAGMA foreign_key_check"))
        if broken:
            raise CatalogueError(f"The upgrade left {len(broken)} rows that refer to nothing.")
