"""One event against what it says of itself: its hash, its place in the chain, and the columns copied from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from data.store.audit_walk import EventRow

_COPIED = ("actor", "action", "outcome", "target", "operation", "request", "surface")
_FIRST_COPIED = 5


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the log, taken apart.

    Args:
        seq: the number it has in the table.
        says: the number its body gives it; -1 for a body that can't be read.
        prev: the hash of the event before it, as its body says.
        hash: the hash in the table, in hexadecimal.
        at: its time, as its body says.
        fault: what of it contradicts itself; empty when nothing does.
    """

    seq: int
    says: int
    prev: str
    hash: str
    at: str
    fault: str


def taken_apart(row: EventRow) -> Event:
    """Read an event, and compare it with itself."""
    chain_id, seq, digest, body, at = row[0], row[1], row[2], row[3], row[4]
    stored = digest.hex()
    try:
        said = json.loads(body)
        says, prev, when = said["seq"], said["prev"], said["at"]
        copied = tuple(map(said.__getitem__, _COPIED))
    except (KeyError, TypeError, ValueError):
        return Event(seq, -1, "", stored, "", "its body can't be read")
    fault = ""
    if hashlib.sha256(body.encode("utf-8", "surrogatepass")).digest() != digest:
        fault = "its body does not have the hash it had"
    elif said["chain"] != chain_id:
        fault = "it belongs to another chain"
    elif copied != row[_FIRST_COPIED:]:
        named = zip(_COPIED, copied, row[_FIRST_COPIED:], strict=True)
        changed = ", ".join(name for name, was, now in named if was != now)
        fault = f"its body has another {changed} than its row"
    elif when != _instant(at):
        fault = "its body has another time than its row"
    return Event(seq, says, prev, stored, when, fault)


def _instant(at: datetime) -> str:
    # The same as `data.store.audit_chain.instant`, at a third of its cost: this runs a million times.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
