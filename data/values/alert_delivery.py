"""Who is told of alerts, when not, and what came of telling. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.values.alerts import Alert, Occasion, Severity


class ChannelForm(StrEnum):
    """How a channel is spoken to."""

    PLACE = "place"  # an address of Apprise's
    SIGNED = "signed"  # our own JSON, with a signature


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts are told.

    Args:
        secret_id: of the vault, where its address is sealed.
        least: the least severity that it is told of.
        is_escalation: it is told only of what nobody took on, and of its end.
        trouble: why the last try failed; without the address.
    """

    id: str
    label: str
    form: ChannelForm
    secret_id: str
    least: Severity
    is_escalation: bool
    is_on: bool
    created_by: str
    created_at: datetime
    sent_at: datetime | None = None
    trouble: str | None = None

    def hears(self, alert: Alert, occasion: Occasion) -> bool:
        """Whether this channel is to be told."""
        if not self.is_on or not alert.severity.reaches(self.least):
            return False
        if not self.is_escalation:
            return occasion is not Occasion.ESCALATED
        return occasion is Occasion.ESCALATED or (occasion is Occasion.RESOLVED and alert.escalated_at is not None)


class SilenceForm(StrEnum):
    """Both keep alerts from being told; they are seen in the app all the same."""

    SILENCE = "silence"  # from now on, of one rule
    MAINTENANCE = "maintenance"  # planned


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which nobody is told. `rule` and `group` are empty where it is about all of them."""

    id: str
    form: SilenceForm
    rule: str
    group: str
    starts_at: datetime
    ends_at: datetime
    why: str
    created_by: str
    created_at: datetime

    def covers(self, alert: Alert, now: datetime) -> bool:
        """Whether nobody is told of this alert now."""
        return (
            self.starts_at <= now < self.ends_at and self.rule in {"", alert.rule} and self.group in {"", alert.group}
        )


def is_silenced(alert: Alert, silences: Iterable[Silence], at: datetime) -> bool:
    """Whether nobody is told of this alert at a moment."""
    return any(silence.covers(alert, at) for silence in silences)


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one channel. `due_at` is None once it was sent or given up."""

    id: str
    alert_id: str
    channel_id: str
    occasion: Occasion
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None = None
    tries: int = 0
    trouble: str | None = None


def notification_id(alert: Alert, occasion: Occasion, channel_id: str) -> str:
    """The same whoever makes it: of two replicas one can't add what the other has."""
    return hashlib.sha256("\0".join([alert.dedupe_id, occasion.value, channel_id]).encode()).hexdigest()


def told(
    alert: Alert, occasion: Occasion, channels: Iterable[Channel], silences: Iterable[Silence], now: datetime
) -> list[Notification]:
    """The messages that something calls for; none while it is silenced."""
    if is_silenced(alert, silences, now):
        return []
    return [
        Notification(notification_id(alert, occasion, channel.id), alert.id, channel.id, occasion, now, now)
        for channel in channels
        if channel.hears(alert, occasion)
    ]
