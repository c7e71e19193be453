"""Comparisons: one prompt to several models, each answer in a conversation that lists don't show.

Expand only: the release before this one lists such conversations like others.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0021"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("hidden_in", sa.Text))
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("title", HumanText, nullable=False),
        sa.Column("is_blind", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("verdict", sa.Text),
        sa.Column("winner", sa.Text),
        sa.Column("judged_at", UtcDateTime),
    )
    op.create_index("ix_comparisons_user_id_created_at", "comparisons", ["user_id", "created_at"])
    op.create_table(
        "comparison_sides",
        sa.Column(
            "comparison_id",
            sa.Text,
            sa.ForeignKey("comparisons.id", ondelete="CASCADE", name="fk_comparison_sides_comparison_id_comparisons"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.Text,
            sa.ForeignKey(
                "conversations.id", ondelete="CASCADE", name="fk_comparison_sides_conversation_id_conversations"
            ),
            nullable=False,
        ),
        sa.Column("model_id", HumanText, nullable=False),
    )
    op.create_index("ix_comparison_sides_conversation_id", "comparison_sides", ["conversation_id"], unique=True)
