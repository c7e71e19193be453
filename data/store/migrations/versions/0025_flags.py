"""Feature flags with their history; the rules for whom Gearbox chooses models become the first of them.

Expand only: the release before this one goes on with `feature_rules`, which stay as they are.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0025"
down_revision: str | None = "0024"
branch_labels = None
depends_on = None

_FLAG = "learned-selection"


def upgrade() -> None:
    flags = op.create_table(
        "flags",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
    changes = op.create_table(
        "flag_changes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", HumanText, nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON, nullable=False),
        sa.UniqueConstraint("key", "version", name="uq_flag_changes_key_version"),
    )
    op.create_index("ix_flag_changes_at", "flag_changes", ["at"])
    op.create_table(
        "flag_uses",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("evaluated_at", UtcDateTime, nullable=False),
    )
    _carry_over(flags, changes)


def _carry_over(flags: sa.Table, changes: sa.Table) -> None:
    said = sa.table(
        "feature_rules",
        sa.column("feature", sa.Text),
        sa.column("user_id", sa.Text),
        sa.column("team_id", sa.Text),
        sa.column("enabled", sa.Boolean),
    )
    rows = op.get_bind().execute(sa.select(said).where(said.c.feature == "auto-model")).all()
    if not rows:
        return
    body, now = _flag(rows), datetime.now(UTC)
    op.bulk_insert(flags, [{"key": _FLAG, "version": 1, "body": body, "changed_at": now}])
    why = "It was under Admin, Model choice, before there were flags."
    change = {"id": uuid.uuid4().hex, "key": _FLAG, "version": 1, "at": now, "by": "gearbox", "why": why}
    op.bulk_insert(changes, [{**change, "before": None, "after": body}])


def _flag(rows: Any) -> dict[str, Any]:
    """As the rules were: a person's own counts first, then off of one of their teams, then on, then everybody's."""

    def rule(name: str, attribute: str, ids: list[str], variant: str) -> list[dict[str, Any]]:
        condition = {"attribute": attribute, "values": sorted(ids), "negated": False}
        return [{"id": name, "conditions": [condition], "variant": variant, "rollout": None}] if ids else []

    people = {row.user_id: row.enabled for row in rows if row.user_id}
    teams = {row.team_id: row.enabled for row in rows if row.team_id and not row.user_id}
    everybody = all(row.enabled for row in rows if not row.user_id and not row.team_id)
    return {
        "key": _FLAG,
        "kind": "boolean",
        "variants": {"on": True, "off": False},
        "default": "on" if everybody else "off",
        "off": "off",
        "state": "on",
        "unit": "user",
        "salt": "",
        "rules": [
            *rule("people-on", "user", [who for who, on in people.items() if on], "on"),
            *rule("people-off", "user", [who for who, on in people.items() if not on], "off"),
            *rule("teams-off", "team", [team for team, on in teams.items() if not on], "off"),
            *rule("teams-on", "team", [team for team, on in teams.items() if on], "on"),
        ],
        "prerequisites": [],
        "description": "",
        "owner": "",
        "created_at": None,
        "expires_on": None,
        "version": 1,
    }
