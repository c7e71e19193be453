"""API tokens. Only hashes come here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from data.store.database import Database
from data.store.people import person_with_teams
from data.store.tables import api_tokens, users
from data.values.audit import AuditEvent
from data.values.people import ApiToken, Person


class Tokens:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: ApiToken, token_hash: str, *events: AuditEvent) -> None:
        """Keep a new token's facts and hash (SHA-256, hexadecimal), with the events that tell of it."""

        def work(connection: Connection) -> None:
            row = {
                "id": token.id,
                "user_id": token.user_id,
                "name": token.name,
                "token_hash": token_hash,
                "last4": token.last4,
                "scopes": sorted(token.scopes),
                "created_at": token.created_at,
                "expires_at": token.expires_at,
            }
            connection.execute(insert(api_tokens).values(row))
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def with_hash(self, token_hash: str) -> tuple[ApiToken, Person] | None:
        """The token that hashes to this, with its person, at one moment."""
        return self._found(api_tokens.c.token_hash == token_hash)

    def find(self, token_id: str) -> tuple[ApiToken, Person] | None:
        """A token by its id, with its person, at one moment."""
        return self._found(api_tokens.c.id == token_id)

    def of(self, user_id: str | None = None) -> list[ApiToken]:
        """The person's tokens, or everybody's; revoked ones too, the newest first."""
        query = select(api_tokens).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id)
        if user_id is not None:
            query = query.where(api_tokens.c.user_id == user_id)
        with self._database.read() as connection:
            return [_token(row) for row in connection.execute(query)]

    def revoke(self, token_id: str, at: datetime, *events: AuditEvent) -> bool:
        """End a token, with the events; False, and nothing done, when it has ended already."""
        live = (api_tokens.c.id == token_id) & api_tokens.c.revoked_at.is_(None)

        def work(connection: Connection) -> bool:
            ended = connection.execute(update(api_tokens).where(live).values(revoked_at=at)).rowcount == 1
            for event in events if ended else ():
                self._database.audit(event)
            return ended

        return self._database.write(work)

    def touch(self, token_id: str, at: datetime, *events: AuditEvent) -> None:
        """Note that a token is in use, with the events. Raises StoreError when that can't be written."""

        def work(connection: Connection) -> None:
            connection.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=at))
            whose = select(api_tokens.c.user_id).where(api_tokens.c.id == token_id).scalar_subquery()
            connection.execute(update(users).where(users.c.id == whose).values(last_seen_at=at))
            for event in events:
                self._database.audit(event)

        self._database.write(work)

    def _found(self, condition: Any) -> tuple[ApiToken, Person] | None:
        with self._database.read() as connection:
            row = connection.execute(select(api_tokens).where(condition)).first()
            person = None if row is None else person_with_teams(connection, row.user_id)
        return None if row is None or person is None else (_token(row), person)


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        last4=row.last4,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
