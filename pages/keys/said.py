"""What is said of a key: never more than its last four characters."""

from __future__ import annotations

from collections.abc import Mapping

from core.shelf import KeyShelfItem
from data.values.calls import KeyOwner
from data.values.expiry import ExpiryLevel, ExpiryWarning
from data.values.secrets import VersionCard, VersionState
from pages.moments import day, minute
from pages.plain import plain

_STATES = {
    VersionState.CURRENT: ":primary-badge[:material/check: in use]",
    VersionState.IN_GRACE: ":orange-badge[in its grace]",
    VersionState.REVOKED: ":gray-badge[revoked]",
    VersionState.EXPIRED: ":red-badge[expired]",
}


def badges(item: KeyShelfItem, teams: Mapping[str, str]) -> str:
    """Whose it is, unless the viewer's own, and what keeps it from being used or soon will."""
    found = []
    if item.is_shared:
        found.append(f":gray-badge[:material/group: {owner(item, teams)}]")
    if item.user_sealed:
        found.append(f":gray-badge[{':material/lock: locked' if item.is_locked else ':material/lock_open: sealed'}]")
    if all(version.state is VersionState.REVOKED for version in item.versions) and item.versions:
        found.append(":red-badge[:material/block: revoked]")
    elif item.warning is not None:
        found.append(_expiring(item.warning))
    return " ".join(found)


def owner(item: KeyShelfItem, teams: Mapping[str, str]) -> str:
    """Whose a shared key is; `teams` are the names of the teams that the viewer knows."""
    if item.owner is KeyOwner.TEAM:
        return plain(teams.get(item.owner_id, "team"))
    return "organisation"


def ending(last4: str) -> str:
    """How a key is told from others."""
    # Of a short key even its end would tell too much; the vault keeps none of it.
    return f"key ending in `{last4}`" if last4 else "key stored"


def facts(item: KeyShelfItem) -> list[str]:
    """The key's end, and its date if it has one."""
    if item.expires_at is None:
        return [ending(item.last4)]
    is_over = item.warning is not None and item.warning.level is ExpiryLevel.EXPIRED
    return [ending(item.last4), f"{'expired' if is_over else 'expires'} {day(item.expires_at)}"]


def version(card: VersionCard) -> tuple[str, str]:
    """A version's line, and what is known of it besides."""
    known = [f"Entered {minute(card.created_at)}"]
    if card.expires_at is not None:
        known.append(f"expires {day(card.expires_at)}")
    if card.state is VersionState.IN_GRACE and card.grace_until is not None:
        known.append(f"can be gone back to until {minute(card.grace_until)}")
    if card.revoked_at is not None:
        known.append(f"revoked {minute(card.revoked_at)}")
    end = f" ending in `{card.last4}`" if card.last4 else ""
    return f"**v{card.version}**{end} {_STATES[card.state]}", " · ".join(known)


def left(warning: ExpiryWarning) -> str:
    """How long a key has: expired / expires today / expires in 6 days."""
    if warning.level is ExpiryLevel.EXPIRED:
        return "expired"
    return "expires within a day" if warning.days_left <= 1 else f"expires in {warning.days_left} days"


def _expiring(warning: ExpiryWarning) -> str:
    if warning.level is ExpiryLevel.EXPIRED:
        return ":red-badge[:material/event_busy: expired]"
    color = "gray" if warning.level is ExpiryLevel.MONTH else "orange"
    return f":{color}-badge[:material/schedule: {left(warning)}]"
