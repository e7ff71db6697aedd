"""What closer looks at pairs have found, so that a plan knows a doubtful pair beforehand."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look",
        sa.Column("a", sa.Integer(), nullable=False),
        sa.Column("b", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.String(), nullable=False),
        sa.Column("a_words", sa.String(), nullable=False),
        sa.Column("b_words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["a", "b"], ["match.a", "match.b"], name="fk_look_a_b_match", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("a", "b", name="pk_look"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("look")
