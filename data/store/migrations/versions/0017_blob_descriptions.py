"""What models wrote of pictures and sounds, for models that can't take them.

Expand only: the release before this one neither reads nor needs the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.store.columns import HumanText, UtcDateTime

revision = "0017"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob_descriptions",
        sa.Column("conversation_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("text", HumanText, nullable=False),
        sa.Column("described_by", HumanText, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "digest"],
            ["blobs.conversation_id", "blobs.digest"],
            name="fk_blob_descriptions_conversation_id_blobs",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_blob_descriptions_digest", "blob_descriptions", ["digest"])
