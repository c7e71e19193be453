"""Searching in what a person and their models said."""

from __future__ import annotations

from collections.abc import Sequence

from core.access.access import Access
from core.access.policy import Permission
from data.store import Store
from data.store.message_search import FoundMessage
from data.values.actor import Actor


class ConversationSearch:
    """Sees the conversations of the person who acts, and nobody else's. Blocking."""

    def __init__(self, access: Access, store: Store) -> None:
        self._access = access
        self._store = store

    def find(
        self, actor: Actor, words: Sequence[str], *, limit: int, without: str | None = None
    ) -> tuple[FoundMessage, ...]:
        """The newest of the actor's messages that have all of the words; see `MessageSearch.find`.

        Raises:
            AccessRefused: the actor may not chat.
        """
        self._access.require(actor, Permission.CHAT)
        return self._store.message_search.find(actor.user_id, words, limit=limit, without=without)
