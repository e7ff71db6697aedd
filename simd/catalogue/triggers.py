"""What SQLite counts by itself: files added, moved and removed, so that no verb can forget it.

The counts stand in ``state`` and never start again while the catalogue lives. At every moment
``files_added - files_removed`` is the number of files that are not missing. A file that was thought
gone and turns up in another place was moved: it is taken off the removed ones.
"""

from typing import Final

from sqlalchemy import DDL, event

from simd.catalogue.schema import metadata

# Directories are compared by their absolute paths: enrolling a folder inside another gives its rows
# a new root and a new relative path, and moves nothing.
TRIGGERS: Final = {
    "file_appears": """
CREATE TRIGGER file_appears AFTER INSERT ON file
WHEN NEW.missing_since IS NULL
BEGIN
    UPDATE state SET value = value + 1 WHERE key = 'files_added';
END""",
    "file_returns": """
CREATE TRIGGER file_returns AFTER UPDATE OF missing_since ON file
WHEN OLD.missing_since IS NOT NULL AND NEW.missing_since IS NULL
    AND OLD.directory_id = NEW.directory_id AND OLD.name = NEW.name
BEGIN
    UPDATE state SET value = value + 1 WHERE key = 'files_added';
END""",
    "file_goes": """
CREATE TRIGGER file_goes AFTER UPDATE OF missing_since ON file
WHEN OLD.missing_since IS NULL AND NEW.missing_since IS NOT NULL
BEGIN
    UPDATE state SET value = value + 1 WHERE key = 'files_removed';
END""",
    "file_is_replaced": """
CREATE TRIGGER file_is_replaced AFTER DELETE ON file
WHEN OLD.missing_since IS NULL
BEGIN
    UPDATE state SET value = value + 1 WHERE key = 'files_removed';
END""",
    "file_moves": """
CREATE TRIGGER file_moves AFTER UPDATE OF directory_id, name ON file
WHEN NEW.missing_since IS NULL AND (OLD.directory_id <> NEW.directory_id OR OLD.name <> NEW.name)
BEGIN
    UPDATE state SET value = value + 1 WHERE key = 'files_moved';
    UPDATE state SET value = value - 1 WHERE key = 'files_removed' AND OLD.missing_since IS NOT NULL;
END""",
    "directory_moves": """
CREATE TRIGGER directory_moves AFTER UPDATE OF root_id, path ON directory
WHEN (SELECT rtrim(rtrim(path, '/') || '/' || OLD.path, '/') FROM root WHERE id = OLD.root_id)
    <> (SELECT rtrim(rtrim(path, '/') || '/' || NEW.path, '/') FROM root WHERE id = NEW.root_id)
BEGIN
    UPDATE state
    SET value = value + (SELECT count(*) FROM file WHERE directory_id = NEW.id AND missing_since IS NULL)
    WHERE key = 'files_moved';
END""",
}
"""The SQL of each trigger by its name, as the migrations make it."""

for _sql in TRIGGERS.values():
    event.listen(metadata, "after_create", DDL(_sql))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it bare
