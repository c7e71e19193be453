"""How models are chosen: decisions, what people showed of answers, and the statistics of both.

Expand only: the release before this one neither reads nor needs the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None

_IN_FORCE = sa.text("overruled_by IS NULL")
_NO_PROPENSITY = sa.text("propensity IS NULL AND chooser = 'policy'")
_COUNTS = sa.text("replaced_by IS NULL")


def upgrade() -> None:
    _decisions()
    _feedback()
    sums = ("weight", "quality", "square", "priced", "cost", "timed", "seconds", "changed")
    op.create_table(
        "routing_tallies",
        sa.Column("level", sa.Text, primary_key=True),
        sa.Column("scope_id", sa.Text, primary_key=True),
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("model_id", HumanText, primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in sums),
    )
    op.create_index("ix_routing_tallies_changed", "routing_tallies", ["changed"])
    op.create_table(
        "routing_resets",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_routing_resets_user_id_at", "routing_resets", ["user_id", "at"])
    op.create_table(
        "routing_state",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("whole_from", sa.BigInteger, nullable=False),
    )


def _decisions() -> None:
    table = "routing_decisions"
    op.create_table(
        table,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("tasks", sa.JSON, nullable=False),
        sa.Column("chosen", HumanText, nullable=False),
        sa.Column("chooser", sa.Text, nullable=False),
        sa.Column("explored", sa.Boolean, nullable=False),
        sa.Column("team_ids", sa.JSON, nullable=False),
        sa.Column("weighed", sa.JSON, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("overrules", sa.Text),
        sa.Column("overruled_by", sa.Text),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("propensity", sa.Double),
    )
    op.create_index("ix_routing_decisions_user_id_decided_at", table, ["user_id", "decided_at"])
    op.create_index(
        "ux_routing_decisions_in_force",
        table,
        ["turn_id"],
        unique=True,
        sqlite_where=_IN_FORCE,
        postgresql_where=_IN_FORCE,
    )
    op.create_index(
        "ix_routing_decisions_without_propensity",
        table,
        ["decided_at"],
        sqlite_where=_NO_PROPENSITY,
        postgresql_where=_NO_PROPENSITY,
    )


def _feedback() -> None:
    table = "routing_feedback"
    op.create_table(
        table,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("decision_id", sa.Text),
        sa.Column("model_id", HumanText, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("signal", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("against", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("words", HumanText, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("adds", sa.JSON, nullable=False),
        sa.Column("replaced_by", sa.Text),
    )
    op.create_index(
        "ux_routing_feedback_in_force",
        table,
        ["turn_id", "model_id", "kind"],
        unique=True,
        sqlite_where=_COUNTS,
        postgresql_where=_COUNTS,
    )
    op.create_index("ix_routing_feedback_user_id_at", table, ["user_id", "at"])
