"""What conversations hold, remembered: a page asks on every pause in typing."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from core.chat.attachments import Received
from core.chat.bridge import weight
from core.chat.history import before_last_prompt, newest
from core.routing.matter import NOTHING_BEFORE, Matter, Past, of_history, of_parts

if TYPE_CHECKING:
    from data.store import Store

_ROOM = 4_000_000
"""Characters that are looked back: what the largest contexts take. What is older goes to no model."""

_MOST = 256


class Pasts:
    """Of conversations. Thread-safe; blocks for one small query, or for reading a conversation that has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[tuple[int, int], Past]] = OrderedDict()
        self._lock = Lock()

    def of(self, user_id: str, conversation_id: str | None) -> tuple[Past, int]:
        """What was said, and the number of its last message. Raises NotFound for a conversation of somebody else's."""
        if conversation_id is None:
            return NOTHING_BEFORE, 0
        last = self._store.conversations.transcript(user_id, conversation_id, limit=1)
        if not last:
            return NOTHING_BEFORE, 0
        seen = last[0].seq, weight(last[0].parts)
        with self._lock:
            known = self._known.get(conversation_id)
        if known is None or known[0] != seen:
            history, _ = newest(self._store, user_id, conversation_id, _ROOM)
            known = seen, of_history(history)
            with self._lock:
                self._known[conversation_id] = known
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return known[1], last[0].seq

    def last_prompt(self, user_id: str, conversation_id: str) -> tuple[Matter, Past]:
        """See `last_prompt`: it is asked for once, so it is not remembered."""
        return last_prompt(self._store, user_id, conversation_id)


def last_prompt(store: Store, user_id: str, conversation_id: str) -> tuple[Matter, Past]:
    """The last prompt, to be answered again, and what was said before it. Raises NotFound where there is none."""
    history, _ = newest(store, user_id, conversation_id, _ROOM)
    before, asked = before_last_prompt(history)
    return of_parts(Received(asked)), of_history(before)
