"""Alerts: rules that admins changed, what fired, who was told of it, and what is silenced.

Expand only: the release before this one does not look at these tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0026"
down_revision: str | None = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rules()
    _alerts()
    _told()
    _quiet()


def _rules() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "alert_rule_changes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.UniqueConstraint("key", "version", name="uq_alert_rule_changes_key_version"),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("group_key", HumanText, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("dedupe_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("fired_at", UtcDateTime),
        sa.Column("clear_since", UtcDateTime),
        sa.Column("resolved_at", UtcDateTime),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("worst", sa.Double, nullable=False),
        sa.Column("summary", HumanText, nullable=False),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("escalated_at", UtcDateTime),
        sa.UniqueConstraint("rule", "group_key", "number", name="uq_alerts_rule_group_key_number"),
        sa.UniqueConstraint("dedupe_id", name="uq_alerts_dedupe_id"),
    )
    op.create_index("ix_alerts_state", "alerts", ["state"])
    op.create_index("ix_alerts_fired_at", "alerts", ["fired_at"])


def _told() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("label", HumanText, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("secret_id", sa.Text, nullable=False),
        sa.Column("least", sa.Text, nullable=False),
        sa.Column("is_escalation", sa.Boolean, nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("trouble", HumanText),
    )
    op.create_table(
        "alert_notifications",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("alert_id", sa.Text, nullable=False),
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("trouble", HumanText),
    )
    op.create_index("ix_alert_notifications_due_at", "alert_notifications", ["due_at"])
    op.create_index("ix_alert_notifications_alert_id", "alert_notifications", ["alert_id"])


def _quiet() -> None:
    op.create_table(
        "alert_silences",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("group_key", HumanText, nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("why", HumanText, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_alert_silences_ends_at", "alert_silences", ["ends_at"])
    op.create_table(
        "alert_reads",
        sa.Column("alert_id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, primary_key=True),
        sa.Column("read_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "alert_facts",
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("group_key", HumanText, primary_key=True),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("summary", HumanText, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
