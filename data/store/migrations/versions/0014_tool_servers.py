"""Servers that bring tools, what admins trust of them, and tools that are off for everyone.

Expand only: the release before this one neither reads nor needs the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tool_servers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", HumanText, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("command", sa.JSON, nullable=False),
        sa.Column("variables", sa.JSON, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret_id", sa.Text),
        sa.Column("team_id", sa.Text),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("listed", sa.JSON(none_as_null=True)),
        sa.Column("listed_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("name", name="uq_tool_servers_name"),
    )
    op.create_table(
        "trusted_tools",
        sa.Column("server_id", sa.Text, primary_key=True),
        sa.Column("tool", sa.Text, primary_key=True),
        sa.Column("described", sa.JSON, nullable=False),
        sa.Column("reads", sa.Boolean, nullable=False),
        sa.Column("trusted_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"], ["tool_servers.id"], name="fk_trusted_tools_server_id_tool_servers", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "tools_off",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
