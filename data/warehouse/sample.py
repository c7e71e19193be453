"""Sample data in the warehouse: its rows are those of made-up people, and go together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from data.values.sample import SAMPLE_PREFIX, is_sample

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from data.values.outbox import OutboxRow

SAMPLE_CLEARED = "sample_cleared"


class SampleCleared(BaseModel):
    """All sample data before this event is to go."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: str


def remove_sample(con: DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Remove it from these tables, and from what could not be read; in the caller's transaction.

    Removing twice is removing once, and rows of real people are never touched.
    """
    for table in tables:
        con.execute(f"DELETE FROM {table} WHERE starts_with(user_id, ?)", [SAMPLE_PREFIX])  # noqa: S608 - literals
    con.execute(
        "DELETE FROM unread_events WHERE starts_with(json_extract_string(payload, '$.user_id'), ?)", [SAMPLE_PREFIX]
    )


def is_in_books(row: OutboxRow) -> bool:
    """Whether what waits in the outbox is in the state database, too. Sample data, and what removes it, is not."""
    return row.kind != SAMPLE_CLEARED and not is_sample(str(row.payload.get("user_id", "")))
