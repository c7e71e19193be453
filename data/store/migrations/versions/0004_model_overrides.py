"""Models that are off for everyone, and models that an admin described.

Expand only: the release before this one neither reads nor needs the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import UtcDateTime

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_overrides",
        sa.Column("model_id", sa.Text, primary_key=True),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("described", sa.JSON(none_as_null=True)),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
