"""User seals that are open now: in this process's memory, for one session each, for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from core.errors import KeyLocked
from core.vault.envelope import UserSealKey
from data.values.actor import Actor

UNLOCKED_FOR = timedelta(hours=12)


class UnlockedSeals:
    """Keys of unlocked seals by person and session. Thread-safe; never kept anywhere else.

    Without sign-in there are no sessions: then the empty id is the one session that everybody shares.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._open: dict[tuple[str, str], tuple[UserSealKey, datetime]] = {}
        self._lock = threading.Lock()

    def keep(self, actor: Actor, key: UserSealKey) -> None:
        """Unlock the person's seal in this session."""
        now = self._clock()
        with self._lock:
            fresh = {who: kept for who, kept in self._open.items() if _lasts(kept[1], now)}
            self._open = {**fresh, (actor.user_id, actor.session_id): (key, now)}

    def drop(self, user_id: str, session_id: str | None = None) -> None:
        """Lock it again: in one session, or in all of them."""
        with self._lock:
            self._open = {
                who: kept
                for who, kept in self._open.items()
                if who[0] != user_id or (session_id is not None and who[1] != session_id)
            }

    def find(self, actor: Actor) -> UserSealKey | None:
        """The key of the person's seal, where this session has unlocked it."""
        kept = self._open.get((actor.user_id, actor.session_id))
        return kept[0] if kept and _lasts(kept[1], self._clock()) else None

    def get(self, actor: Actor) -> UserSealKey:
        """See `find`.

        Raises:
            KeyLocked: it has not.
        """
        if (key := self.find(actor)) is None:
            raise KeyLocked("This key is sealed with your passphrase, and locked.", "Unlock your keys in settings.")
        return key


def _lasts(since: datetime, now: datetime) -> bool:
    # A clock that was set back locks it, rather than keeping it open for longer.
    return timedelta(0) <= now - since < UNLOCKED_FOR
