"""Column types that behave the same on SQLite and PostgreSQL, and the two inserts that look first."""

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
    connection.execute(_inserting(connection, table, row).on_conflict_do_update(index_elements=sorted(keys), set_=rest))


def insert_new(connection: Connection, table: Table, row: dict[str, Any], *, key: Iterable[str]) -> bool:
    """Insert `row` unless there is one with the same `key` columns; whether it did."""
    keys = sorted(key)
    inserting = _inserting(connection, table, row).on_conflict_do_nothing(index_elements=keys)
    # Not by `rowcount`, which psycopg does not know of this statement.
    return connection.execute(inserting.returning(*(table.c[name] for name in keys))).first() is not None


def _inserting(connection: Connection, table: Table, row: dict[str, Any]) -> Any:
    # The two inserts have the same methods but no common type; the PostgreSQL dialect is slow to import.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).values(row)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).values(row)
