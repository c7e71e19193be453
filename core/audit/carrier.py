"""Carries checkpoints to one place outside, and keeps its bookmark."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from core.audit.outside import tell_rewritten
from core.audit.places import Place, PlaceFailed
from data.store import Store
from data.values.audit import Checkpoint, Delivery

_log = logging.getLogger(__name__)


class Carrier:
    """For one place; only the process that leads carries."""

    def __init__(self, store: Store, place: Place, clock: Callable[[], datetime]) -> None:
        self.place = place
        self._store = store
        self._clock = clock
        self._told_lost = False

    def carry(self) -> None:
        """Bring the place everything that it lacks; a sink that is new gets the newest, which vouches for all.

        Where it lacks what it had taken before, that is told.

        Raises:
            PlaceFailed: it did not take one; its bookmark says so.
            StoreError: the database can't be read or written.
        """
        deliveries = self._store.checkpoints.deliveries()
        known, own = deliveries.get(self.place.name), deliveries.get(self.place.bookmark)
        mark = known or Delivery(self.place.name, 0, None)
        failure = held = None
        try:
            held = self.place.reached()
            for checkpoint in self._lacking(held, known):
                self.place.take(checkpoint)
                mark = replace(mark, seq=checkpoint.seq, at=checkpoint.at)
        except PlaceFailed as error:
            failure = error
        since = (mark.failing_since or self._clock()) if failure else None
        mark = replace(mark, failing_since=since, problem=failure.explain() if failure else "")
        if mark != known:
            self._store.checkpoints.mark([mark])
        if failure:
            raise failure
        if held is not None:
            self._keep_own_mark(held, own)

    def _keep_own_mark(self, held: int, known: Delivery | None) -> None:
        """For a place that says what it holds: how far this very one has got, for `core.audit.outside`."""
        lost = known is not None and held < known.seq
        if known is not None and lost and not self._told_lost:
            _log.error("%s had lost checkpoints; what the database still has was written anew.", self.place.bookmark)
            tell_rewritten(self._store, held, known.seq)
        self._told_lost = lost
        now = self.place.reached() or 0
        if known is None or now > known.seq:  # never back: the database may have lost them, too
            self._store.checkpoints.mark([Delivery(self.place.bookmark, now, None)])

    def _lacking(self, held: int | None, known: Delivery | None) -> Iterator[Checkpoint]:
        reached = held
        if reached is None:
            newest = self._store.checkpoints.newest()
            reached = known.seq if known and known.seq else (newest.seq - 1 if newest else 0)
        while batch := self._store.checkpoints.after(reached):
            yield from batch
            reached = batch[-1].seq
