"""How many tokens models read, where their server's list says so.

Expand only: the release before this one neither reads nor needs the column.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_listings", sa.Column("contexts", sa.JSON(none_as_null=True)))
