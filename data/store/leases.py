"""Leases: of all processes on this database, one at a time does what a name stands for."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.lease import OwnerId, is_dead
from data.store.tables import leases


class Leases:
    """Named leases. Blocking.

    A lease keeps two processes from doing the same work, not from harming each other: a process that was frozen beyond
    its lease goes on for a moment when it wakes. What it does must be safe to be done twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, name: str, lasts: timedelta) -> bool:
        """Take a free lease, or one whose holder is dead or late. False when it is held, also by this process."""

        def work(connection: Connection) -> bool:
            now = self._database.clock()
            row = connection.execute(select(leases).where(leases.c.name == name)).first()
            me = self._database.owner
            if row is not None and not is_dead(OwnerId.parse(row.owner), row.lease_until, me, now):
                return False
            taken = {"name": name, "owner": str(me), "lease_until": now + lasts}
            upsert(connection, leases, taken, key=["name"])
            return True

        return self._database.write(work)

    def renew(self, name: str, lasts: timedelta) -> bool:
        """Keep a lease for `lasts` from now; False when it is not this process's any more."""
        return self._database.write(lambda connection: renew_lease(connection, self._database, name, lasts))

    def release(self, name: str) -> None:
        """Give a lease back; does nothing when it is not this process's."""
        mine = (leases.c.name == name) & (leases.c.owner == str(self._database.owner))
        self._database.write(lambda connection: connection.execute(delete(leases).where(mine)))

    def holder(self, name: str) -> OwnerId | None:
        """Who holds a lease and is alive, as far as can be seen from here."""
        found = self._held(name)
        return found[0] if found else None

    def held_until(self, name: str) -> datetime | None:
        """When a lease runs out; None where nobody who is alive holds it."""
        found = self._held(name)
        return found[1] if found else None

    def _held(self, name: str) -> tuple[OwnerId, datetime] | None:
        with self._database.read() as connection:
            row = connection.execute(select(leases).where(leases.c.name == name)).first()
        if row is None:
            return None
        owner = OwnerId.parse(row.owner)
        dead = is_dead(owner, row.lease_until, self._database.owner, self._database.clock())
        return None if dead else (owner, row.lease_until)


def renew_lease(connection: Connection, database: Database, name: str, lasts: timedelta) -> bool:
    """`Leases.renew` in the caller's transaction: the rest of it happens only while the lease is held."""
    row = connection.execute(select(leases).where(leases.c.name == name)).first()
    if row is None or row.owner != str(database.owner):
        return False
    upsert(
        connection,
        leases,
        {"name": name, "owner": row.owner, "lease_until": database.clock() + lasts},
        key=["name"],
    )
    return True
