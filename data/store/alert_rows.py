"""Alerts, channels, silences and messages as rows, and back."""

from __future__ import annotations

from typing import Any

from data.values.alert_delivery import Channel, ChannelForm, Notification, Silence, SilenceForm
from data.values.alerts import Alert, AlertState, Occasion, Severity


def alert_row(alert: Alert) -> dict[str, Any]:
    """As a row."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "group_key": alert.group,
        "number": alert.number,
        "dedupe_id": alert.dedupe_id,
        "state": alert.state.value,
        "severity": alert.severity.value,
        "rule_version": alert.rule_version,
        "since": alert.since,
        "fired_at": alert.fired_at,
        "clear_since": alert.clear_since,
        "resolved_at": alert.resolved_at,
        "value": alert.value,
        "worst": alert.worst,
        "summary": alert.summary,
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": alert.acknowledged_at,
        "escalated_at": alert.escalated_at,
    }


def alert_of(row: Any) -> Alert:
    """From a row."""
    return Alert(
        id=row.id,
        rule=row.rule,
        group=row.group_key,
        number=row.number,
        state=AlertState(row.state),
        severity=Severity(row.severity),
        rule_version=row.rule_version,
        since=row.since,
        value=row.value,
        worst=row.worst,
        summary=row.summary,
        fired_at=row.fired_at,
        clear_since=row.clear_since,
        resolved_at=row.resolved_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        escalated_at=row.escalated_at,
    )


def channel_row(channel: Channel) -> dict[str, Any]:
    """As a row."""
    return {
        "id": channel.id,
        "label": channel.label,
        "form": channel.form.value,
        "secret_id": channel.secret_id,
        "least": channel.least.value,
        "is_escalation": channel.is_escalation,
        "is_on": channel.is_on,
        "created_by": channel.created_by,
        "created_at": channel.created_at,
        "sent_at": channel.sent_at,
        "trouble": channel.trouble,
    }


def channel_of(row: Any) -> Channel:
    """From a row."""
    return Channel(
        row.id,
        row.label,
        ChannelForm(row.form),
        row.secret_id,
        Severity(row.least),
        row.is_escalation,
        row.is_on,
        row.created_by,
        row.created_at,
        row.sent_at,
        row.trouble,
    )


def silence_row(silence: Silence) -> dict[str, Any]:
    """As a row."""
    return {
        "id": silence.id,
        "form": silence.form.value,
        "rule": silence.rule,
        "group_key": silence.group,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "why": silence.why,
        "created_by": silence.created_by,
        "created_at": silence.created_at,
    }


def silence_of(row: Any) -> Silence:
    """From a row."""
    return Silence(
        row.id,
        SilenceForm(row.form),
        row.rule,
        row.group_key,
        row.starts_at,
        row.ends_at,
        row.why,
        row.created_by,
        row.created_at,
    )


def notification_of(row: Any) -> Notification:
    """From a row."""
    return Notification(
        row.id,
        row.alert_id,
        row.channel_id,
        Occasion(row.occasion),
        row.created_at,
        row.due_at,
        row.sent_at,
        row.tries,
        row.trouble,
    )
