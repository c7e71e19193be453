"""What admins say of models, at hand for every call: which are off, and which exist that no list has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from core.providers.catalog import Catalogue
from core.registry.described import DescribedModel
from core.registry.packaged import packaged_card
from data.values.registry import ModelCard

if TYPE_CHECKING:
    from data.store import Store

FRESH_SECONDS = 2.0
"""How old an answer may be: what an admin changes in one process holds in the others this much later."""

# What is at hand stays so for whoever asks next, on the same event loop.
_LASTS_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Overridden:
    """All that is said: ids of models that are off, and cards of described ones by id."""

    off: frozenset[str] = frozenset()
    cards: Mapping[str, ModelCard] = field(default_factory=dict)


class Overrides:
    """Reads what is kept at most every `FRESH_SECONDS`. Thread-safe.

    Args:
        catalogue: says what an admin leaves unsaid.
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, catalogue: Catalogue, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._lock = threading.Lock()
        self._known = Overridden()
        self._until = float("-inf")

    def now(self) -> Overridden:
        """What holds. Raises StoreError when it is stale and the database does not answer."""
        with self._lock:
            if self._clock() >= self._until:
                known = self._read(self._store.model_overrides.all())
                # The same object while nothing changes: whoever made something of it can tell by identity.
                self._known = self._known if known == self._known else known
                self._until = self._clock() + FRESH_SECONDS
            return self._known

    def at_hand(self) -> bool:
        """Whether `now` would answer without the database."""
        return self._clock() + _LASTS_SECONDS < self._until

    def forget(self) -> None:
        """Ask the database next time: this process has changed something."""
        with self._lock:
            self._until = float("-inf")

    def _read(self, rows: Mapping[str, tuple[bool, dict[str, object] | None]]) -> Overridden:
        cards = {}
        for model_id, (enabled, described) in rows.items():
            if described is None:
                continue
            try:
                said = DescribedModel.model_validate(described)
            except ValidationError:
                continue  # a later release wrote it, before somebody went back to this one
            cards[model_id] = said.card(packaged_card(self._catalogue, model_id), enabled=enabled)
        return Overridden(frozenset(model_id for model_id, (enabled, _) in rows.items() if not enabled), cards)
