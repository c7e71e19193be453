"""What of models and tools each person may use: at hand for every call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import NotAllowed
from data.values.access_rules import ALL_ALLOWED, Allowed, RuleOwner, Rules, Thing

if TYPE_CHECKING:
    from data.store import Store
    from data.values.actor import Actor

REMEMBERED_S = 2.0
"""How long another process may go by rules after they were changed; in this process they count at once."""

NOT_AMONG_ALLOWED = "it is not among those that an admin allows you"
"""Why somebody may not use a model or tool, in a clause."""

# What is at hand stays so for whoever asks next, on the same event loop.
_LASTS_S = 0.1
_WHOSE = {
    RuleOwner.ORGANISATION: "{what} is not among those that an admin allows here.",
    RuleOwner.TEAM: "{what} is not among those that an admin allows your teams.",
    RuleOwner.USER: "{what} is not among those that an admin allows you.",
}


class Allowing:
    """Reads the rules at most every `REMEMBERED_S`. Thread-safe.

    Args:
        elapsed: seconds of a clock that never goes back.
    """

    def __init__(self, store: Store, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._rules = Rules()
        self._changes = -1
        self._until = float("-inf")

    def models(self, actor: Actor) -> Allowed:
        """Which models the person may use, by id. Raises StoreError when that is stale and can't be read."""
        return self._allowed(Thing.MODELS, actor)

    def tools(self, actor: Actor) -> Allowed:
        """Which tools they may use, by the name that models call them by."""
        return self._allowed(Thing.TOOLS, actor)

    def require_model(self, actor: Actor, model_id: str) -> None:
        """Go on only with a model that the person may use. Raises NotAllowed."""
        _require(self.models(actor), model_id, f"The model {model_id}", "Choose another model, or ask an admin for it.")

    def require_tool(self, actor: Actor, name: str) -> None:
        """Go on only with a tool that the person may use. Raises NotAllowed."""
        _require(self.tools(actor), name, f"The tool {name}", "Ask an admin for it.")

    def at_hand(self) -> bool:
        """Whether all of these would now answer without the database."""
        return self._changes == self._store.access_rules.changes and self._elapsed() + _LASTS_S < self._until

    def _allowed(self, thing: Thing, actor: Actor) -> Allowed:
        rules = self._now()
        return rules.allowed(thing, actor.user_id, actor.team_ids) if rules.of else ALL_ALLOWED

    def _now(self) -> Rules:
        with self._lock:
            if self._elapsed() >= self._until or self._changes != self._store.access_rules.changes:
                # Before the look: a change that comes between the two must not be taken for one that was seen.
                now, changes = self._elapsed(), self._store.access_rules.changes
                self._rules = Rules.of_all(self._store.access_rules.all())
                self._changes, self._until = changes, now + REMEMBERED_S
            return self._rules


def _require(allowed: Allowed, name: str, what: str, remedy: str) -> None:
    if allowed.allows(name):
        return
    refusing = next(layer for layer in allowed.layers if not Allowed((layer,)).allows(name))
    raise NotAllowed(_WHOSE[refusing.owner].format(what=what), remedy)
