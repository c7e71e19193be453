"""Carries checkpoints to one place outside, and keeps its bookmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from core.audit.places import Place, PlaceFailed
from data.store import Store
from data.values.audit import Checkpoint, Delivery


class Carrier:
    """For one place; only the process that leads carries."""

    def __init__(self, store: Store, place: Place, clock: Callable[[], datetime]) -> None:
        self.place = place
        self._store = store
        self._clock = clock

    def carry(self) -> None:
        """Bring the place everything that it lacks; a sink that is new gets the newest, which vouches for all.

        Raises:
            PlaceFailed: it did not take one; its bookmark says so.
            StoreError: the database can't be read or written.
        """
        known = self._store.checkpoints.deliveries().get(self.place.name)
        mark = known or Delivery(self.place.name, 0, None)
        failure = None
        try:
            for checkpoint in self._lacking(known):
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

    def _lacking(self, known: Delivery | None) -> Iterator[Checkpoint]:
        reached = self.place.reached()
        if reached is None:
            newest = self._store.checkpoints.newest()
            reached = known.seq if known and known.seq else (newest.seq - 1 if newest else 0)
        while batch := self._store.checkpoints.after(reached):
            yield from batch
            reached = batch[-1].seq
