"""What came of a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from data.query import Rows


@dataclass(frozen=True, slots=True)
class Answer:
    """A result.

    Args:
        sql: the statement that was run.
        rows: what it gave.
        at: the moment that its data are of (UTC).
        seconds: how long it took.
        events: how many there are in the tables that the statement names.
        samples: how many of them were made up.
        since: the first day that was asked: those before are being made ready; None: all were.
    """

    sql: str
    rows: Rows
    at: datetime
    seconds: float
    events: int
    samples: int
    since: date | None
