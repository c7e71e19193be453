"""The clock of the whole app; it is handed to whatever needs one, so that tests can hand in theirs."""

from __future__ import annotations

from datetime import UTC, datetime

BEGAN = datetime.now(UTC)
"""When this process began, as far as Python code can tell: nothing slow may be imported before."""


def moment_of(text: str) -> datetime:
    """A day or a moment as a person writes it (ISO 8601), UTC unless it says otherwise.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
