"""What was found out about models by trying and by using them.

Expand only: the release before this one neither reads nor needs the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_facts",
        sa.Column("endpoint_id", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("capability", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("evidence", HumanText, nullable=False),
    )
