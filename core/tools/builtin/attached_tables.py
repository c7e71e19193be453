"""The attached files that hold tables, for the tools that ask them."""

from __future__ import annotations

from core.errors import GearboxError
from core.tools.tool import ToolContext
from data.query import DataFile, kind_of

KINDS = "CSV, TSV, JSON, NDJSON, Parquet, Excel or OpenDocument"


def data_files(context: ToolContext) -> tuple[DataFile, ...]:
    """What of the conversation's files may be tables.

    Raises:
        GearboxError: there is none.
    """
    # What is a picture or a sound is no table, whatever its name says.
    given = [each for each in context.attached if not each.media_type.startswith(("image/", "audio/"))]
    kinds = [(each, kind_of(each.name, each.media_type)) for each in given]
    files = tuple(DataFile(each.name, kind, each.read) for each, kind in kinds if kind is not None)
    if not files:
        raise GearboxError(f"No table is attached to this conversation. Ask the person to attach a {KINDS} file.")
    return files


def owner_of(context: ToolContext) -> str:
    """Whose process a query runs in: this person's in this conversation."""
    return f"{context.actor.user_id}/{context.conversation_id or ''}"
