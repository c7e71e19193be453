"""What the routes of alerts answer."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from typing_extensions import TypedDict

from core.alerts.rules import WATCHES, to_json
from core.alerts.service import AlertView
from core.alerts.settings import ChannelCard
from core.alerts.words import page_of, title_of
from data.values.alert_delivery import ChannelForm, Silence, SilenceForm
from data.values.alerts import Alert, AlertState, Occasion, Rule, RuleKind, Severity, Side


class AlertShape(TypedDict):
    """One time that a rule fired, or is about to. `value` and `worst` are in `unit`; `page` is
    the path that shows why."""

    id: str
    rule: str
    title: str
    group: str
    number: int
    dedupe_id: str
    state: AlertState
    severity: Severity
    summary: str
    value: float
    worst: float
    unit: str
    page: str
    since: datetime
    fired_at: datetime | None
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    escalated_at: datetime | None


class OpenAlert(AlertShape):
    """`is_new`: you have not looked at it; `is_silenced`: nobody is told of it."""

    is_new: bool
    is_silenced: bool


class OpenAlerts(TypedDict):
    """Those that fire, then those that are about to."""

    alerts: list[OpenAlert]


class AlertList(TypedDict):
    """Alerts, the newest first."""

    alerts: list[AlertShape]


class RuleShape(TypedDict):
    """What is watched. Times are in seconds; `escalates_after` is null where nobody else is told."""

    key: str
    title: str
    unit: str
    kind: RuleKind
    side: Side
    severity: Severity
    fires_at: float
    clears_at: float
    lasts: float
    clears_after: float
    escalates_after: float | None
    is_on: bool
    version: int


class RuleList(TypedDict):
    """Every rule as it holds."""

    rules: list[RuleShape]


class Message(TypedDict):
    """What one channel was told, or is still to be: `due_at` is null once it was sent or given up."""

    channel_id: str
    channel: str
    occasion: Occasion
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    tries: int
    trouble: str | None


class AlertDetail(AlertShape):
    """With its limits (null where this release has no such rule), who was told, and what to do, in Markdown."""

    limits: RuleShape | None
    messages: list[Message]
    runbook: str


class ChannelShape(TypedDict):
    """Where alerts are told; of its address only what may be shown."""

    id: str
    label: str
    form: ChannelForm
    service: str
    hint: str
    least: Severity
    is_escalation: bool
    is_on: bool
    created_at: datetime
    sent_at: datetime | None
    trouble: str | None


class ChannelList(TypedDict):
    """Channels, the oldest first."""

    channels: list[ChannelShape]


class SilenceShape(TypedDict):
    """A time in which nobody is told; `rule` and `group` are empty where it is about all of them."""

    id: str
    form: SilenceForm
    rule: str
    group: str
    starts_at: datetime
    ends_at: datetime
    why: str
    created_by: str


class SilenceList(TypedDict):
    """Those that hold or are still to come."""

    silences: list[SilenceShape]


def alert_shape(alert: Alert) -> AlertShape:
    """An alert as JSON has it."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "title": title_of(alert.rule),
        "group": alert.group,
        "number": alert.number,
        "dedupe_id": alert.dedupe_id,
        "state": alert.state,
        "severity": alert.severity,
        "summary": alert.summary,
        "value": alert.value,
        "worst": alert.worst,
        "unit": WATCHES[alert.rule].unit if alert.rule in WATCHES else "",
        "page": page_of(alert),
        "since": alert.since,
        "fired_at": alert.fired_at,
        "resolved_at": alert.resolved_at,
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_by": alert.acknowledged_by,
        "escalated_at": alert.escalated_at,
    }


def rule_shape(rule: Rule) -> RuleShape:
    """A rule as JSON has it."""
    watch = WATCHES[rule.key]
    named = {"key": rule.key, "title": watch.title, "unit": watch.unit, "kind": rule.kind, "side": rule.side}
    return cast(RuleShape, {**named, **to_json(rule), "version": rule.version})


def channel_shape(card: ChannelCard) -> ChannelShape:
    """A channel as JSON has it, without its address."""
    channel = card.channel
    return {
        "id": channel.id,
        "label": channel.label,
        "form": channel.form,
        "service": card.destination.service,
        "hint": card.destination.hint,
        "least": channel.least,
        "is_escalation": channel.is_escalation,
        "is_on": channel.is_on,
        "created_at": channel.created_at,
        "sent_at": channel.sent_at,
        "trouble": channel.trouble,
    }


def detail_shape(view: AlertView) -> AlertDetail:
    """One alert with all that is known of it."""
    watch = WATCHES.get(view.alert.rule)
    return {
        **alert_shape(view.alert),
        "limits": rule_shape(view.rule) if view.rule else None,
        "messages": [
            {
                "channel_id": each.channel_id,
                "channel": view.channels.get(each.channel_id, ""),
                "occasion": each.occasion,
                "created_at": each.created_at,
                "due_at": each.due_at,
                "sent_at": each.sent_at,
                "tries": each.tries,
                "trouble": each.trouble,
            }
            for each in view.notifications
        ],
        "runbook": watch.runbook.read_text("utf-8") if watch and watch.runbook.is_file() else "",
    }


def silence_shape(silence: Silence) -> SilenceShape:
    """A silence as JSON has it."""
    return {
        "id": silence.id,
        "form": silence.form,
        "rule": silence.rule,
        "group": silence.group,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "why": silence.why,
        "created_by": silence.created_by,
    }
