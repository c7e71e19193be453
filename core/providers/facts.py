"""What models were seen to do, on purpose or in use: for the registry to show, whoever found it out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from core.clock import utc_now
from core.providers.listed import Told
from data.values.audit import AuditEvent
from data.values.registry import Capability, CapabilityFact, FactSource

if TYPE_CHECKING:
    from data.store.model_facts import ModelFacts

FRESH_SECONDS = 15.0
"""How old an answer may be: what another process finds out is shown here this much later."""

# What is at hand stays so for whoever asks next, on the same event loop.
_LASTS_SECONDS = 0.1
_AS_LISTED = timedelta(days=1)

_log = logging.getLogger(__name__)

Place = tuple[str, str]
"""An endpoint's id and a model's name there: two servers may serve one model differently."""

Known = Mapping[Place, tuple[CapabilityFact, ...]]
"""Every fact by place, several for one capability where sources differ."""


class Facts:
    """Facts by endpoint and model. Thread-safe.

    Args:
        book: where they are kept; without one they end with the process.
        clock: UTC.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        book: ModelFacts | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book = book
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: Known = {}
        self._until = float("-inf")
        self._seen: dict[tuple[Place, Capability], int] = {}
        self._unwritten: dict[tuple[Place, Capability], CapabilityFact] = {}

    def now(self) -> Known:
        """What is known; the same object while nothing changes. Raises StoreError when it can't be read."""
        with self._lock:
            if self._book is not None and self._monotonic() >= self._until:
                unwritten = list(self._unwritten.items())  # before it is read: what is written meanwhile is in both
                known = self._book.all()
                for (place, _), fact in unwritten:
                    known[place] = _with(known.get(place, ()), fact)
                self._known = self._known if known == self._known else known
                self._until = self._monotonic() + FRESH_SECONDS
            return self._known

    def at_hand(self) -> bool:
        """Whether `now` would answer without the database."""
        return self._book is None or self._monotonic() + _LASTS_SECONDS < self._until

    def denies(self, place: Place, capability: Capability) -> bool:
        """Whether the most trusted of what is known says that a model can't; False where nothing is known. Blocking."""
        said = [fact for fact in self.now().get(place, ()) if fact.capability is capability]
        return bool(said) and not max(said, key=lambda fact: fact.weight).holds

    def keep(self, place: Place, facts: Collection[CapabilityFact], *, event: AuditEvent) -> None:
        """Keep what was tried, with the event that tells of it. Blocking."""
        if self._book is not None:
            self._book.save(place, facts, event=event)
        for fact in facts:
            self._put(place, fact)

    def saw(self, place: Place, capabilities: Collection[Capability]) -> None:
        """An answer showed these. Never waits; writes each once a day at most."""
        now = self._clock()
        for capability in capabilities:
            day = now.toordinal()
            if self._seen.get((place, capability)) == day:
                continue
            self._seen[place, capability] = day
            fact = CapabilityFact(capability, True, FactSource.OBSERVED, now, "An answer showed it.")
            self._put(place, fact)
            if self._book is not None:
                self._unwritten[place, capability] = fact
                self._book.submit(place, fact).add_done_callback(partial(self._wrote, place, fact))

    def listed(self, endpoint_id: str, told: Told) -> None:
        """Keep what an endpoint's list says of its models, in the place of what it said before. Blocking.

        What is said again is written anew only when it is a day old.
        """
        now = self._clock()
        before = {
            (place[1], fact.capability): fact
            for place, facts in self.now().items()
            if place[0] == endpoint_id
            for fact in facts
            if fact.source is FactSource.LISTING
        }
        said = {(model, each): holds for model, abilities in told.items() for each, holds in abilities.items()}
        fresh = all(fact.at is not None and now - fact.at < _AS_LISTED for fact in before.values())
        if fresh and said == {key: fact.holds for key, fact in before.items()}:
            return
        facts = {
            model: tuple(CapabilityFact(each, holds, FactSource.LISTING, now) for each, holds in abilities.items())
            for model, abilities in told.items()
        }
        if self._book is not None:
            self._book.replace(endpoint_id, FactSource.LISTING, facts)
        with self._lock:
            known = {
                place: [each for each in facts if place[0] != endpoint_id or each.source is not FactSource.LISTING]
                for place, facts in self._known.items()
            }
            for model, listed in facts.items():
                known.setdefault((endpoint_id, model), []).extend(listed)
            self._known = {place: tuple(said) for place, said in known.items() if said}

    def _put(self, place: Place, fact: CapabilityFact) -> None:
        with self._lock:
            self._known = {**self._known, place: _with(self._known.get(place, ()), fact)}

    def _wrote(self, place: Place, fact: CapabilityFact, written: Future[None]) -> None:
        if (error := written.exception()) is not None:  # the answer it was seen in is worth more
            _log.warning("what a model was seen to do is known to this process alone: %s", error)
        elif self._unwritten.get((place, fact.capability)) is fact:
            del self._unwritten[place, fact.capability]


def _with(facts: tuple[CapabilityFact, ...], fact: CapabilityFact) -> tuple[CapabilityFact, ...]:
    others = (each for each in facts if (each.capability, each.source) != (fact.capability, fact.source))
    return (*others, fact)
