"""What a person can call now and what keeps the rest from being called, remembered for two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock

from core.providers.connections import Connections
from core.providers.keys import KeyTrouble
from core.providers.limits import Limits
from core.routing.eligible import Situation
from data.values.actor import Actor
from data.values.models import Endpoint, Model

REMEMBERED_S = 2.0
"""A page asks on every pause in typing. What is chosen is looked up once more before it is called."""

_MOST = 1_000
_KEYS = {
    KeyTrouble.EXPIRED: "its key has expired",
    KeyTrouble.REVOKED: "its key was revoked",
    KeyTrouble.LOCKED: "its key is locked",
    KeyTrouble.GONE: "its key is gone",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    models: Sequence[tuple[Endpoint, Model]]
    trouble: dict[str, str]
    left: dict[str, Decimal | None]
    kept: Sequence[str]
    changes: int
    until: float


class Situations:
    """Of everybody. Thread-safe; blocks.

    Args:
        key_trouble: what keeps an endpoint's key from being used by a person; None for nothing.
        takes_no_tools: whether a model is known to take none.
        changes: differs when connections, or what people may use, changed in this process.
    """

    def __init__(
        self,
        connections: Connections,
        limits: Limits,
        *,
        key_trouble: Callable[[Endpoint, Actor], KeyTrouble | None],
        takes_no_tools: Callable[[Endpoint, Model], bool],
        changes: Callable[[], int] = lambda: 0,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections = connections
        self._limits = limits
        self._key_trouble = key_trouble
        self._takes_no_tools = takes_no_tools
        self._changes = changes
        self._elapsed = elapsed
        self._seen: dict[tuple[str, tuple[str, ...], str], _Seen] = {}
        self._lock = Lock()

    def of(
        self, actor: Actor, excluded: Collection[str], pin: str | None = None
    ) -> tuple[Sequence[tuple[Endpoint, Model]], Situation]:
        """The models that a person can choose, in their order, and what holds for them."""
        seen = self._of(actor)
        return seen.models, Situation(
            self._connections.silences(),
            lambda endpoint: seen.trouble.get(endpoint.id, ""),
            lambda endpoint: seen.left.get(endpoint.id),
            self._takes_no_tools,
            excluded,
            pin,
            seen.kept,
        )

    def _of(self, actor: Actor) -> _Seen:
        key = (actor.user_id, actor.team_ids, actor.session_id)
        with self._lock:
            known = self._seen.get(key)
        if known is not None and known.until > self._elapsed() and known.changes == self._changes():
            return known
        changes = self._changes()
        endpoints = {endpoint.provider: endpoint for endpoint in self._connections.endpoints(actor)}
        listed = self._connections.models(actor)
        models = [(endpoint, each) for each in listed if (endpoint := endpoints.get(each.provider))]
        used = list({endpoint.id: endpoint for endpoint, _ in models}.values())
        trouble = {each.id: _KEYS[why] for each in used if (why := self._key_trouble(each, actor))}
        left = {each.id: self._limits.left(actor.user_id, each.secret_id) for each in used}
        kept = self._connections.kept_back(actor)
        found = _Seen(models, trouble, left, kept, changes, self._elapsed() + REMEMBERED_S)
        with self._lock:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[key] = found
        return found
