"""Questions that analysts keep and share."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from core.access.access import Access
from core.access.policy import Permission
from core.clock import utc_now
from core.errors import GearboxError, NotFound
from data.store import Store
from data.values.actor import Actor
from data.values.saved_queries import QueryKind, SavedQuery

T = TypeVar("T")
MOST = 200
LONGEST_TITLE = 120
LONGEST = 20_000
_DRAFT = "explore_draft"


class SavedQuestions:
    """For those who may open Explore. A shared one shows them its text; its result is what each may see.

    All methods raise AccessRefused for everybody else, and NotFound for a question that is not there or not theirs.
    """

    def __init__(self, access: Access, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._access = access
        self._store = store
        self._clock = clock

    def list(self, actor: Actor) -> Sequence[SavedQuery]:
        """One's own and shared ones, by title."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        return self._store.saved_queries.seen_by(actor.user_id)

    def find(self, actor: Actor, query_id: str) -> SavedQuery:
        """One of those."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        return self._at(actor, query_id, lambda: self._store.saved_queries.find(actor.user_id, query_id))

    def keep(
        self, actor: Actor, title: str, kind: QueryKind, body: str, *, chart: str | None, shared: bool
    ) -> SavedQuery:
        """Keep a new one. Raises GearboxError when its title or its text can't be kept."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        now = self._clock()
        query = SavedQuery(uuid.uuid4().hex, actor.user_id, _title(title), kind, _body(body), chart, shared, now, now)
        self._store.saved_queries.add(query, most=MOST)
        return query

    def rewrite(self, actor: Actor, query_id: str, body: str, *, chart: str | None) -> None:
        """Put another text into one's own."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._at(
            actor,
            query_id,
            lambda: self._store.saved_queries.change(
                actor.user_id, query_id, self._clock(), body=_body(body), chart=chart
            ),
        )

    def rename(self, actor: Actor, query_id: str, title: str) -> None:
        """Give one's own another title."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._at(
            actor,
            query_id,
            lambda: self._store.saved_queries.change(actor.user_id, query_id, self._clock(), title=_title(title)),
        )

    def share(self, actor: Actor, query_id: str, *, shared: bool) -> None:
        """Show one's own to others, or no longer."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._at(
            actor,
            query_id,
            lambda: self._store.saved_queries.change(actor.user_id, query_id, self._clock(), is_shared=shared),
        )

    def remove(self, actor: Actor, query_id: str) -> None:
        """Delete one's own."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._at(actor, query_id, lambda: self._store.saved_queries.remove(actor.user_id, query_id))

    def draft(self, actor: Actor, query_id: str) -> str:
        """The SQL that this person wrote last and did not save, if it was of this question (empty: of none)."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        kept = self._store.preferences.load(actor.user_id).get(_DRAFT) or {}
        return str(kept["sql"]) if kept.get("of") == query_id else ""

    def keep_draft(self, actor: Actor, query_id: str, sql: str) -> None:
        """Keep what is in the editor, in the place of what was there. Raises GearboxError for what is too long."""
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        kept = {"of": query_id, "sql": _body(sql) if sql.strip() else ""}
        self._store.preferences.save(actor.user_id, **{_DRAFT: kept})

    def _at(self, actor: Actor, query_id: str, act: Callable[[], T]) -> T:
        """Do something with a question; one that is not theirs is told of like one that is not there, and noted."""
        try:
            return act()
        except NotFound:
            self._access.note_refusal(actor, target=f"question:{query_id}")
            raise


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise GearboxError(f"A title has 1 to {LONGEST_TITLE} letters.", "Choose another one.")
    return title


def _body(text: str) -> str:
    if not text.strip() or len(text) > LONGEST or "\x00" in text:
        raise GearboxError(f"A question has 1 to {LONGEST:,} letters.", "There is nothing to keep, or too much.")
    return text
