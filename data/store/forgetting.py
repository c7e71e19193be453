"""Forgetting a person: what tells who they were, or that they wrote, goes. The books and the log keep an id.

Choices of models, and what was shown of answers, are such books: they stay without words and without fingerprints.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from data.store.access_rules import forget_rules
from data.store.budgets import forget_budget
from data.store.database import Database
from data.store.holding import is_held
from data.store.outbox import PERSON_FORGOTTEN, post
from data.store.replies import new_id
from data.store.routing_counting import forget_choices
from data.store.tables import (
    alert_reads,
    announcement_dismissals,
    api_tokens,
    blobs,
    comparisons,
    conversations,
    endpoints,
    feature_rules,
    forget_receipts,
    held_versions,
    identities,
    messages,
    origins,
    preferences,
    prompt_corrections,
    saved_queries,
    sessions,
    team_members,
    user_seals,
    users,
)
from data.values.access_rules import RuleOwner
from data.values.audit import AuditEvent
from data.values.budgets import BudgetOwner
from data.values.errors import NotFound, OnHold
from data.values.retention import ForgetReceipt, Forgotten

_OWN = {
    "read alerts": alert_reads,
    "dismissed announcements": announcement_dismissals,
    "API tokens": api_tokens,
    "comparisons": comparisons,
    "conversations": conversations,
    "connections": endpoints,
    "model rules": feature_rules,
    "earlier versions": held_versions,
    "identities": identities,
    "preferences": preferences,
    "corrections": prompt_corrections,
    "saved questions": saved_queries,
    "team memberships": team_members,
    "key seals": user_seals,
}
"""What is deleted by whose it is, and what receipts call it."""

_IN_CONVERSATIONS = {"messages": messages, "attachments": blobs}


class Forgetting:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def forget(
        self, user_id: str, at: datetime, event: AuditEvent, usage: Forgotten = Forgotten.ANONYMISE, *, keys: int = 0
    ) -> ForgetReceipt:
        """Forget a person, with the event that tells of it, all in one transaction; its receipt is kept.

        Addresses that only their sessions came from go too: what the log says of them then leads nowhere. Their keys
        must have been removed from the vault before, `keys` of them. `usage` is what becomes of their rows in the
        warehouse.

        Raises:
            OnHold: a hold is on them; nothing was done.
        """

        def work(connection: Connection) -> ForgetReceipt:
            if is_held(connection, user_id):
                raise OnHold("This person's data is on hold.", "It can be deleted once the hold is released.")
            removed = {"keys": keys, **_in_conversations(connection, user_id)}
            removed["addresses"] = _forget_addresses(connection, user_id)
            forget_choices(connection, user_id, at)
            forget_budget(connection, BudgetOwner.USER, user_id)
            forget_rules(connection, RuleOwner.USER, user_id)
            # What they had deleted while a hold was on them, and no sweep came to yet.
            withheld = connection.execute(delete(conversations).where(conversations.c.deleted_by == user_id)).rowcount
            for kind, table in _OWN.items():
                removed[kind] = connection.execute(delete(table).where(table.c.user_id == user_id)).rowcount
            removed["conversations"] += withheld
            removed["sessions"] = _bare_sessions(connection, user_id, at)
            connection.execute(update(users).where(users.c.id == user_id).values(_nobody(at)))
            post(connection, PERSON_FORGOTTEN, {"event_id": new_id(), "user_id": user_id, "policy": usage.value}, at)
            told = {kind: count for kind, count in removed.items() if count}
            receipt = ForgetReceipt(new_id(), user_id, at, event.actor_id, usage, told)
            connection.execute(insert(forget_receipts), _row(receipt))
            self._database.audit(event)
            return receipt

        return self._database.write(work)

    def receipts(self, *, limit: int = 200) -> list[ForgetReceipt]:
        """The newest first."""
        query = select(forget_receipts).order_by(forget_receipts.c.at.desc(), forget_receipts.c.id).limit(limit)
        with self._database.read() as connection:
            return [_of(row) for row in connection.execute(query)]

    def receipt(self, receipt_id: str) -> ForgetReceipt:
        """One of them. Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(forget_receipts).where(forget_receipts.c.id == receipt_id)).first()
        if row is None:
            raise NotFound("There is no such receipt.")
        return _of(row)


def _in_conversations(connection: Connection, user_id: str) -> dict[str, int]:
    """What goes with a person's conversations."""
    theirs = (conversations.c.user_id == user_id) | (conversations.c.deleted_by == user_id)
    ids = select(conversations.c.id).where(theirs)
    counted = {}
    for kind, table in _IN_CONVERSATIONS.items():
        query = select(func.count()).select_from(table).where(table.c.conversation_id.in_(ids))
        counted[kind] = connection.execute(query).scalar_one()
    return counted


def _bare_sessions(connection: Connection, user_id: str, at: datetime) -> int:
    """They stay as ended: what their browsers hold would else be taken for a sign-in that is still to be met."""
    bare = {"origin_id": None, "user_agent": None, "revoked_at": func.coalesce(sessions.c.revoked_at, at)}
    return connection.execute(update(sessions).where(sessions.c.user_id == user_id).values(bare)).rowcount


def _nobody(at: datetime) -> dict[str, str | list[str] | datetime | None]:
    """What is left of a person's row."""
    return {
        "display_name": "Forgotten person",
        "email": None,
        "roles": [],
        "roles_from": None,
        "last_seen_at": None,
        "forgotten_at": at,
    }


def _row(receipt: ForgetReceipt) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "user_id": receipt.person_id,
        "at": receipt.at,
        "by": receipt.by,
        "policy": receipt.usage.value,
        "counts": dict(receipt.removed),
    }


def _of(row: Row[Any]) -> ForgetReceipt:
    return ForgetReceipt(row.id, row.user_id, row.at, row.by, Forgotten(row.policy), row.counts)


def _forget_addresses(connection: Connection, user_id: str) -> int:
    theirs = select(sessions.c.origin_id).where(sessions.c.user_id == user_id, sessions.c.origin_id.is_not(None))
    others = select(sessions.c.origin_id).where(sessions.c.user_id != user_id, sessions.c.origin_id.is_not(None))
    return connection.execute(delete(origins).where(origins.c.id.in_(theirs), origins.c.id.not_in(others))).rowcount
