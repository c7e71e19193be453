"""Column types that behave the same on SQLite and PostgreSQL, and the one upsert."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Table, Text
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out. Kept as naive UTC text on SQLite, which knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants: nobody could say later what they meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC, whatever the session's time zone is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept digit for digit, as text: SQLite would turn it into a binary float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write all digits."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read them back."""
        return None if value is None else Decimal(value)


class HumanText(TypeDecorator[str]):
    """Text that people or other servers wrote, cleaned of what a database can't hold.

    PostgreSQL refuses NUL in text and both drivers refuse lone surrogates; neither may stop a person from saving
    a title. (Message parts are JSON, where both are escaped.)
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop NUL, replace lone surrogates."""
        if value is None:
            return None
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def upsert(connection: Connection, table: Table, row: dict[str, Any], *, key: Iterable[str]) -> None:
    """Insert `row`, or update the row that has the same `key` columns with the others' values."""
    keys = set(key)
    rest = {name: value for name, value in row.items() if name not in keys}
    # The two inserts have the same methods but no common type; the PostgreSQL dialect is slow to import.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        lite = sqlite.insert(table).values(row)
        connection.execute(lite.on_conflict_do_update(index_elements=sorted(keys), set_=rest))
    else:
        from sqlalchemy.dialects import postgresql

        post = postgresql.insert(table).values(row)
        connection.execute(post.on_conflict_do_update(index_elements=sorted(keys), set_=rest))
