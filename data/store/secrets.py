"""Sealed provider keys. Only ciphertext comes here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from data.store.database import Database
from data.store.keks import require_active
from data.store.tables import audit_events, secret_versions, secrets
from data.values.audit import AuditEvent
from data.values.calls import KeyOwner
from data.values.errors import Conflict, SecretChanged, SecretDamaged, StoreError
from data.values.secrets import SealedHead, SealedSecret, SecretBinding, SecretCard, SecretOwner, SecretRecord


class Secrets:
    """Secrets with their versions and heads; the highest version is the newest one. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, sealed: SealedSecret, *events: AuditEvent, head: SealedHead | None = None, user_sealed: bool = False
    ) -> None:
        """Keep a new secret, and the events that tell of it, in one transaction.

        Without a head it is what the release before this one wrote, also for a further version.

        Raises:
            KekNotActive: it is sealed with a KEK that was retired meanwhile.
            StoreError: this version exists already, or the secret belongs to someone else; nothing is changed.
        """
        owner = _owner_row(sealed.binding.owner)

        def work(connection: Connection) -> None:
            require_active(connection, sealed.kek_id)
            known = connection.execute(select(secrets).where(secrets.c.id == sealed.binding.secret_id)).first()
            if known is None:
                row = {"created_at": sealed.created_at, **owner, **_head_row(head), "user_sealed": user_sealed}
                connection.execute(insert(secrets).values(row))
            elif {name: getattr(known, name) for name in owner} != owner:
                raise StoreError("This secret belongs to someone else.")
            _insert(connection, sealed)
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def change(self, before: SecretRecord, after: SecretRecord, *events: AuditEvent) -> None:
        """Make a secret what `after` says, with its events, if it still is what was read.

        A version whose payload is another one than before was sealed anew: its expiry is bound to it.

        Raises:
            SecretChanged: it is not; nothing is changed.
            KekNotActive: the head, or a version, is sealed with a KEK that was retired meanwhile.
        """
        was = {sealed.binding.version: sealed for sealed in before.versions}
        becomes = {sealed.binding.version: sealed for sealed in after.versions}

        def work(connection: Connection) -> None:
            if after.head is not None:
                require_active(connection, after.head.kek_id)
            head = before.head.sealed if before.head else None
            here = (secrets.c.id == before.owner.secret_id) & (
                secrets.c.head.is_(None) if head is None else secrets.c.head == head
            )
            values = {**_head_row(after.head), "user_sealed": after.user_sealed}
            if not connection.execute(update(secrets).where(here).values(values)).rowcount:
                raise SecretChanged("This key was changed at the same moment.", "Try again.")
            for version in was.keys() - becomes.keys():
                connection.execute(delete(secret_versions).where(_version(before.owner, version)))
            for version, sealed in becomes.items():
                if version not in was:
                    _insert(connection, sealed)
                elif sealed != was[version]:
                    _update(connection, was[version], sealed)
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def find(self, secret_id: str) -> SecretRecord | None:
        """A secret as it is in the database at one moment: nothing of it is proven."""
        found = self._records(_versions().where(secrets.c.id == secret_id))
        return found[0] if found else None

    def of(self, owner_kind: KeyOwner, owner_id: str) -> list[SecretRecord]:
        """All secrets of one owner, the oldest first. See `find`."""
        return self._records(_versions().where(_owned_by(owner_kind, owner_id)))

    def of_each(self, owners: Iterable[tuple[KeyOwner, str]]) -> list[SecretRecord]:
        """All secrets of several owners, the oldest first. See `find`."""
        theirs = tuple_(secrets.c.owner_kind, secrets.c.owner_id).in_([(kind.value, who) for kind, who in owners])
        return self._records(_versions().where(theirs))

    def some(self, ids: Iterable[str]) -> list[SecretRecord]:
        """Those of `ids` that are there, the oldest first. See `find`."""
        return self._records(_versions().where(secrets.c.id.in_(list(ids))))

    def ids(self) -> list[str]:
        """Every secret, of all owners."""
        with self._database.read() as connection:
            return list(connection.execute(select(secrets.c.id).order_by(secrets.c.id)).scalars())

    def headless(self) -> list[SecretRecord]:
        """What the release before this one wrote."""
        return self._records(_versions().where(secrets.c.head.is_(None)))

    def due(self, now: datetime) -> list[SecretRecord]:
        """Secrets with a version that has expired, or whose grace is over while it is not marked as revoked."""
        late = (secret_versions.c.grace_until <= now) | (secret_versions.c.expires_at <= now)
        ids = select(secret_versions.c.secret_id).where(late, secret_versions.c.revoked_at.is_(None))
        return self._records(_versions().where(secrets.c.id.in_(ids)))

    def told(self, operations: Iterable[str]) -> set[str]:
        """Those of `operations` that the audit log has an event of."""
        query = select(audit_events.c.operation).where(audit_events.c.operation.in_(list(operations))).distinct()
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def tell_once(self, event: AuditEvent) -> bool:
        """Record an event unless the audit log has one of its operation; whether it did."""
        known = select(audit_events.c.seq).where(audit_events.c.operation == event.operation).limit(1)

        def work(connection: Connection) -> bool:
            if connection.execute(known).first() is not None:
                return False
            self._database.audit(event)
            return True

        return self._database.write(work)

    def current(self, secret_id: str) -> SealedSecret | None:
        """The highest version of a secret. See `find`."""
        record = self.find(secret_id)
        return record.versions[-1] if record else None

    def cards(self, owner_kind: KeyOwner, owner_id: str) -> list[SecretCard]:
        """The highest version of each of an owner's secrets, without anything sealed; the oldest secret first."""
        return [
            SecretCard(newest.binding, newest.last4, newest.created_at, record.user_sealed)
            for record in self.of(owner_kind, owner_id)
            for newest in record.versions[-1:]
        ]

    def remove(self, secret_id: str, *events: AuditEvent) -> bool:
        """Delete a secret with all its versions, with its events; False, and nothing done, when there is none."""

        def work(connection: Connection) -> bool:
            gone = connection.execute(delete(secrets).where(secrets.c.id == secret_id)).rowcount == 1
            for event in events if gone else ():
                self._database.audit(event)
            return gone

        return self._database.write(work)

    def count(self) -> int:
        """How many secrets are kept, of all owners."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(secrets)).scalar_one()

    def count_by_owner(self) -> dict[str, int]:
        """How many provider keys there are, by the kind of their owner as its row says it."""
        theirs = select(secrets.c.owner_kind, func.count()).where(secrets.c.owner_kind != KeyOwner.SYSTEM.value)
        with self._database.read() as connection:
            rows = connection.execute(theirs.group_by(secrets.c.owner_kind).order_by(secrets.c.owner_kind))
            return {kind: count for kind, count in rows.tuples()}  # noqa: C416  # dict() of rows is no typed one

    def _records(self, query: Select[Any]) -> list[SecretRecord]:
        # One statement: rows and head are of one moment on PostgreSQL, too.
        ordered = query.order_by(secrets.c.created_at, secrets.c.id, secret_versions.c.version)
        with self._database.read() as connection:
            rows = connection.execute(ordered).all()
        return [_record(list(group)) for _, group in groupby(rows, key=lambda row: row.secret_id)]


def _versions() -> Select[Any]:
    of_secret = (secrets.c.owner_kind, secrets.c.owner_id, secrets.c.head, secrets.c.head_kek_id, secrets.c.user_sealed)
    return select(secret_versions, *of_secret).join_from(secrets, secret_versions)


def _owned_by(owner_kind: KeyOwner, owner_id: str) -> Any:
    return (secrets.c.owner_kind == owner_kind.value) & (secrets.c.owner_id == owner_id)


def _version(owner: SecretOwner, version: int) -> Any:
    return (secret_versions.c.secret_id == owner.secret_id) & (secret_versions.c.version == version)


def _owner_row(owner: SecretOwner) -> dict[str, Any]:
    return {"id": owner.secret_id, "owner_kind": owner.kind.value, "owner_id": owner.owner_id}


def _head_row(head: SealedHead | None) -> dict[str, Any]:
    return {"head": head.sealed if head else None, "head_kek_id": head.kek_id if head else None}


def _insert(connection: Connection, sealed: SealedSecret) -> None:
    binding = sealed.binding
    row = {
        "secret_id": binding.secret_id,
        "version": binding.version,
        "provider": binding.provider,
        "origin": binding.origin,
        "expires_at": binding.expires_at,
        "blob": sealed.blob,
        "wrapped_dek": sealed.wrapped_dek,
        "kek_id": sealed.kek_id,
        "last4": sealed.last4,
        "created_at": sealed.created_at,
        "grace_until": sealed.grace_until,
        "revoked_at": sealed.revoked_at,
    }
    require_active(connection, sealed.kek_id)
    try:
        connection.execute(insert(secret_versions).values(row))
    except IntegrityError:
        raise Conflict(f"Version {binding.version} of this secret exists already.", "Try again.") from None


def _update(connection: Connection, before: SealedSecret, after: SealedSecret) -> None:
    values: dict[str, Any] = {"grace_until": after.grace_until, "revoked_at": after.revoked_at}
    if after.blob != before.blob:
        require_active(connection, after.kek_id)
        values |= {
            "expires_at": after.binding.expires_at,
            "blob": after.blob,
            "wrapped_dek": after.wrapped_dek,
            "kek_id": after.kek_id,
        }
    here = _version(after.binding.owner, after.binding.version)
    connection.execute(update(secret_versions).where(here).values(values))


def _record(rows: list[Row[Any]]) -> SecretRecord:
    first = rows[0]
    try:
        owner = SecretOwner(first.secret_id, KeyOwner(first.owner_kind), first.owner_id)
    except ValueError:
        raise SecretDamaged("The record of a stored key is damaged.", "Restore the database from a backup.") from None
    head = None if first.head is None else SealedHead(first.head, first.head_kek_id)
    return SecretRecord(owner, tuple(_sealed(row) for row in rows), head, bool(first.user_sealed))


def _sealed(row: Row[Any]) -> SealedSecret:
    binding = SecretBinding(
        secret_id=row.secret_id,
        version=row.version,
        owner_kind=KeyOwner(row.owner_kind),
        owner_id=row.owner_id,
        provider=row.provider,
        origin=row.origin,
        expires_at=row.expires_at,
    )
    return SealedSecret(
        binding,
        row.blob,
        row.wrapped_dek,
        row.kek_id,
        row.last4,
        row.created_at,
        row.grace_until,
        row.revoked_at,
    )
