"""People, sessions, tokens and teams; versions and heads of secrets; rotations of the KEK; the audit log.

Expand only: the release before this one neither reads nor needs the new tables. It writes no audit events; those of its
calls are missing from the log for as long as it runs beside this one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_REFUSAL = "the audit log is append-only"
_APPEND_ONLY = {
    "audit_chains": ("id",),
    "audit_events": ("chain_id", "seq"),
    "audit_checkpoints": ("seq",),
    "audit_keys": ("id",),
}


def upgrade() -> None:
    _tokens_and_identities()
    _sessions()
    _teams_and_users()
    _vault()
    _audit_events()
    _audit_checkpoints()
    _guards()


def _tokens_and_identities() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("locked_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"], unique=False)


def _sessions() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("origin_id", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text, nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)


def _teams_and_users() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("name", name="uq_teams_name"),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("joined_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_team_members_team_id_teams", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_team_members"),
    )
    op.create_index("ix_team_members_user_id", "team_members", ["user_id"], unique=False)
    op.add_column("users", sa.Column("email", sa.Text, nullable=True))
    op.add_column("users", sa.Column("roles", sa.JSON(), nullable=True))
    op.add_column("users", sa.Column("roles_from", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("deactivated_at", _INSTANT, nullable=True))
    op.add_column("users", sa.Column("last_seen_at", _INSTANT, nullable=True))
    op.add_column("users", sa.Column("forgotten_at", _INSTANT, nullable=True))


def _vault() -> None:
    op.create_table(
        "kek_rotations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("from_kek", sa.Integer(), nullable=False),
        sa.Column("to_kek", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_kek_rotations"),
    )
    op.create_table(
        "user_seals",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("secret_id", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_seals"),
    )
    op.add_column("endpoints", sa.Column("owner_kind", sa.Text(), nullable=True))
    op.add_column("calls", sa.Column("is_test", sa.Boolean(), nullable=True))
    op.add_column("keks", sa.Column("wrapped", sa.LargeBinary(), nullable=True))
    op.add_column("secret_versions", sa.Column("grace_until", _INSTANT, nullable=True))
    op.add_column("secret_versions", sa.Column("revoked_at", _INSTANT, nullable=True))
    op.create_index("ix_secret_versions_kek_id", "secret_versions", ["kek_id"], unique=False)
    op.add_column("secrets", sa.Column("head", sa.LargeBinary(), nullable=True))
    op.add_column("secrets", sa.Column("head_kek_id", sa.Integer(), nullable=True))
    op.create_index("ix_secrets_head_kek_id", "secrets", ["head_kek_id"], unique=False)
    op.add_column("secrets", sa.Column("user_sealed", sa.Boolean(), nullable=True))


def _audit_events() -> None:
    op.create_table(
        "origins",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("first_seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_origins"),
        sa.UniqueConstraint("address", name="uq_origins_address"),
    )
    op.create_table(
        "audit_chains",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_chains"),
    )
    op.create_table(
        "audit_events",
        sa.Column("chain_id", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("surface", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "seq", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index("ix_audit_events_actor_id_at", "audit_events", ["actor_id", "at"])
    op.create_index("ix_audit_events_action_at", "audit_events", ["action", "at"])
    op.create_index("ix_audit_events_target_at", "audit_events", ["target", "at"])
    op.create_index("ix_audit_events_outcome_at", "audit_events", ["outcome", "at"])
    op.create_index("ix_audit_events_operation_outcome", "audit_events", ["operation", "outcome"])
    op.create_index("ix_audit_events_request_id", "audit_events", ["request_id"])


def _audit_checkpoints() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("heads", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_checkpoints"),
    )
    op.create_table(
        "audit_keys",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("secret_id", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_keys"),
    )
    op.create_table(
        "audit_deliveries",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _INSTANT, nullable=True),
        sa.Column("failing_since", _INSTANT, nullable=True),
        sa.Column("problem", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_audit_deliveries"),
    )


def _guards() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION gearbox_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        call = "EXECUTE FUNCTION gearbox_append_only()"
        for table in _APPEND_ONLY:
            op.execute(f"CREATE TRIGGER {table}_guard_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}")
            op.execute(f"CREATE TRIGGER {table}_guard_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}")
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table, key in _APPEND_ONLY.items():
        # INSERT OR REPLACE deletes the row it replaces without firing a DELETE trigger.
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(f"CREATE TRIGGER {table}_guard_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_guard_delete BEFORE DELETE ON {table} {refuse}")
        present = f"EXISTS (SELECT 1 FROM {table} WHERE {same} OR rowid = NEW.rowid)"  # noqa: S608  # our own names
        op.execute(f"CREATE TRIGGER {table}_guard_replace BEFORE INSERT ON {table} WHEN {present} {refuse}")
