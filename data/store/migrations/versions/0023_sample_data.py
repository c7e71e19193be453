"""Whether there is sample data, and how much.

Expand only: the release before this one neither reads nor needs the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import UtcDateTime

revision = "0023"
down_revision: str | None = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sample_seedings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
    )
