"""The pictures and documents of conversations.

Expand only: the release before this one neither reads nor needs the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("conversation_id", sa.Text, sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("preview", sa.LargeBinary),
        sa.Column("text", HumanText),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
