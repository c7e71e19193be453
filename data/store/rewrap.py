"""What a rotation moves to the new KEK: the wrapped DEKs of all versions, and the heads of secrets.

Each is replaced only if it still is, byte for byte, what was read: a secret that was rotated, revoked or removed
meanwhile is left as it is, and looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Update, bindparam, select, tuple_, update

from data.store.database import Database
from data.store.keks import require_active
from data.store.rotations import read_rotation, require_lead
from data.store.tables import kek_rotations, secret_versions, secrets
from data.values.audit import AuditEvent
from data.values.calls import KeyOwner
from data.values.keks import RotationRecord
from data.values.secrets import SecretBinding, SecretOwner


@dataclass(frozen=True, slots=True)
class WrappedDek:
    """One version's DEK under the KEK `kek_id`, and what it is bound to."""

    binding: SecretBinding
    sealed: bytes = field(repr=False)
    kek_id: int


@dataclass(frozen=True, slots=True)
class SealedHead:
    """A secret's head under the KEK `kek_id`, and whose it is."""

    owner: SecretOwner
    sealed: bytes = field(repr=False)
    kek_id: int


Moved = Callable[[int], AuditEvent]
"""The event of a batch, given how many records it moved."""


class Rewraps:
    """Batches of records under other KEKs than the active one. Only the leader of the rotation writes; blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def deks(self, to_kek: int, after: tuple[str, int], limit: int) -> list[WrappedDek]:
        """DEKs under other KEKs than `to_kek`, in the order of (secret id, version), after the one given."""
        key = tuple_(secret_versions.c.secret_id, secret_versions.c.version)
        query = (
            select(*_DEK_COLUMNS, secrets.c.owner_kind, secrets.c.owner_id)
            .join_from(secret_versions, secrets)
            .where(secret_versions.c.kek_id != to_kek, key > after)
            .order_by(secret_versions.c.secret_id, secret_versions.c.version)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_dek(row) for row in connection.execute(query)]

    def heads(self, to_kek: int, after: str, limit: int) -> list[SealedHead]:
        """Heads under other KEKs than `to_kek`, in the order of the secrets' ids, after the one given."""
        query = (
            select(secrets.c.id, secrets.c.owner_kind, secrets.c.owner_id, secrets.c.head, secrets.c.head_kek_id)
            .where(secrets.c.head_kek_id != to_kek, secrets.c.head.is_not(None), secrets.c.id > after)
            .order_by(secrets.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_head(row) for row in connection.execute(query)]

    def move_deks(
        self, rotation: RotationRecord, done: Sequence[tuple[WrappedDek, bytes]], event: Moved
    ) -> RotationRecord:
        """Move DEKs to the new KEK; `RotationRecord.done` tells how many still were what had been read."""
        rows = [
            {
                "of_secret": old.binding.secret_id,
                "of_version": old.binding.version,
                "from_kek": old.kek_id,
                "was": old.sealed,
                "becomes": new,
                "to_kek": rotation.to_kek,
            }
            for old, new in done
        ]
        return self._move(rotation, _MOVE_DEK, rows, event)

    def move_heads(
        self, rotation: RotationRecord, done: Sequence[tuple[SealedHead, bytes]], event: Moved
    ) -> RotationRecord:
        """The same for heads."""
        rows = [
            {
                "of_secret": old.owner.secret_id,
                "from_kek": old.kek_id,
                "was": old.sealed,
                "becomes": new,
                "to_kek": rotation.to_kek,
            }
            for old, new in done
        ]
        return self._move(rotation, _MOVE_HEAD, rows, event)

    def _move(
        self, rotation: RotationRecord, statement: Update, rows: Sequence[Mapping[str, Any]], event: Moved
    ) -> RotationRecord:
        def work(connection: Connection) -> RotationRecord:
            require_lead(connection, self._database)
            require_active(connection, rotation.to_kek)
            moved = connection.execute(statement, rows).rowcount
            counted = {"done": kek_rotations.c.done + moved, "updated_at": self._database.clock()}
            here = kek_rotations.c.id == rotation.rotation_id
            connection.execute(update(kek_rotations).where(here).values(counted))
            if moved:
                self._database.audit(event(moved))
            return read_rotation(connection, rotation.rotation_id)

        return self._database.write(work)


_DEK_COLUMNS = tuple(
    secret_versions.c[name]
    for name in ("secret_id", "version", "provider", "origin", "expires_at", "wrapped_dek", "kek_id")
)

_MOVE_DEK = (
    update(secret_versions)
    .where(
        secret_versions.c.secret_id == bindparam("of_secret"),
        secret_versions.c.version == bindparam("of_version"),
        secret_versions.c.kek_id == bindparam("from_kek"),
        secret_versions.c.wrapped_dek == bindparam("was"),
    )
    .values(wrapped_dek=bindparam("becomes"), kek_id=bindparam("to_kek"))
)

_MOVE_HEAD = (
    update(secrets)
    .where(
        secrets.c.id == bindparam("of_secret"),
        secrets.c.head_kek_id == bindparam("from_kek"),
        secrets.c.head == bindparam("was"),
    )
    .values(head=bindparam("becomes"), head_kek_id=bindparam("to_kek"))
)


def _dek(row: Any) -> WrappedDek:
    binding = SecretBinding(
        secret_id=row.secret_id,
        version=row.version,
        owner_kind=KeyOwner(row.owner_kind),
        owner_id=row.owner_id,
        provider=row.provider,
        origin=row.origin,
        expires_at=row.expires_at,
    )
    return WrappedDek(binding, row.wrapped_dek, row.kek_id)


def _head(row: Any) -> SealedHead:
    return SealedHead(SecretOwner(row.id, KeyOwner(row.owner_kind), row.owner_id), row.head, row.head_kek_id)
