"""The tables of the catalogue; ``docs/catalogue.md`` says what each column means.

Files point at images: a path may move, a picture may have many copies, and neither
costs a decode. Paths and digests are BLOBs, times are ISO 8601 text in UTC with a fixed
width so that they sort, and unsigned 64-bit numbers are kept as signed ones.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from simd.core.model import LOW_DETAIL_DEVIATION

MASK_64: Final = 2**64 - 1
SIGN_64: Final = 2**63

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def signed(number: int) -> int:
    """An unsigned 64-bit number in SQLite's signed integer, as two's complement.

    Raises:
        OverflowError: it does not fit.
    """
    if not 0 <= number <= MASK_64:
        raise OverflowError(f"{number} is not an unsigned 64-bit number")
    return number - (MASK_64 + 1) if number >= SIGN_64 else number


class Unsigned64(TypeDecorator[int]):
    """An unsigned 64-bit number in SQLite's signed integer, as two's complement."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the stored form; OverflowError for what does not fit in 64 bits unsigned."""
        return None if value is None else signed(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the number that was given."""
        return None if value is None else value & MASK_64


class Moment(TypeDecorator[datetime]):
    """An instant, as ISO 8601 text in UTC with microseconds: text order is time order."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the stored form; ValueError for a time without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs an offset")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To an aware datetime in UTC."""
        return None if value is None else datetime.fromisoformat(value)


root = Table(
    "root",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", LargeBinary, nullable=False, unique=True),
    Column("device", BigInteger, nullable=False),
    Column("inode", Unsigned64, nullable=False),
    Column("filesystem", String, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("enrolled_at", Moment, nullable=False),
)

directory = Table(
    "directory",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("root_id", ForeignKey("root.id"), nullable=False),
    Column("path", LargeBinary, nullable=False),
    UniqueConstraint("root_id", "path"),
)

image = Table(
    "image",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("format", String, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("phash", Unsigned64, nullable=False),
    Column("phash256", LargeBinary(32), nullable=False),
    Column("deviation", Float, nullable=False),
    Column("brightness", Float, nullable=False),
    Column("taken_at", String),
    Column("camera", String),
    Column("recipe", Integer, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("has_position", Boolean),
    Column("rating", Integer),
)
Index(None, image.c.size, image.c.recipe)
Index(None, image.c.recipe)

LOW_DETAIL: Final = f"deviation < {LOW_DETAIL_DEVIATION}"
"""The condition of the partial index; SQLite uses the index only for this very expression."""

Index("ix_image_brightness_low_detail", image.c.brightness, sqlite_where=text(LOW_DETAIL))

thumbnail = Table(
    "thumbnail",
    metadata,
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
    Column("grey", LargeBinary, nullable=False),
    Column("rgb", LargeBinary, nullable=False),
)

file = Table(
    "file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("directory_id", ForeignKey("directory.id"), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("ctime_ns", BigInteger, nullable=False),
    Column("inode", Unsigned64, nullable=False),
    Column("image_id", ForeignKey("image.id")),
    Column("missing_since", Moment),
    UniqueConstraint("directory_id", "name"),
)
Index(None, file.c.image_id, file.c.missing_since)
Index(None, file.c.inode, file.c.size, file.c.mtime_ns)
Index("ix_file_missing", file.c.missing_since, sqlite_where=file.c.missing_since.is_not(None))

preview = Table(
    "preview",
    metadata,
    Column("image_id", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
    Column("webp", LargeBinary, nullable=False),
)

match = Table(
    "match",
    metadata,
    Column("a", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True),
    Column("b", ForeignKey("image.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("distance", Integer, nullable=False),
    Column("distance256", Integer, nullable=False),
    Column("correlation", Float, nullable=False),
    Column("colour", Float),
    Column("worst_cell", Float, nullable=False),
    Column("flat", Boolean, nullable=False),
    CheckConstraint("a < b", name="ordered"),
    sqlite_with_rowid=False,
)

look = Table(
    "look",
    metadata,
    Column("a", Integer, primary_key=True),
    Column("b", Integer, primary_key=True),
    Column("judgement", String, nullable=False),
    Column("a_words", String, nullable=False),
    Column("b_words", String, nullable=False),
    # It goes with its pair, and so whenever an image is read anew.
    ForeignKeyConstraint(["a", "b"], ["match.a", "match.b"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

problem = Table(
    "problem",
    metadata,
    Column("file_id", ForeignKey("file.id", ondelete="CASCADE"), primary_key=True),
    Column("code", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("since", Moment, nullable=False),
    Column("retried", Integer, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("name", String, primary_key=True),
    Column("last_success_at", Moment, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

GENERATION: Final = "generation"
"""Key of ``state``: number of the last commit that changed anything."""

CLEAN_EXIT: Final = "clean_exit"
"""Key of ``state``: 1 while the catalogue is closed properly, 0 while it is in use."""

LAST_IMAGE_ID: Final = "last_image_id"
"""Key of ``state``: the greatest image id that was ever purged, so that none is used twice."""

FILES_ADDED: Final = "files_added"
"""Key of ``state``: files that came, or came back, since the catalogue was made."""

FILES_MOVED: Final = "files_moved"
"""Key of ``state``: files that got another path since the catalogue was made."""

FILES_REMOVED: Final = "files_removed"
"""Key of ``state``: files that went and did not turn up elsewhere, since the catalogue was made."""

REVISION: Final = "0004"
"""The newest migration: what a reader from another process asks of the database."""
