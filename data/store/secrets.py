"""Sealed provider keys and the records of the KEKs that seal them. Only ciphertext comes here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.store.database import Database
from data.store.tables import keks, secret_versions, secrets
from data.values.calls import KeyOwner
from data.values.errors import StoreError
from data.values.secrets import KekRecord, KekState, SealedSecret, SecretBinding, SecretCard


class Secrets:
    """Secrets with their versions; the highest version is the current one. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, sealed: SealedSecret) -> None:
        """Keep a new secret, or a new version of one.

        Raises:
            StoreError: this version exists already, or the secret belongs to someone else; nothing is changed.
        """
        binding = sealed.binding
        owner = {"owner_kind": binding.owner_kind.value, "owner_id": binding.owner_id}

        def work(connection: Connection) -> None:
            known = connection.execute(select(secrets).where(secrets.c.id == binding.secret_id)).first()
            if known is None:
                row = {"id": binding.secret_id, "created_at": sealed.created_at, **owner}
                connection.execute(insert(secrets).values(row))
            elif {"owner_kind": known.owner_kind, "owner_id": known.owner_id} != owner:
                raise StoreError("This secret belongs to someone else.")
            try:
                connection.execute(insert(secret_versions).values(_version_row(sealed)))
            except IntegrityError:
                raise StoreError(f"Version {binding.version} of this secret exists already.", "Try again.") from None

        self._database.write(work)

    def current(self, secret_id: str) -> SealedSecret | None:
        """The highest version of a secret."""
        query = _versions().where(secrets.c.id == secret_id)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(secret_versions.c.version.desc()).limit(1)).first()
        return None if row is None else _sealed(row)

    def cards(self, owner_kind: KeyOwner, owner_id: str) -> list[SecretCard]:
        """The current version of each of an owner's secrets, without anything sealed; the oldest secret first."""
        newest = (
            select(secret_versions.c.secret_id, func.max(secret_versions.c.version).label("version"))
            .group_by(secret_versions.c.secret_id)
            .subquery()
        )
        is_newest = (newest.c.secret_id == secrets.c.id) & (newest.c.version == secret_versions.c.version)
        mine = (secrets.c.owner_kind == owner_kind.value) & (secrets.c.owner_id == owner_id)
        query = _versions().join(newest, is_newest).where(mine).order_by(secrets.c.created_at, secrets.c.id)
        with self._database.read() as connection:
            return [SecretCard(_binding(row), row.last4, row.created_at) for row in connection.execute(query)]

    def remove(self, secret_id: str) -> None:
        """Delete a secret with all its versions; does nothing when there is none."""
        self._database.write(lambda connection: connection.execute(delete(secrets).where(secrets.c.id == secret_id)))

    def count(self) -> int:
        """How many secrets are kept, of all owners."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(secrets)).scalar_one()

    def keks(self) -> list[KekRecord]:
        """Every KEK this database knows, by id."""
        with self._database.read() as connection:
            rows = connection.execute(select(keks).order_by(keks.c.id)).all()
        return [KekRecord(row.id, KekState(row.state), row.source, row.canary, row.created_at) for row in rows]

    def add_kek(self, record: KekRecord) -> None:
        """Record a KEK. An active one retires the one before it in the same transaction.

        Raises:
            StoreError: the id is taken, for example by another process that started at the same time.
        """

        def work(connection: Connection) -> None:
            if record.state is KekState.ACTIVE:
                before = (keks.c.state == KekState.ACTIVE.value) & (keks.c.id != record.kek_id)
                connection.execute(update(keks).where(before).values(state=KekState.RETIRED.value))
            row = insert(keks).values(
                id=record.kek_id,
                state=record.state.value,
                source=record.source,
                canary=record.canary,
                created_at=record.created_at,
            )
            try:
                connection.execute(row)
            except IntegrityError:
                raise StoreError(f"KEK {record.kek_id} is on record already.", "Start again to use it.") from None

        self._database.write(work)


def _versions() -> Select[Any]:
    owner = (secrets.c.owner_kind, secrets.c.owner_id)
    return select(secret_versions, *owner).join_from(secrets, secret_versions)


def _version_row(sealed: SealedSecret) -> dict[str, Any]:
    binding = sealed.binding
    return {
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
    }


def _binding(row: Row[Any]) -> SecretBinding:
    return SecretBinding(
        secret_id=row.secret_id,
        version=row.version,
        owner_kind=KeyOwner(row.owner_kind),
        owner_id=row.owner_id,
        provider=row.provider,
        origin=row.origin,
        expires_at=row.expires_at,
    )


def _sealed(row: Row[Any]) -> SealedSecret:
    return SealedSecret(_binding(row), row.blob, row.wrapped_dek, row.kek_id, row.last4, row.created_at)
