"""Whether a picture says where it was taken, and what rating it bears, for rules about what to keep.

Nothing is read again for it: the columns are empty for a known image until its file is next read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: that would write a table of a million rows anew.
    op.add_column("image", sa.Column("has_position", sa.Boolean(), nullable=True))
    op.add_column("image", sa.Column("rating", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("image", "rating")
    op.drop_column("image", "has_position")
