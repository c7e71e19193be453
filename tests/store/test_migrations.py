"""Expand, then contract: what release n-1 does must work on the schema of release n."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.types import JSON

from data.store import migrate
from data.store.engine import create_file, make_engine, sqlite_path
from data.store.tables.trail import APPEND_ONLY

PAIRS = list(pairwise(migrate.revisions()))


@pytest.fixture
def scratch(store_url: str) -> Iterator[Callable[[str], Engine]]:
    """Engines on empty databases next to the test's own."""
    made: list[Engine] = []

    def make(name: str) -> Engine:
        url = store_url
        if (path := sqlite_path(url)) is not None:
            url = f"sqlite:///{path.with_name(f'{name}.db')}"
            create_file(path.with_name(f"{name}.db"))
        engine = make_engine(url)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.dispose()


def reflected(engine: Engine, revision: str) -> list[Table]:
    """Migrate to `revision` and read the tables back, parents first."""
    with engine.begin() as connection:
        migrate.upgrade(connection, revision)
        tables = MetaData()
        tables.reflect(connection)
    return [table for table in tables.sorted_tables if table.name != "alembic_version"]


def value(column: Column[Any]) -> Any:
    if isinstance(column.type, DateTime):
        return datetime(2026, 1, 1, tzinfo=UTC)
    if isinstance(column.type, JSON):
        return {"v": 1}
    if isinstance(column.type, LargeBinary):
        return b"bytes"
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Numeric) or column.type.python_type in (int, float):
        return 1
    return "text"  # the same in every table: foreign keys find their parents


def sample(table: Table) -> dict[str, Any]:
    return {column.name: value(column) for column in table.columns}


def test_there_is_a_pair_to_test() -> None:
    assert PAIRS


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_release_before_works_on_the_new_schema(scratch: Callable[[str], Engine], old: str, new: str) -> None:
    engine = scratch("expand")
    tables = reflected(engine, old)
    assert len(tables) > 10
    with engine.begin() as connection:
        migrate.upgrade(connection, new)

    with engine.begin() as connection:
        for table in tables:
            connection.execute(insert(table).values(sample(table)))
        for table in tables:
            row = connection.execute(select(table)).one()
            assert set(row._mapping) == set(sample(table))
            if table.name in APPEND_ONLY:  # nobody changes or deletes their rows, the release before neither
                continue
            plain = {c.name: value(c) for c in table.columns if not c.primary_key and not c.foreign_keys}
            assert connection.execute(update(table).values(plain)).rowcount == 1
        for table in reversed(tables):
            if table.name in APPEND_ONLY:
                continue
            assert connection.execute(delete(table)).rowcount == 1


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_rows_of_the_release_before_survive_the_upgrade(scratch: Callable[[str], Engine], old: str, new: str) -> None:
    engine = scratch("survive")
    tables = reflected(engine, old)
    with engine.begin() as connection:
        for table in tables:
            connection.execute(insert(table).values(sample(table)))
    with engine.begin() as connection:
        before = {table.name: connection.execute(select(table)).one() for table in tables}
        migrate.upgrade(connection, new)
        assert {table.name: connection.execute(select(table)).one() for table in tables} == before
