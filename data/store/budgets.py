"""What the organisation, teams and people mean to spend in a month."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import budgets as table
from data.values.audit import AuditEvent
from data.values.budgets import CURRENCY, Budget, BudgetOwner


class Budgets:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Budget]:
        """Every budget: the organisation's, then teams', then people's. One of a later release's kind is left out."""
        places = {owner: place for place, owner in enumerate(BudgetOwner)}
        known = table.c.owner_kind.in_([owner.value for owner in places])
        query = select(table).where(known, table.c.currency == CURRENCY).order_by(table.c.owner_id)
        with self._database.read() as connection:
            found = [
                Budget(BudgetOwner(row.owner_kind), row.owner_id, row.amount, row.set_by, row.set_at)
                for row in connection.execute(query)
            ]
        return sorted(found, key=lambda each: places[each.owner])

    def save(self, budget: Budget, event: AuditEvent) -> None:
        """Keep a budget, in the place of one of the same owner."""
        row = {
            "id": uuid.uuid4().hex,
            "owner_kind": budget.owner.value,
            "owner_id": budget.owner_id,
            "amount": budget.amount,
            "currency": CURRENCY,
            "set_by": budget.set_by,
            "set_at": budget.set_at,
        }

        def work(connection: Connection) -> None:
            upsert(connection, table, row, key=["owner_kind", "owner_id"])
            self._database.audit(event)

        self._database.write(work)

    def remove(self, owner: BudgetOwner, owner_id: str, event: AuditEvent) -> bool:
        """Forget a budget; False, and nothing done, where there is none."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(table).where(_of(owner, owner_id))).rowcount == 1
            if gone:
                self._database.audit(event)
            return gone

        return self._database.write(work)


def forget_budget(connection: Connection, owner: BudgetOwner, owner_id: str) -> None:
    """Delete the budget of somebody who goes, in the caller's transaction."""
    connection.execute(delete(table).where(_of(owner, owner_id)))


def _of(owner: BudgetOwner, owner_id: str) -> ColumnElement[bool]:
    return (table.c.owner_kind == owner.value) & (table.c.owner_id == owner_id)
