"""Answers that were asked for again, and calls whose process died outside a turn.

Expand only: new columns are nullable and the release before this one neither reads nor needs them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The reply that took this one's place in the conversation.
    op.add_column("messages", sa.Column("superseded_by", sa.Text))
    # Which process made the call, so that an intent without an outcome can be told from one under way.
    op.add_column("calls", sa.Column("owner", sa.Text))
    op.create_index(
        "ix_calls_open",
        "calls",
        ["started_at"],
        sqlite_where=sa.text("status = 'intent'"),
        postgresql_where=sa.text("status = 'intent'"),
    )
