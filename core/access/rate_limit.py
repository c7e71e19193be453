"""Rate limits, kept in this process: a bucket of tokens for each key, that fills at a steady rate."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import RateLimited

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a request: `remaining` of `limit` at once; all of it again in `reset` seconds."""

    limit: int
    remaining: int
    reset: float


class Exhausted(RateLimited):
    """A bucket is empty; `allowance` says when it is full again."""

    def __init__(self, allowance: Allowance, *, retry_after: float) -> None:
        super().__init__(
            "Too many requests.", f"Try again in {math.ceil(retry_after)} seconds.", retry_after=retry_after
        )
        self.allowance = allowance


class RateLimit:
    """At most `burst` at once and `per_minute` in the long run, for each key; 0 a minute means no limit. Thread-safe.

    The token bucket as it is commonly described (RFC 2698 meters with it, too).

    Args:
        elapsed: seconds of a clock that never goes back.
    """

    def __init__(self, per_minute: int, *, burst: int = 0, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = burst or per_minute
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def check(self, *keys: str) -> Allowance | None:
        """Take one from the bucket of each key; empty keys have none.

        Returns:
            what is left in the emptiest of them; None where there is no limit.

        Raises:
            Exhausted: a bucket is empty.
        """
        if not self._rate:
            return None
        now = self._elapsed()
        left = float(self._burst)
        with self._lock:
            if len(self._buckets) > _MOST:
                self._buckets = {
                    key: each for key, each in self._buckets.items() if self._level(each, now) < self._burst
                }
            for key in filter(None, keys):
                level = self._level(self._buckets.get(key, (float(self._burst), now)), now)
                if level < 1:
                    full = Allowance(self._burst, 0, (self._burst - level) / self._rate)
                    raise Exhausted(full, retry_after=(1 - level) / self._rate)
                self._buckets[key] = level - 1, now
                left = min(left, level - 1)
        return Allowance(self._burst, int(left), (self._burst - left) / self._rate)

    def _level(self, bucket: tuple[float, float], now: float) -> float:
        level, at = bucket
        return min(float(self._burst), level + (now - at) * self._rate)
