"""The first tables: roots, directories, files, images, pairs, problems, jobs, state."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_places()
    _create_images()
    _create_files()
    _create_matches()
    _create_bookkeeping()


def downgrade() -> None:
    for table in ("problem", "file", "match", "thumbnail", "image", "directory", "root", "job", "state"):
        op.drop_table(table)


def _create_places() -> None:
    op.create_table(
        "root",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("filesystem", sa.String(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("enrolled_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_root"),
        sa.UniqueConstraint("path", name="uq_root_path"),
    )
    op.create_table(
        "directory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("root_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["root_id"], ["root.id"], name="fk_directory_root_id_root"),
        sa.PrimaryKeyConstraint("id", name="pk_directory"),
        sa.UniqueConstraint("root_id", "path", name="uq_directory_root_id_path"),
    )


def _create_images() -> None:
    op.create_table(
        "image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("phash", sa.BigInteger(), nullable=False),
        sa.Column("phash256", sa.LargeBinary(32), nullable=False),
        sa.Column("deviation", sa.Float(), nullable=False),
        sa.Column("brightness", sa.Float(), nullable=False),
        sa.Column("taken_at", sa.String(), nullable=True),
        sa.Column("camera", sa.String(), nullable=True),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_image"),
        sa.UniqueConstraint("digest", name="uq_image_digest"),
    )
    op.create_index("ix_image_size_recipe", "image", ["size", "recipe"])
    op.create_index("ix_image_recipe", "image", ["recipe"])
    op.create_index(
        "ix_image_brightness_low_detail",
        "image",
        ["brightness"],
        sqlite_where=sa.text("deviation < 4.0"),
    )
    op.create_table(
        "thumbnail",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("grey", sa.LargeBinary(), nullable=False),
        sa.Column("rgb", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.id"], name="fk_thumbnail_image_id_image", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", name="pk_thumbnail"),
    )


def _create_files() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("directory_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("ctime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=True),
        sa.Column("missing_since", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["directory_id"], ["directory.id"], name="fk_file_directory_id_directory"),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name="fk_file_image_id_image"),
        sa.PrimaryKeyConstraint("id", name="pk_file"),
        sa.UniqueConstraint("directory_id", "name", name="uq_file_directory_id_name"),
    )
    op.create_index("ix_file_image_id_missing_since", "file", ["image_id", "missing_since"])
    op.create_index("ix_file_inode_size_mtime_ns", "file", ["inode", "size", "mtime_ns"])
    op.create_index(
        "ix_file_missing",
        "file",
        ["missing_since"],
        sqlite_where=sa.text("missing_since IS NOT NULL"),
    )


def _create_matches() -> None:
    op.create_table(
        "match",
        sa.Column("a", sa.Integer(), nullable=False),
        sa.Column("b", sa.Integer(), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("distance256", sa.Integer(), nullable=False),
        sa.Column("correlation", sa.Float(), nullable=False),
        sa.Column("colour", sa.Float(), nullable=True),
        sa.Column("worst_cell", sa.Float(), nullable=False),
        sa.Column("flat", sa.Boolean(), nullable=False),
        sa.CheckConstraint("a < b", name=op.f("ck_match_ordered")),
        sa.ForeignKeyConstraint(["a"], ["image.id"], name="fk_match_a_image", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["b"], ["image.id"], name="fk_match_b_image", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("a", "b", name="pk_match"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_b", "match", ["b"])


def _create_bookkeeping() -> None:
    op.create_table(
        "problem",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("retried", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_problem_file_id_file", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", name="pk_problem"),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_success_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job"),
    )
    state = op.create_table(
        "state",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_state"),
    )
    op.bulk_insert(
        state,
        [
            {"key": "generation", "value": 0},
            {"key": "clean_exit", "value": 0},
            {"key": "last_image_id", "value": 0},
        ],
    )
