"""What people do that may be an attack: many keys opened, or from a new place, many refusals, guessing at the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from core.alerts.sources.source import Parts
from data.values.alerts import Observation
from data.values.audit import SYSTEM_ACTOR, Action, AuditOutcome

WINDOW = timedelta(minutes=10)
LOCKS = timedelta(minutes=15)


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """As a source. Raises StoreError."""
    watched, now = parts.store.watched, parts.clock()
    opened = watched.acted({Action.KEY_USE, Action.KEY_TEST}, AuditOutcome.INTENT, now - WINDOW)
    refused = watched.acted({Action.ACCESS_REFUSED}, AuditOutcome.REFUSED, now - WINDOW)
    locked = sum(watched.acted({Action.ACCESS_LOCK}, AuditOutcome.DONE, now - LOCKS).values())
    return {
        "many-decrypts": [
            Observation(who, count, f"One person's calls opened keys {count:,} times in 10 minutes.")
            for who, count in opened.items()
            if who != SYSTEM_ACTOR
        ],
        "refused-access": [
            Observation(who, count, f"One account was refused {count:,} times in 10 minutes.")
            for who, count in refused.items()
            if who  # guessing without an account is what `brute-force` is about
        ],
        "key-new-place": [
            Observation(
                each.secret_id,
                each.networks,
                f"A key was used from {each.networks:,} networks nobody came from before.",
            )
            for each in watched.places.new(now - LOCKS)
        ],
        "brute-force": [
            Observation("", locked, f"Locked for guessing within 15 minutes: {_counted(locked)}."),
        ],
    }


def _counted(locked: int) -> str:
    return "1 account or address" if locked == 1 else f"{locked:,} accounts or addresses"
