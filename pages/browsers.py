"""Sessions as a person knows them: by browser, system and place."""

from __future__ import annotations

from datetime import datetime

from core.access.sessions import SessionCard
from pages.moments import ago, day
from pages.plain import plain

# The first that is found counts: most browsers also name those that they want to be taken for.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def name(user_agent: str) -> str:
    """Browser and system: Firefox on Linux."""
    browser = _first(_BROWSERS, user_agent) or "Another program"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def facts(card: SessionCard, now: datetime) -> str:
    """Since when, from where, and how lately it was used."""
    known = [f"Last used {ago(card.last_seen_at, now)}", f"signed in {day(card.created_at)}"]
    return " · ".join([*known, plain(card.address)] if card.address else known)


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((known for sign, known in names.items() if sign in user_agent), "")
