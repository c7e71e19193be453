"""What admins say of tools for each role, and what people allowed in a conversation.

Expand only: the release before this one neither reads nor needs the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import UtcDateTime

revision = "0015"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tool_rules",
        sa.Column("tool", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "tool_consents",
        sa.Column("conversation_id", sa.Text, primary_key=True),
        sa.Column("tool", sa.Text, primary_key=True),
        sa.Column("approval", sa.Text, nullable=False),
        sa.Column("untrusted", sa.JSON, nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_tool_consents_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
