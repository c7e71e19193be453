"""Provider keys that end, or have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from core.alerts.sources.source import Parts
from data.values.alerts import Observation
from data.values.calls import KeyOwner

_AHEAD = timedelta(days=90)
_BEHIND = timedelta(days=7)
"""A key that ended longer ago is no news; its alert is resolved by itself then."""
_DAY = timedelta(days=1)
_WHOSE = {KeyOwner.USER: "a person", KeyOwner.TEAM: "a team", KeyOwner.ORGANISATION: "the organisation"}


def look(parts: Parts) -> Mapping[str, Sequence[Observation]]:
    """As a source. Raises StoreError."""
    now = parts.clock()
    expiring, expired = [], []
    for key in parts.store.watched.ending(now - _BEHIND, now + _AHEAD):
        days = (key.expires_at - now) / _DAY
        named = f"The {key.provider} key of {_WHOSE.get(key.owner, key.owner.value)}"
        if days > 0:
            expiring.append(Observation(key.secret_id, days, f"{named} ends on {key.expires_at:%Y-%m-%d %H:%M} UTC."))
        else:
            since = f"{named} ended on {key.expires_at:%Y-%m-%d %H:%M} UTC: calls with it are refused."
            expired.append(Observation(key.secret_id, -days, since))
    return {"key-expiring": expiring, "key-expired": expired}
