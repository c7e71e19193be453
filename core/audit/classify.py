"""What happened to a chain that does not hold together: the first bad event, and what was done to it.

Every event names the hash of the one before it and its own number, so that the rows around a break say how it came
about: a body that moved still tells where it was, and an event that was changed with its hash is betrayed by the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.audit.links import Event
from core.audit.report import FindingKind


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain stops to hold together.

    Args:
        expected: the number that should come there.
        before: the last good event; None at the beginning of the chain.
        here: the row that came instead.
        after: the row after it.
        elsewhere: where in the table the event of that number is now, when it is not here.
        is_twin: whether another row says that it has the number that this one says.
        signed: the hashes that checkpoints vouch for, in hexadecimal, by number.
    """

    expected: int
    before: Event | None
    here: Event
    after: Event | None
    elsewhere: int | None
    is_twin: bool
    signed: Mapping[int, str]


Verdict = tuple[FindingKind, int, str]
"""What happened, the number of the first bad event, and a sentence about it."""


def find_break(events: Iterable[Event], origin: str, signed: Mapping[int, str]) -> Break | None:
    """The first row that does not follow the one before it; `origin` is what the first event must name."""
    expected, prev, before = 1, origin, None
    rows = iter(events)
    for here in rows:
        if here.fault or here.seq != expected or here.says != expected or here.prev != prev:
            return _looked_around(expected, before, here, rows, signed)
        expected, prev, before = expected + 1, here.hash, here
    return None


def _looked_around(
    expected: int, before: Event | None, here: Event, rest: Iterable[Event], signed: Mapping[int, str]
) -> Break:
    after = elsewhere = None
    is_twin = 0 < here.says < expected
    for row in rest:
        after = after or row
        if row.says == expected and not row.fault:
            elsewhere = elsewhere or row.seq
        is_twin = is_twin or row.says == here.says
    return Break(expected, before, here, after, elsewhere, is_twin, signed)


def verdict(broken: Break) -> Verdict:
    """What happened there."""
    here, number = broken.here, broken.expected
    if here.seq < number:
        return FindingKind.INSERTED, here.seq, f"Event {here.seq} was inserted before the beginning of the chain."
    if here.seq > number:
        return _missing(broken)
    if here.fault:
        if broken.elsewhere is not None:
            return FindingKind.INSERTED, number, f"Event {number} was inserted; the real one lies after it now."
        return FindingKind.EDITED, number, f"Event {number} was changed: {here.fault}."
    if here.says != number:
        return _misplaced(broken)
    return _unlinked(broken)


def _missing(broken: Break) -> Verdict:
    here, number = broken.here, broken.expected
    if here.says == number or broken.elsewhere is not None:
        lies = here.seq if here.says == number else broken.elsewhere
        return FindingKind.REORDERED, number, f"Event {number} was moved: it has the number {lies} now."
    last = here.seq - 1
    which = f"Event {number} was" if last == number else f"Events {number} to {last} were"
    return FindingKind.DELETED, number, f"{which} deleted."


def _misplaced(broken: Break) -> Verdict:
    """A sound event with another number in its body than its row has."""
    here, before, number = broken.here, broken.before, broken.expected
    if before is not None and (here.says, here.prev) == (before.says, before.prev):
        # Two claim the place after the same event; the real one is named by its successor.
        forged = number - 1 if _is_vouched_for(here, broken) else number
        return FindingKind.INSERTED, forged, f"Event {forged} was inserted, and later ones renumbered."
    if broken.is_twin:
        if broken.elsewhere is not None:
            return FindingKind.INSERTED, number, f"Event {number} was inserted: it says that it is event {here.says}."
        return FindingKind.EDITED, number, f"Event {number} was replaced: it says that it is event {here.says}."
    if broken.elsewhere is not None:
        words = f"Event {number} was moved: it has the number {broken.elsewhere} now."
        return FindingKind.REORDERED, number, words
    return FindingKind.DELETED, number, f"Event {number} was deleted, and later ones renumbered."


def _unlinked(broken: Break) -> Verdict:
    """A sound event in its place that does not name the hash of the one before it."""
    here, number = broken.here, broken.expected
    follows = broken.after is not None and broken.after.says == number + 1
    is_known = follows or number in broken.signed or number - 1 in broken.signed
    names_signed = number > 1 and broken.signed.get(number - 1) == here.prev  # so it is the one before that changed
    if is_known and not names_signed and not _is_vouched_for(here, broken):
        return FindingKind.EDITED, number, f"Event {number} was replaced by another one."
    if number == 1:
        return FindingKind.EDITED, 0, "The record of the chain was changed, or its first event replaced."
    words = f"Event {number - 1} was changed and its hash computed anew; event {number} names another hash."
    return FindingKind.EDITED, number - 1, words


def _is_vouched_for(event: Event, broken: Break) -> bool:
    """Whether the next event, or a checkpoint, names the hash of this one."""
    signed = broken.signed.get(event.says)
    return signed == event.hash if signed else broken.after is not None and broken.after.prev == event.hash
