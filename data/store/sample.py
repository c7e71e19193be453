"""Sample data on its way to the warehouse, and the word that removes it there.

It is events of the outbox and nothing else: no person, no call and no choice of it is in the state database, so nothing
that is read there (limits, budgets, what models are chosen by) can come to count it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.store.database import Database
from data.store.outbox import SAMPLE_CLEARED, post, post_all
from data.store.replies import new_id
from data.store.tables import outbox
from data.store.tables import sample_seedings as table
from data.values.audit import AuditEvent
from data.values.errors import Conflict, NotFound
from data.values.sample import SAMPLE_PREFIX, Removal, Seeding

_AT_ONCE = 2_000
"""Rows deleted in one transaction: no turn waits for it for long."""


class SampleData:
    """Blocking. One seeding at a time: `clear` makes room for the next."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seeding(self) -> Seeding | None:
        """The one that there is; None where there is none, or it was cleared."""
        with self._database.read() as connection:
            row = connection.execute(select(table)).first()
        return None if row is None else Seeding(row.id, row.seed, row.days, row.people, row.begun_at, row.events)

    def begin(self, seeding: Seeding, event: AuditEvent) -> None:
        """Make room for the events of a seeding.

        Raises:
            Conflict: there is sample data already.
        """
        row = {name: getattr(seeding, name) for name in ("id", "seed", "days", "people", "begun_at")}

        def work(connection: Connection) -> None:
            there = connection.execute(select(table)).first()
            if there is not None:
                raise Conflict(
                    f"There is sample data already: {there.events:,} events of {there.days} days and {there.people} "
                    f"people, seeded on {there.begun_at:%F at %H:%M} UTC.",
                    "Remove it first: `python -m core demo clear`.",
                )
            connection.execute(insert(table), {**row, "events": 0})
            self._database.audit(event)

        self._database.write(work)

    def add(self, seeding_id: str, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Put events (kind and payload) of a seeding into the outbox, in one transaction.

        Raises:
            NotFound: it was cleared meanwhile.
        """

        def work(connection: Connection) -> None:
            mine = update(table).where(table.c.id == seeding_id).values(events=table.c.events + len(events))
            if not connection.execute(mine).rowcount:
                raise NotFound("The sample data was removed while it was being made.", "Seed again if you want it.")
            post_all(connection, events, self._database.clock())

        self._database.write(work)

    def clear(self, event: AuditEvent) -> Removal:
        """Ask for the removal of all sample data, also of what no seeding is known of any more.

        What still waits in the outbox goes at once, what is in the warehouse when it comes to this event. Sample data
        that is seeded after this stays.
        """
        waiting = gone = self._database.write(_delete_some)
        while gone == _AT_ONCE:  # most of it before the transaction that counts, which is short then
            waiting += (gone := self._database.write(_delete_some))

        def work(connection: Connection) -> Removal:
            # What came in between: after this transaction nothing in the outbox that is sample data is older than it.
            late = 0
            while gone := _delete_some(connection):
                late += gone
            counted = sum(connection.execute(select(table.c.events)).scalars())
            connection.execute(delete(table))
            post(connection, SAMPLE_CLEARED, {"event_id": new_id()}, self._database.clock())
            self._database.audit(event)
            return Removal(max(counted, waiting + late), waiting + late)

        return self._database.write(work)


def _delete_some(connection: Connection) -> int:
    theirs = outbox.c.payload["user_id"].as_string().startswith(SAMPLE_PREFIX, autoescape=True)
    some = select(outbox.c.id).where(theirs).limit(_AT_ONCE)
    return connection.execute(delete(outbox).where(outbox.c.id.in_(some))).rowcount
