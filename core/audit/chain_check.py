"""Follows one chain from its origin: every event, every link, and every head that a checkpoint signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from core.audit.claims import Claim
from core.audit.classify import find_break, verdict
from core.audit.links import Event, taken_apart
from core.audit.report import Finding, FindingKind
from data.store.audit_chain import chain_origin, instant

if TYPE_CHECKING:
    from data.store.audit_walk import ChainRecord, EventRow


class ChainCheck:
    """One chain under verification.

    Args:
        deployment_id: the database's own id.
        record: the chain.
        claims: what checkpoints say about it, by number.
        floor: no event that they do not know can be older than this.
    """

    def __init__(self, deployment_id: str, record: ChainRecord, claims: list[Claim], floor: str) -> None:
        self.events = 0
        self.covered = 0
        """How many events the checkpoints vouch for."""
        self.finding: Finding | None = None
        self.is_broken = False
        """Whether `explain` can tell more than `finding`, which may be None then."""
        self._record = record
        self._claims = claims
        self._floor = floor
        self._next = 0  # of the claims
        self._origin = chain_origin(deployment_id, record.id, record.owner).hex()
        self._prev = self._origin

    def follow(self, rows: Iterator[EventRow]) -> None:
        """Read the whole chain; what comes after its first bad event is only counted."""
        for row in rows:
            self.events += 1
            if not self._fits(taken_apart(row)):
                self.events += sum(1 for _ in rows)
                return
        if self._next < len(self._claims):
            self.finding = tail_cut(self._record.id, self.covered, self.events, self._claims[-1])

    def explain(self, rows: Iterable[EventRow]) -> Finding | None:
        """What happened to a broken chain, whose events are read again."""
        signed = {claim[0]: claim[1].hex() for claim in self._claims}
        broken = find_break(map(taken_apart, rows), self._origin, signed)
        if broken is not None:
            kind, seq, words = verdict(broken)
            # A break beyond the first head that is not what was signed says nothing about what is before that head.
            if self.finding is None or seq <= self._claims[self._next][0]:
                return Finding(kind, self._record.id, seq, words)
        return self.finding

    def _fits(self, event: Event) -> bool:
        number = self.events
        if event.fault or event.seq != number or event.says != number or event.prev != self._prev:
            self.is_broken = True
            return False
        if event.at < (self._claims[self._next][3] if self._next < len(self._claims) else self._floor):
            self.finding = _misdated(self._record.id, event)
            return False
        if number == 1 and event.at != instant(self._record.started_at):
            words = "The record of the chain says another time of its beginning."
            self.finding = Finding(FindingKind.EDITED, self._record.id, 0, words)
            return False
        self._prev = event.hash
        while self._next < len(self._claims) and self._claims[self._next][0] == number:
            if self._claims[self._next][1].hex() != event.hash:
                self.finding = _restamped(self._record.id, self.covered + 1, self._claims[self._next])
                self.is_broken = True
                return False
            self.covered = number
            self._next += 1
        return True


def tail_cut(chain_id: str, covered: int, last: int, claim: Claim) -> Finding:
    """A chain that ends with event `last`, before one that was signed; up to `covered` it is what was signed."""
    which = f"Event {claim[0]} was" if claim[0] == last + 1 else f"Events {last + 1} to {claim[0]} were"
    words = f"{which} cut off the end: checkpoint {claim[2]} signed {claim[0]} events of this chain."
    if covered < last:
        words += f" Nothing vouches for those from {covered + 1} on any more."
    return Finding(FindingKind.TAIL_CUT, chain_id, last + 1, words)


def _restamped(chain_id: str, first: int, claim: Claim) -> Finding:
    which = f"Event {first} was" if first == claim[0] else f"Events {first} to {claim[0]}, or some of them, were"
    words = f"{which} changed and all hashes computed anew: checkpoint {claim[2]} signed another hash."
    return Finding(FindingKind.RESTAMPED, chain_id, first, words)


def _misdated(chain_id: str, event: Event) -> Finding:
    words = (
        f"Event {event.seq} was inserted later than {event.at}, as it says, or its process had a wrong clock: "
        "the checkpoint of that time did not know it."
    )
    return Finding(FindingKind.INSERTED, chain_id, event.seq, words)
