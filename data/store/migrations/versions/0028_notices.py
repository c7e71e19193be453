"""What the workspace tells everybody: announcements, who has put them away, and maintenance.

Expand only: the release before this one does not look at these tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0028"
down_revision: str | None = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("words", HumanText, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("team_ids", sa.JSON, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("dismissible", sa.Boolean, nullable=False),
        sa.Column("wording", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_announcements_ends_at", "announcements", ["ends_at"])
    op.create_table(
        "announcement_dismissals",
        sa.Column("announcement_id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("wording", sa.Integer, nullable=False),
    )
    op.create_index("ix_announcement_dismissals_user_id", "announcement_dismissals", ["user_id"])
    op.create_table(
        "maintenances",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("words", HumanText, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("ends_itself", sa.Boolean, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_maintenances_created_at", "maintenances", ["created_at"])
