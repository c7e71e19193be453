"""When each server's list of models is to be asked for again.

Asking with a key opens it, and every opening is two events in the audit log. So a list behind a key is asked for ever
more seldom while it stays the same, and only while somebody who would use it is about.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from core.providers.addresses import is_loopback
from data.values.models import Endpoint

REFRESH_SECONDS = 60.0
"""How often servers on this machine are asked that need no key."""

KEYED_SECONDS = 600.0
"""How often servers on this machine are asked that need a key, at first."""

REMOTE_SECONDS = 3600.0
"""How often providers elsewhere are asked, whose lists change in weeks; no pause with a key grows beyond it."""

RETRY_SECONDS = 300.0
"""How soon after a failure, at first."""

ATTENTION_SECONDS = 900.0
"""For how long after a person was last seen their keys are opened to keep lists fresh."""


@dataclass(slots=True)
class _Age:
    due_at: float
    same: int = 0  # how often in a row it listed the same
    failed: int = 0  # how often in a row it failed


class ListingAges:
    """Not thread-safe but for `forget`, which only ever takes away.

    Args:
        clock: UTC, of the listings that were kept.
        rng: spreads the requests of many processes over time.
        monotonic: seconds that never go back.
    """

    def __init__(
        self, clock: Callable[[], datetime], rng: Random, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._rng = rng
        self.monotonic = monotonic
        self._ages: dict[str, _Age] = {}
        self._forgotten: set[str] = set()

    def is_due(self, endpoint: Endpoint, fetched_at: datetime | None) -> bool:
        """Whether to ask now; if so, it is not due again until its pause is over, whatever comes of it.

        Args:
            endpoint: the server.
            fetched_at: when any process was last answered, as far as is known.
        """
        now = self.monotonic()
        age = self._ages.get(endpoint.id)
        if age is None:
            age = self._ages[endpoint.id] = _Age(now)
            if fetched_at is not None and endpoint.id not in self._forgotten:
                # What was asked before this process started need not be asked again yet.
                age.due_at += self._pause(endpoint, age) - (self._clock() - fetched_at).total_seconds()
        self._forgotten.discard(endpoint.id)
        if now < age.due_at:
            return False
        age.due_at = now + self._pause(endpoint, age)
        return True

    def answered(self, endpoint: Endpoint, *, changed: bool) -> None:
        """It listed its models."""
        age = self._ages.setdefault(endpoint.id, _Age(0.0))
        age.same, age.failed = 0 if changed else age.same + 1, 0
        age.due_at = self.monotonic() + self._pause(endpoint, age)

    def put_off(self, endpoint: Endpoint) -> None:
        """It failed, or its key can't be used at present."""
        age = self._ages.setdefault(endpoint.id, _Age(0.0))
        age.failed += 1
        if endpoint.secret_id:
            pause = RETRY_SECONDS * 2.0 ** min(age.failed - 1, 10)
        else:  # one on this machine that was started again is seen as soon as a new one would be
            pause = REFRESH_SECONDS - 1 if is_loopback(endpoint.base_url) else RETRY_SECONDS
        age.due_at = self.monotonic() + min(pause, REMOTE_SECONDS)

    def forget(self, endpoint_id: str) -> None:
        """Ask in the next round."""
        self._forgotten.add(endpoint_id)
        self._ages.pop(endpoint_id, None)

    def _pause(self, endpoint: Endpoint, age: _Age) -> float:
        if not is_loopback(endpoint.base_url):
            # Replicas that started together must not ask together for ever.
            return REMOTE_SECONDS * self._rng.uniform(0.9, 1.1)
        # A second early: the round that comes after the pause must not miss it by a millisecond.
        if endpoint.secret_id is None:
            return REFRESH_SECONDS - 1
        return min(KEYED_SECONDS * 2.0 ** min(age.same, 10), REMOTE_SECONDS) - 1
