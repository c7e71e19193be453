"""The entity tag of a list of models, so that an unchanged list is not sent again.

Expand only: the column is nullable and the release before this one neither reads nor needs it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_listings", sa.Column("etag", sa.Text))
