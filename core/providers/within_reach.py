"""Which connections a person's calls may use: read once, then remembered for two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.values.actor import Actor
from data.values.models import Endpoint, nearest

if TYPE_CHECKING:
    from data.store.endpoints import Endpoints

REMEMBERED_S = 2.0
"""How long another process may go on with a connection after it was removed, like a session that was ended; in this
process it ends at once."""

_MOST = 10_000
# What is at hand stays so for whoever asks next, on the same event loop.
_LASTS_S = 0.1


@dataclass(frozen=True, slots=True)
class _Read:
    endpoints: tuple[Endpoint, ...]
    changes: int
    until: float


class WithinReach:
    """The nearest endpoint of each provider, by person and teams. Thread-safe.

    For calls, which are many and alike. Pages show what is there now, and read it anew.

    Args:
        elapsed: seconds of a clock that never goes back.
    """

    def __init__(self, endpoints: Endpoints, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._endpoints = endpoints
        self._elapsed = elapsed
        self._read: dict[tuple[str, tuple[str, ...]], _Read] = {}

    def of(self, actor: Actor) -> tuple[Endpoint, ...]:
        """What the person may call; reads the database where that was not done lately."""
        known = self._known(actor, 0.0)
        if known is None:
            # Before the look: a change that comes between the two must not be taken for one that was seen.
            now, changes = self._elapsed(), self._endpoints.changes
            found = tuple(nearest(self._endpoints.within_reach(actor.user_id, actor.team_ids)))
            known = _Read(found, changes, now + REMEMBERED_S)
            if len(self._read) >= _MOST:
                self._read.clear()
            self._read[actor.user_id, actor.team_ids] = known
        return known.endpoints

    def at_hand(self, actor: Actor) -> bool:
        """Whether `of` would now answer without the database."""
        return self._known(actor, _LASTS_S) is not None

    def _known(self, actor: Actor, lasts: float) -> _Read | None:
        known = self._read.get((actor.user_id, actor.team_ids))
        if known is None or known.changes != self._endpoints.changes or known.until <= self._elapsed() + lasts:
            return None
        return known
