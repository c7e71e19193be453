"""Questions that people keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class QueryKind(StrEnum):
    """How a question was asked."""

    PICKED = "picked"
    SQL = "sql"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One question that somebody keeps.

    Args:
        id: of it; a link carries it.
        user_id: whose it is.
        title: what they call it.
        kind: how it was asked.
        body: the statement, or what was picked as the page's address says it.
        chart: how its result is shown; None: as a table.
        is_shared: whether others who may ask can see it.
        created_at: when it was kept.
        updated_at: when it was last changed.
    """

    id: str
    user_id: str
    title: str
    kind: QueryKind
    body: str
    chart: str | None
    is_shared: bool
    created_at: datetime
    updated_at: datetime
