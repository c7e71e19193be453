"""What calls use besides tokens, and whether they could have been answered from the cache.

Expand only: new columns are nullable and the release before this one neither reads nor needs them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import ExactDecimal

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Pictures, seconds, characters or queries.
    op.add_column("calls", sa.Column("quantity", ExactDecimal))
    op.add_column("calls", sa.Column("unit", sa.Text))
