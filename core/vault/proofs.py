"""Proven secrets, remembered for a moment: the database reads and the proof cost ten times what an opening costs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from core.vault.head import Heads, Proven

CACHE_FOR = timedelta(seconds=5)
"""How long another process may go on using a key that was removed or revoked here."""


class Proofs:
    """Ciphertext and facts only, never a plaintext. Thread-safe."""

    def __init__(self, heads: Heads, clock: Callable[[], datetime]) -> None:
        self._heads = heads
        self._clock = clock
        self._kept: dict[str, tuple[Proven, datetime]] = {}
        self._generation = 0
        self._lock = threading.Lock()

    def at_hand(self, secret_id: str) -> Proven | None:
        """What was proven a moment ago. Costs a dictionary look-up."""
        kept = self._kept.get(secret_id)
        return kept[0] if kept and timedelta(0) <= self._clock() - kept[1] < CACHE_FOR else None

    def get(self, secret_id: str) -> Proven | None:
        """A secret, proven now or a moment ago. Raises what `Heads.prove` does."""
        if (known := self.at_hand(secret_id)) is not None:
            return known
        now, generation = self._clock(), self._generation
        proven = self._heads.prove(secret_id)
        with self._lock:
            # What was read before a change must not come back after it.
            if proven and generation == self._generation:
                self._kept[secret_id] = (proven, now)
        return proven

    def forget(self, secret_id: str) -> None:
        """It was changed here."""
        with self._lock:
            self._generation += 1
            self._kept.pop(secret_id, None)
