"""What is said of an alert outside the app: as a letter for people, as JSON for programs. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from core.alerts.rules import WATCHES, Watch
from core.reports.letter import Letter, letter
from data.values.alerts import Alert, AlertState, Occasion, Severity

_BEGINS = {Occasion.FIRED: "", Occasion.ESCALATED: "Nobody took it on: ", Occasion.RESOLVED: "Resolved: "}
_RUNBOOKS = "docs/runbooks/"
_TRIAL = "trial"


def title_of(rule: str) -> str:
    """What a rule is called; its key where this release has no such rule."""
    if rule == _TRIAL:
        return "Try-out of a channel"
    return WATCHES[rule].title if rule in WATCHES else rule


def number(value: float) -> str:
    """A value for people."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def page_of(alert: Alert) -> str:
    """The path of the page that shows why, from the root; empty where there is none."""
    watch = WATCHES.get(alert.rule)
    return watch.page.format(group=quote(alert.group, safe="")) if watch else ""


def as_letter(alert: Alert, occasion: Occasion, link: str) -> Letter:
    """For people.

    Args:
        link: where Gearbox is opened, without a stroke at its end; empty where that is not known.
    """
    watch = WATCHES.get(alert.rule)
    heading = f"Gearbox: {_BEGINS[occasion]}{title_of(alert.rule)}"
    lines = [f"**{_BEGINS[occasion]}{title_of(alert.rule)}** ({alert.severity.value})", "", alert.summary, ""]
    if watch is not None:
        lines.append(f"- **Value:** {number(alert.value)} {watch.unit}")
    lines += [f"- **{word}:** {when:%Y-%m-%d %H:%M} UTC" for word, when in _times(alert)]
    if link and watch is not None:
        lines.append(f"- **Alert:** {_deep(link, alert)}")
        lines += [f"- **Why:** {link}/{page_of(alert)}"] if page_of(alert) else []
    if watch is not None:
        runbook = f"{_RUNBOOKS}{alert.rule}.md"
        lines.append(f"- **What to do:** {f'on the page of the alert, and in {runbook}' if link else runbook}")
    lines += ["", f"Id for telling repeats: {alert.dedupe_id[:16]}"]
    return letter(heading, lines)


def as_json(alert: Alert, occasion: Occasion, notification_id: str, link: str) -> bytes:
    """For programs: the body of a signed webhook."""
    watch: Watch | None = WATCHES.get(alert.rule)
    body: dict[str, Any] = {
        "event": occasion.value,
        "dedupe_id": alert.dedupe_id,
        "notification_id": notification_id,
        "rule": alert.rule,
        "group": alert.group,
        "number": alert.number,
        "title": title_of(alert.rule),
        "severity": alert.severity.value,
        "state": alert.state.value,
        "summary": alert.summary,
        "value": alert.value,
        "worst": alert.worst,
        "unit": watch.unit if watch else "",
        "fired_at": alert.fired_at.isoformat() if alert.fired_at else None,
        "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
        "url": _deep(link, alert) if link else None,
        "runbook": f"{_RUNBOOKS}{alert.rule}.md",
    }
    return json.dumps(body, separators=(",", ":")).encode()


def trial(now: datetime) -> Alert:
    """What is sent to try a channel out."""
    words = "This is a try-out of a channel. Nothing is wrong."
    return Alert(_TRIAL, _TRIAL, "", 0, AlertState.FIRING, Severity.WARNING, 0, now, 0, 0, words, now)


def _deep(link: str, alert: Alert) -> str:
    return f"{link}/alerts?alert={alert.id}"


def _times(alert: Alert) -> list[tuple[str, datetime]]:
    times = (("Since", alert.since), ("Fired", alert.fired_at), ("Resolved", alert.resolved_at))
    return [(word, when) for word, when in times if when is not None]
