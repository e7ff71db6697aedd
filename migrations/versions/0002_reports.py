"""For reports: small pictures that are kept, and counts of what happens to files.

SQLite counts by itself, so that no verb can forget it. At every moment ``files_added - files_removed``
is the number of files that are not missing. A file that was thought gone and turns up in another
place was moved: it is taken off the removed ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TALLIES = {
    "files_added": "SELECT count(*) FROM file",
    "files_moved": "SELECT 0",
    "files_removed": "SELECT count(*) FROM file WHERE missing_since IS NOT NULL",
}

# Directories are compared by their absolute paths: enrolling a folder inside another gives its rows
# a new root and a new relative path, and moves nothing.
TRIGGERS = {
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


def upgrade() -> None:
    op.create_table(
        "preview",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name="fk_preview_image_id_image", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", name="pk_preview"),
    )
    for key, count in TALLIES.items():
        op.execute(f"INSERT INTO state (key, value) VALUES ('{key}', ({count}))")  # noqa: S608 - constants
    for trigger in TRIGGERS.values():
        op.execute(trigger)


def downgrade() -> None:
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    for key in TALLIES:
        op.execute(f"DELETE FROM state WHERE key = '{key}'")  # noqa: S608 - constants
    op.drop_table("preview")
