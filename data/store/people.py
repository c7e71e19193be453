"""People, and who they are elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import identities, team_members, users
from data.values.actor import Role
from data.values.audit import AuditEvent
from data.values.errors import NotFound, StoreError
from data.values.people import MEMBER, Identity, Person, RolesFrom


class Users:
    """People whom this database has met. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, user_id: str, display_name: str) -> None:
        """Remember a person under this name; writes only when something is new."""
        with self._database.read() as connection:
            known = connection.execute(select(users.c.display_name).where(users.c.id == user_id)).scalar()
        if known == display_name:
            return

        def work(connection: Connection) -> None:
            known = connection.execute(select(users.c.created_at).where(users.c.id == user_id)).scalar()
            row = {"id": user_id, "display_name": display_name, "created_at": known or self._database.clock()}
            upsert(connection, users, row, key=["id"])

        self._database.write(work)

    def find(self, user_id: str) -> Person | None:
        """One person."""
        return self._one(select(users).where(users.c.id == user_id))

    def named(self, identity: Identity) -> Person | None:
        """The person whom an issuer calls by this name."""
        return self._one(
            select(users).join_from(users, identities, users.c.id == identities.c.user_id).where(_is(identity))
        )

    def all(self) -> list[Person]:
        """Everybody, those who were forgotten too; the first met first."""
        with self._database.read() as connection:
            rows = connection.execute(select(users).order_by(users.c.created_at, users.c.id)).all()
            teams = _teams(connection)
        return [person_of(row, teams.get(row.id, ())) for row in rows]

    def add(self, person: Person, identity: Identity, *events: AuditEvent) -> None:
        """Remember somebody who was never here.

        Raises:
            StoreError: somebody with this identity came at the same moment, through another process.
        """

        def work(connection: Connection) -> None:
            known = {"user_id": person.id, "created_at": person.created_at}
            try:
                connection.execute(insert(identities).values(issuer=identity.issuer, subject=identity.subject, **known))
            except IntegrityError:
                raise StoreError("This person signed in twice at the same moment.", "Sign in again.") from None
            connection.execute(insert(users).values(id=person.id, created_at=person.created_at, **_row(person)))
            self._tell(events)

        self._database.write(work)

    def save(self, person: Person, *events: AuditEvent) -> None:
        """Keep what has changed about a person, and the events that tell of it, in one transaction. Raises NotFound."""

        def work(connection: Connection) -> None:
            changed = connection.execute(update(users).where(users.c.id == person.id).values(**_row(person)))
            if not changed.rowcount:
                raise NotFound("There is no such person.")
            self._tell(events)

        self._database.write(work)

    def _one(self, query: Select[Any]) -> Person | None:
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return None if row is None else person_of(row, _teams(connection, row.id).get(row.id, ()))

    def _tell(self, events: Iterable[AuditEvent]) -> None:
        for event in events:
            self._database.audit(event)


def person_with_teams(connection: Connection, user_id: str) -> Person | None:
    """A person as they are in the caller's transaction."""
    row = connection.execute(select(users).where(users.c.id == user_id)).first()
    return None if row is None else person_of(row, _teams(connection, user_id).get(user_id, ()))


def person_of(row: Row[Any], team_ids: tuple[str, ...]) -> Person:
    """A row of `users` as a value. A role that this release does not know grants nothing."""
    known = {role.value for role in Role}
    roles = MEMBER if row.roles is None else frozenset(Role(name) for name in row.roles if name in known)
    return Person(
        id=row.id,
        display_name=row.display_name,
        created_at=row.created_at,
        email=row.email,
        roles=roles,
        roles_from=None if row.roles_from is None else RolesFrom(row.roles_from),
        team_ids=team_ids,
        last_seen_at=row.last_seen_at,
        deactivated_at=row.deactivated_at,
        forgotten_at=row.forgotten_at,
    )


def _row(person: Person) -> dict[str, str | list[str] | datetime | None]:
    return {
        "display_name": person.display_name,
        "email": person.email,
        "roles": sorted(role.value for role in person.roles),
        "roles_from": None if person.roles_from is None else person.roles_from.value,
        "last_seen_at": person.last_seen_at,
        "deactivated_at": person.deactivated_at,
        "forgotten_at": person.forgotten_at,
    }


def _teams(connection: Connection, user_id: str | None = None) -> dict[str, tuple[str, ...]]:
    query = select(team_members.c.user_id, team_members.c.team_id)
    if user_id is not None:
        query = query.where(team_members.c.user_id == user_id)
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(team_members.c.joined_at, team_members.c.team_id)):
        found[row.user_id] = (*found.get(row.user_id, ()), row.team_id)
    return found


def _is(identity: Identity) -> Any:
    return (identities.c.issuer == identity.issuer) & (identities.c.subject == identity.subject)
