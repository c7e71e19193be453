"""Legal holds, what is kept only because of them, and receipts of forgetting.

Expand only. A conversation that was deleted while its person was held has no person's id any more, so the release
before this one shows it to nobody either.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0029"
down_revision: str | None = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("matter", HumanText, nullable=False),
        sa.Column("reason", HumanText, nullable=False),
        sa.Column("placed_by", sa.Text, nullable=False),
        sa.Column("placed_at", UtcDateTime, nullable=False),
        sa.Column("released_by", sa.Text),
        sa.Column("released_at", UtcDateTime),
    )
    op.create_table(
        "hold_people",
        sa.Column("hold_id", sa.Text, sa.ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("since", UtcDateTime, nullable=False),
    )
    op.create_index("ix_hold_people_user_id", "hold_people", ["user_id"])
    op.create_table(
        "held_versions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
    op.create_index("ix_held_versions_user_id_until", "held_versions", ["user_id", "until"])
    op.create_table(
        "forget_receipts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
    )
    op.create_index("ix_forget_receipts_at", "forget_receipts", ["at"])
    op.add_column("conversations", sa.Column("deleted_by", sa.Text))
    op.add_column("conversations", sa.Column("deleted_at", UtcDateTime))
    op.create_index(
        "ix_conversations_deleted_by",
        "conversations",
        ["deleted_by"],
        sqlite_where=sa.text("deleted_by IS NOT NULL"),
        postgresql_where=sa.text("deleted_by IS NOT NULL"),
    )
