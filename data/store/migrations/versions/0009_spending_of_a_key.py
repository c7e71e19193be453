"""What a key paid for since a moment is found by an index: a limit on it is asked for before every call.

Expand only: the release before this one is served by it, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_calls_secret_id_started_at",
        "calls",
        ["secret_id", "started_at"],
        sqlite_where=sa.text("secret_id IS NOT NULL"),
        postgresql_where=sa.text("secret_id IS NOT NULL"),
    )
