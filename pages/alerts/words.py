"""How alerts are said on their page."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.alerts.rules import TEST, WATCHES
from core.alerts.words import number, title_of
from data.values.alerts import Alert, AlertState, Rule, Severity, Side
from pages.moments import ago, minute, span
from pages.plain import plain

PLACE = "alerts"
"""Where `pages.outcome` says what came of what was done on this page."""

_SEVERITY = {
    Severity.WARNING: ":orange-badge[:material/warning: warning]",
    Severity.CRITICAL: ":red-badge[:material/error: critical]",
}
_STATE = {
    AlertState.PENDING: ":gray-badge[:material/hourglass_top: about to fire]",
    AlertState.FIRING: "",
    AlertState.RESOLVED: ":green-badge[:material/check: resolved]",
}


def headline(alert: Alert) -> str:
    """Its title with its badges."""
    title = f"Test fire: {title_of(alert.rule)}" if alert.group == TEST else title_of(alert.rule)
    return " ".join(part for part in (f"**{plain(title)}**", _SEVERITY[alert.severity], _STATE[alert.state]) if part)


def when(alert: Alert, now: datetime) -> str:
    """Since when it fires, or from when to when it did."""
    if alert.fired_at is None:
        return f"bad since {minute(alert.since)}"
    if alert.resolved_at is None:
        return f"fired {ago(alert.fired_at, now)}"
    lasted = span(alert.resolved_at - alert.fired_at) or "less than a minute"
    return f"fired {minute(alert.fired_at)} · for {lasted}"


def limit(rule: Rule) -> str:
    """When a rule fires, in a sentence."""
    unit = WATCHES[rule.key].unit
    share, of = ("% ", unit.removeprefix("% ")) if unit.startswith("%") else ("", unit)
    side = "or more" if rule.side is Side.ABOVE else "or less" if share else "or fewer"
    lasts = f", for {length(rule.lasts)}" if rule.lasts else ""
    return f"{number(rule.fires_at)} {share}{side} {of}{lasts}. Well again at {number(rule.clears_at)}."


def severity(of: Severity) -> str:
    """As a badge."""
    return _SEVERITY[of]


def length(time: timedelta) -> str:
    """A length of time: 2 minutes, 30 seconds."""
    seconds = int(time.total_seconds())
    if seconds % 60:
        return f"{seconds} seconds"
    return span(time) if seconds % 3600 == 0 else f"{seconds // 60} minute" + ("" if seconds == 60 else "s")
