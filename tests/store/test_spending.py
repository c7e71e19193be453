"""What a person or a key has spent is asked for before every call where there is a limit: it is found by an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from data.store import Store
from data.values.calls import CallIntent, CallOutcome, CallStatus
from data.values.money import Cost, CostBasis
from tests.store.conftest import Clock, intent


def paid(amount: str) -> CallOutcome:
    return CallOutcome(CallStatus.OK, 1.0, cost=Cost(Decimal(amount), CostBasis.PRICED))


def book(store: Store, call: CallIntent, amount: str) -> None:
    store.calls.intend(call).result(10)
    store.calls.conclude(call.id, paid(amount)).result(10)


def plan(engine: Engine, store: Store, **whose: str) -> str:
    """How the database finds what `Calls.spent` adds up, in its own words."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        store.calls.spent(Clock()(), **whose)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    ((statement, parameters),) = [each for each in asked if "FROM calls" in each[0]]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row[3] for row in rows)
        connection.execute(text("SET enable_seqscan = off"))  # a table of a test is too small for any index
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("whose", "index"),
    [({"secret_id": "key-1"}, "ix_calls_secret_id_started_at"), ({"user_id": "ann"}, "ix_calls_user_id_started_at")],
    ids=["a key", "a person"],
)
def test_spending_is_found_by_an_index(
    store: Store, engine: Engine, clock: Clock, whose: dict[str, str], index: str
) -> None:
    for number in range(20):
        book(store, replace(intent(clock()), secret_id=f"key-{number % 5}"), "0.01")
    found = plan(engine, store, **whose)
    assert index in found, found


def test_only_what_a_key_paid_since_then_counts(store: Store, clock: Clock) -> None:
    began = clock()
    book(store, replace(intent(clock()), secret_id="key-1"), "0.10")
    clock.forward(3600)
    book(store, replace(intent(clock()), secret_id="key-1"), "0.20")
    book(store, replace(intent(clock()), secret_id="key-2"), "0.40")
    book(store, intent(clock()), "0.80")
    assert store.calls.spent(began, secret_id="key-1") == Decimal("0.30")
    assert store.calls.spent(began + timedelta(seconds=1), secret_id="key-1") == Decimal("0.20")
