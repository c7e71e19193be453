"""The database itself refuses to change the audit log, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, Table, insert, text
from sqlalchemy.exc import DBAPIError

from data.store.append_only import unguarded
from data.store.columns import UtcDateTime
from data.store.tables import APPEND_ONLY, metadata
from tests.store.conftest import Clock

BOOKMARKS = {"audit_deliveries"}
"""How far each place outside has got: rows that move on, and that no verification believes."""


def test_every_table_of_the_log_is_append_only() -> None:
    assert {name for name in metadata.tables if name.startswith("audit_")} == {*APPEND_ONLY, *BOOKMARKS}


@pytest.fixture(params=APPEND_ONLY)
def table(request: pytest.FixtureRequest, engine: Engine) -> Table:
    """A table of the log, with two rows more than it had."""
    found = metadata.tables[request.param]
    before = len(content(engine, found))
    with engine.begin() as connection:
        connection.execute(insert(found), [row(found, number) for number in (1, 2)])
    assert len(content(engine, found)) == before + 2
    return found


def row(table: Table, number: int) -> dict[str, object]:
    def value(kind: object) -> object:
        if isinstance(kind, UtcDateTime):
            return Clock()()
        return {int: number, bytes: bytes([number]), str: f"value {number}"}[kind.python_type]  # type: ignore[attr-defined]

    return {column.name: value(column.type) for column in table.columns}


def content(engine: Engine, table: Table) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return sorted(tuple(each) for each in connection.execute(text(f"SELECT * FROM {table.name}")))


def changing(table: Table, dialect: str) -> list[str]:
    """Statements that change rows or take some away, each in a way of its own."""
    name, columns = table.name, [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    every = ", ".join(columns)
    one_row = f"WHERE {keys[0]} = (SELECT min({keys[0]}) FROM {name})"
    common = [
        *(f"UPDATE {name} SET {column} = {column}" for column in columns),
        *(f"UPDATE {name} SET {column} = {column} {one_row}" for column in columns),
        f"DELETE FROM {name}",
        f"DELETE FROM {name} {one_row}",
        f"INSERT INTO {name} ({every}) SELECT {every} FROM {name} WHERE true "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {columns[-1]} = excluded.{columns[-1]}",
    ]
    if dialect == "postgresql":
        return [*common, f"TRUNCATE {name}", f"TRUNCATE {name} CASCADE", f"TRUNCATE {name} RESTART IDENTITY"]
    with_other_key = every.replace(keys[0], f"{keys[0]} || 9", 1)
    return [
        *common,
        f"INSERT OR REPLACE INTO {name} ({every}) SELECT {every} FROM {name}",
        f"REPLACE INTO {name} ({every}) SELECT {every} FROM {name} {one_row}",
        f"INSERT OR REPLACE INTO {name} (rowid, {every}) SELECT rowid, {with_other_key} FROM {name}",
        f"UPDATE OR REPLACE {name} SET {keys[-1]} = (SELECT max({keys[-1]}) FROM {name}) {one_row}",
    ]


def test_a_trigger_that_refuses_nothing_is_none(engine: Engine, table: Table) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's triggers call one function, which the migration makes")
    guard = f"{table.name}_guard_update"
    with engine.connect() as connection:
        assert unguarded(connection, [table.name]) == []
        connection.execute(text(f"DROP TRIGGER {guard}"))
        hollow = f"CREATE TRIGGER {guard} BEFORE UPDATE ON {table.name} WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
        connection.execute(text(hollow))
        assert unguarded(connection, [table.name]) == [table.name]
        connection.rollback()


def test_no_statement_changes_the_log(engine: Engine, table: Table) -> None:
    before = content(engine, table)
    for statement in changing(table, engine.dialect.name):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
        assert content(engine, table) == before, statement
