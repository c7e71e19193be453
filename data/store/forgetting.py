"""Forgetting a person: what tells who they were, or that they wrote, goes. The books and the log keep an id.

Choices of models, and what was shown of answers, are such books: they stay without words and without fingerprints.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from data.store.access_rules import forget_rules
from data.store.budgets import forget_budget
from data.store.database import Database
from data.store.outbox import PERSON_FORGOTTEN, post
from data.store.replies import new_id
from data.store.routing_counting import forget_choices
from data.store.tables import (
    alert_reads,
    announcement_dismissals,
    api_tokens,
    comparisons,
    conversations,
    endpoints,
    feature_rules,
    identities,
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
from data.values.retention import Forgotten

_OWN = (
    alert_reads,
    announcement_dismissals,
    api_tokens,
    comparisons,
    conversations,
    endpoints,
    feature_rules,
    identities,
    preferences,
    prompt_corrections,
    saved_queries,
    team_members,
    user_seals,
)


class Forgetting:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def forget(self, user_id: str, at: datetime, event: AuditEvent, usage: Forgotten = Forgotten.ANONYMISE) -> None:
        """Forget a person, with the event that tells of it, all in one transaction.

        Addresses that only their sessions came from go too: what the log says of them then leads nowhere. Their keys
        must have been removed from the vault before. `usage` is what becomes of their rows in the warehouse.
        """

        def work(connection: Connection) -> None:
            _forget_addresses(connection, user_id)
            forget_choices(connection, user_id, at)
            forget_budget(connection, BudgetOwner.USER, user_id)
            forget_rules(connection, RuleOwner.USER, user_id)
            for table in _OWN:
                connection.execute(delete(table).where(table.c.user_id == user_id))
            # They stay as ended: what their browsers hold would else be taken for a sign-in that is still to be met.
            bare = {"origin_id": None, "user_agent": None, "revoked_at": func.coalesce(sessions.c.revoked_at, at)}
            connection.execute(update(sessions).where(sessions.c.user_id == user_id).values(bare))
            nobody: dict[str, str | list[str] | datetime | None] = {
                "display_name": "Forgotten person",
                "email": None,
                "roles": [],
                "roles_from": None,
                "last_seen_at": None,
                "forgotten_at": at,
            }
            connection.execute(update(users).where(users.c.id == user_id).values(nobody))
            post(connection, PERSON_FORGOTTEN, {"event_id": new_id(), "user_id": user_id, "policy": usage.value}, at)
            self._database.audit(event)

        self._database.write(work)


def _forget_addresses(connection: Connection, user_id: str) -> None:
    theirs = select(sessions.c.origin_id).where(sessions.c.user_id == user_id, sessions.c.origin_id.is_not(None))
    others = select(sessions.c.origin_id).where(sessions.c.user_id != user_id, sessions.c.origin_id.is_not(None))
    connection.execute(delete(origins).where(origins.c.id.in_(theirs), origins.c.id.not_in(others)))
