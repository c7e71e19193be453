"""Calls that Gearbox's own cache answered, or might have, and what that saved.

Expand only: new columns are nullable and the release before this one neither reads nor needs them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import ExactDecimal

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("cache", sa.Text))
    # In the currency of cost_currency.
    op.add_column("calls", sa.Column("saved_amount", ExactDecimal))
