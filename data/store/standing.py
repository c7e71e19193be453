"""A few counts over the whole state database, for who watches how it is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, ScalarSelect, func, select

from data.store.database import Database
from data.store.tables import secret_versions, secrets, sessions, turns, users
from data.values.calls import KeyOwner


@dataclass(frozen=True, slots=True)
class StoreStanding:
    """How much there is, in all processes together.

    Args:
        people: who may come in.
        sessions: browsers that are signed in.
        turns: answers in progress.
        keys: versions of provider keys that are in use.
        keys_expiring: of them, those that end by the moment that was asked about.
    """

    people: int
    sessions: int
    turns: int
    keys: int
    keys_expiring: int


class Standing:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def at(self, now: datetime, expiring_by: datetime) -> StoreStanding:
        """How it stands.

        Raises:
            StoreError: the database can't be read.
        """
        ours = select(secrets.c.id).where(secrets.c.owner_kind == KeyOwner.SYSTEM.value)
        in_use = (
            secret_versions.c.revoked_at.is_(None)
            & (secret_versions.c.expires_at.is_(None) | (secret_versions.c.expires_at > now))
            & secret_versions.c.secret_id.not_in(ours)
        )
        ends = in_use & (secret_versions.c.expires_at <= expiring_by)
        counted = select(
            _count(users.c.id, users.c.deactivated_at.is_(None)),
            _count(sessions.c.id, sessions.c.revoked_at.is_(None) & (sessions.c.expires_at > now)),
            _count(turns.c.id, turns.c.state == "running"),
            _count(secret_versions.c.secret_id, in_use),
            _count(secret_versions.c.secret_id, ends),
        )
        with self._database.read() as connection:
            return StoreStanding(*connection.execute(counted).one())


def _count(column: Column[Any], which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(column)).where(which).scalar_subquery()
