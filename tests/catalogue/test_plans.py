"""How SQLite looks things up: a question about a few rows must never read a whole table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from simd.catalogue import Catalogue, Snapshot, Transaction
from simd.catalogue.file_reads import _FILES_OF_IMAGES
from simd.catalogue.group_reads import _ALL_EDGES, _CONNECTED, _EDGES_FROM, _HELD_FILES
from simd.catalogue.image_reads import _HASHES, _IMAGES_BY_ID, _THUMBS
from simd.catalogue.pair_reads import _ALL_PAIRS, _PAIRS_BETWEEN
from simd.catalogue.reading import Reading
from simd.catalogue.snapshot import _ALL_MISSING
from simd.core.model import ProblemCode, Root
from tests.catalogue.samples import ROOT, make_stamp
from tests.fakes import FakeClock

PATH = ROOT + b"/trip/a.jpg"
FOLDER = ROOT + b"/trip"
THRESHOLDS = {"radius": 1, "correlation": 0.5, "colour": None}

LOOK_UPS: dict[str, Callable[[Snapshot], object]] = {
    "stamps": lambda it: it.stamps([FOLDER]),
    "directories_under": lambda it: it.directories_under(FOLDER),
    "files_at": lambda it: it.files_at([PATH]),
    "twins": lambda it: it.twins([make_stamp()]),
    "stale_recipe": lambda it: it.stale_recipe(2, 10),
    "problems": lambda it: it.problems(10),
    "problem_paths": lambda it: it.problem_paths(),
    "image_by_digest": lambda it: it.image_by_digest(b"x"),
    "digests_of_sizes": lambda it: it.digests_of_sizes([1], 1),
    "flat_candidates": lambda it: it.flat_candidates((1, 1), 1.0, 2.0, 3),
    "pairs_of": lambda it: it.pairs_of(1),
}

CHANGES: dict[str, Callable[[Transaction], object]] = {
    "put_files": lambda to: to.put_files([(PATH, make_stamp(), None)]),
    "put_problems": lambda to: to.put_problems([(PATH, None, ProblemCode.IO, "Broken.")]),
    "mark_missing": lambda to: to.mark_missing([PATH]),
    "mark_directory_missing": lambda to: to.mark_directory_missing(FOLDER),
    "move_file": lambda to: to.move_file(PATH, ROOT + b"/b.jpg", make_stamp()),
    "move_directory": lambda to: to.move_directory(FOLDER, ROOT + b"/other"),
    "drop_pairs_of": lambda to: to.drop_pairs_of([1]),
}


def plans(catalogue: Catalogue, ask: Callable[[], object]) -> list[str]:
    """Every step of every statement that runs while ``ask`` does, by SQLAlchemy or past it."""
    statements: list[tuple[str, object]] = []

    def note(_connection: Connection, _cursor: object, sql: str, values: object, *context: object) -> None:
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            statements.append((sql, values[0] if isinstance(values, list) else values))

    def rows_of(reading: Reading, sql: str, values: Any) -> Iterator[tuple[Any, ...]]:
        statements.append((sql, values))
        return past(reading, sql, values)

    past = Reading._driver_rows
    engines = (catalogue._reading, catalogue._writing)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Reading, "_driver_rows", rows_of)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        ask()
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    return [step for sql, values in statements for step in plan(catalogue, sql, values)]


def plan(catalogue: Catalogue, sql: str, values: object) -> list[str]:
    """The steps of one statement."""

    def explain(driver: object) -> list[str]:
        return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", values)]  # type: ignore[attr-defined]  # sqlite3's connection

    return catalogue._writer.aside(explain).result()


def whole_tables(steps: list[str]) -> list[str]:
    """The steps that read all of a table that grows with the library."""
    return [step for step in steps if step.startswith(("SCAN file", "SCAN image", "SCAN match"))]


@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_look_up_reads_no_whole_table(catalogue: Catalogue, root: Root, name: str) -> None:
    """Every look-up goes through an index."""

    def ask() -> None:
        with catalogue.read() as snapshot:
            LOOK_UPS[name](snapshot)

    steps = plans(catalogue, ask)
    assert any(step.startswith("SEARCH") for step in steps)
    assert [] == whole_tables(steps)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_reads_no_whole_table(catalogue: Catalogue, root: Root, name: str) -> None:
    """Every change finds its rows through an index."""
    catalogue.write(lambda to: to.put_files([(PATH, make_stamp(), None)])).result()
    steps = plans(catalogue, lambda: catalogue.write(CHANGES[name]).result())
    assert any(step.startswith("SEARCH") for step in steps)
    assert [] == whole_tables(steps)


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        (_FILES_OF_IMAGES, ["file", "directory", "root"]),
        (_IMAGES_BY_ID, ["image"]),
        (_THUMBS, ["image", "thumbnail"]),
    ],
)
def test_what_is_known_of_images_is_looked_up(
    catalogue: Catalogue, statement: str, tables: list[str]
) -> None:
    """The statements that go past SQLAlchemy use indexes as well, an image after the other."""
    wanted, *steps = plan(catalogue, statement, {"ids": "[1]"})
    assert wanted.startswith("SCAN wanted")
    assert [f"SEARCH {table}" for table in tables] == [step[: step.index(" USING")] for step in steps]


@pytest.mark.parametrize("sql", [_CONNECTED, _EDGES_FROM, _HELD_FILES, _PAIRS_BETWEEN])
def test_groups_around_some_images_are_looked_up(catalogue: Catalogue, sql: str) -> None:
    """Keeping groups in step costs what has changed, not what there is."""
    some = {"ids": "[1]", "ones": "[1]", "others": "[2]"}
    steps = plan(catalogue, sql, THRESHOLDS | some)
    assert any(step.startswith("SEARCH") for step in steps)
    assert [] == whole_tables(steps)


def test_forgetting_finds_missing_files_through_their_index(
    catalogue: Catalogue, root: Root, clock: FakeClock
) -> None:
    """Only images are walked through, to find those without files."""
    before = clock.now() - timedelta(days=30)
    steps = plans(catalogue, lambda: catalogue.write(lambda to: to.forget_missing(before)).result())
    assert ["SCAN image"] == whole_tables(steps)


def test_long_answers_read_their_table_once(catalogue: Catalogue) -> None:
    """All pairs and all hashes come in the order of their tables, not by one look-up for each."""
    assert "SCAN match" == plan(catalogue, _ALL_PAIRS, THRESHOLDS)[0]
    assert "SCAN match" == plan(catalogue, _ALL_EDGES, THRESHOLDS)[0]
    in_order = "SEARCH image USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
    assert [in_order] == plan(catalogue, _HASHES, {"recipe": 1, "first": 0, "last": 9})


def test_missing_files_are_counted_by_their_index(catalogue: Catalogue, root: Root) -> None:
    """What is counted for a status costs two walks through narrow indexes, and no row of a file is read."""

    def ask() -> None:
        with catalogue.read() as snapshot:
            snapshot.count_under(ROOT)

    steps = plans(catalogue, ask)
    assert "SEARCH file USING INDEX ix_file_missing (missing_since>?)" in steps
    unique = "SEARCH file USING COVERING INDEX sqlite_autoindex_file_1 (directory_id=?)"
    assert [unique] == [step for step in steps if step.startswith("SEARCH file") and "missing" not in step]
    assert "SEARCH file USING INDEX ix_file_missing (missing_since>?)" in plan(catalogue, _ALL_MISSING, ())
