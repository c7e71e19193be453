"""Teams of calls, books of tool calls and sign-ins, and what people keep for the pages of numbers.

Expand only: the release before this one writes calls without a team, and knows nothing of the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import ExactDecimal, HumanText, UtcDateTime

revision = "0024"
down_revision: str | None = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("team_id", sa.Text))
    _books()
    _questions()
    _rules()


def _books() -> None:
    op.create_table(
        "tool_uses",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("team_id", sa.Text),
        sa.Column("surface", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("tool", HumanText, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("seconds", sa.Double),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("team_id", sa.Text),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _questions() -> None:
    op.create_table(
        "saved_queries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("title", HumanText, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", HumanText, nullable=False),
        sa.Column("chart", sa.Text),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_saved_queries_user_id", "saved_queries", ["user_id"])


def _rules() -> None:
    op.create_table(
        "budgets",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner_kind", sa.Text, nullable=False),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("amount", ExactDecimal, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("owner_kind", "owner_id", name="uq_budgets_owner_kind_owner_id"),
    )
    op.create_table(
        "report_schedules",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("team_id", sa.Text),
        sa.Column("label", HumanText, nullable=False),
        sa.Column("secret_id", sa.Text, nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("sent_for", sa.Text),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("trouble", HumanText),
    )
    op.create_table(
        "retention_rules",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("team_id", sa.Text, primary_key=True),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", UtcDateTime, nullable=False),
    )
