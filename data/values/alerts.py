"""Alerts: what a rule asks, what was observed, and what an alert becomes of it. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How urgent it is, the least first."""

    WARNING = "warning"
    CRITICAL = "critical"

    def reaches(self, least: Severity) -> bool:
        """Whether somebody who wants to hear of what is at least so urgent hears of this."""
        order = list(Severity)
        return order.index(self) >= order.index(least)


class RuleKind(StrEnum):
    """What the limit is held against."""

    THRESHOLD = "threshold"  # the value itself
    ANOMALY = "anomaly"  # how many spreads it is away from what is usual


class Side(StrEnum):
    """On which side of the limit it is bad."""

    ABOVE = "above"
    BELOW = "below"


class AlertState(StrEnum):
    """Without an alert a rule is inactive."""

    PENDING = "pending"  # past the limit, and not for long enough yet
    FIRING = "firing"
    RESOLVED = "resolved"


class Occasion(StrEnum):
    """Why somebody is told."""

    FIRED = "fired"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched.

    Args:
        fires_at: the limit, in the unit of what is observed; that very value is bad.
        clears_at: the value from which it is well again. Between the two nothing changes (hysteresis).
        lasts: how long it has to be bad before it fires.
        clears_after: how long it has to be well before it is resolved.
        escalates_after: how long it may fire without anybody taking it on; None: nobody else is told.
        version: how many times it was changed; 0 is as the release has it.
    """

    key: str
    severity: Severity
    fires_at: float
    clears_at: float
    side: Side = Side.ABOVE
    kind: RuleKind = RuleKind.THRESHOLD
    lasts: timedelta = timedelta()
    clears_after: timedelta = timedelta()
    escalates_after: timedelta | None = None
    is_on: bool = True
    version: int = 0

    def is_bad(self, value: float) -> bool:
        """Whether a value is at the limit or past it."""
        return value >= self.fires_at if self.side is Side.ABOVE else value <= self.fires_at

    def is_well(self, value: float) -> bool:
        """Whether a value is on the good side of where it is well again, or there."""
        return value <= self.clears_at if self.side is Side.ABOVE else value >= self.clears_at

    def worse(self, one: float, other: float) -> float:
        """The worse of two values."""
        return max(one, other) if self.side is Side.ABOVE else min(one, other)


@dataclass(frozen=True, slots=True)
class Observation:
    """What a source saw.

    Args:
        group: what it is about, by an id: alerts of one rule are told apart by it. Empty where a rule has one subject.
        value: in the unit of the rule.
        summary: a sentence for people; no names of people, no addresses.
    """

    group: str
    value: float
    summary: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that a rule fired, or is about to.

    Args:
        number: the how manieth time of this rule and group, from 1.
        since: when it became bad.
        clear_since: since when it has been well, while it still fires.
        value: the last one; `worst` is the worst since it fired.
    """

    id: str
    rule: str
    group: str
    number: int
    state: AlertState
    severity: Severity
    rule_version: int
    since: datetime
    value: float
    worst: float
    summary: str
    fired_at: datetime | None = None
    clear_since: datetime | None = None
    resolved_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    escalated_at: datetime | None = None

    @property
    def dedupe_id(self) -> str:
        """The same for every message about this firing, whoever sends it and how often."""
        return hashlib.sha256("\0".join([self.rule, self.group, str(self.number)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """What came of an observation.

    Args:
        alert: as it is now; None where there is none, or it never fired and is forgotten.
        occasion: why somebody is to be told; None where nobody is.
    """

    alert: Alert | None
    occasion: Occasion | None = None


def step(rule: Rule, alert: Alert | None, seen: Observation | None, now: datetime, *, new: tuple[str, int]) -> Step:
    """One transition: inactive, pending, firing, resolved.

    Args:
        alert: the open one of this rule and group.
        seen: None: the source looked, and there is nothing of this group any more; that is well.
        new: id and number for an alert that begins now.
    """
    bad = seen is not None and rule.is_on and rule.is_bad(seen.value)
    if alert is None:
        if not bad or seen is None:
            return Step(None)
        alert = Alert(
            new[0], rule.key, seen.group, new[1], AlertState.PENDING, rule.severity, rule.version, now, seen.value,
            seen.value, seen.summary,
        )  # fmt: skip
        return _pending(rule, alert, now)
    if seen is not None:
        # A value that is well again says nothing of why it fired.
        summary = seen.summary if bad else alert.summary
        alert = replace(alert, value=seen.value, worst=rule.worse(alert.worst, seen.value), summary=summary)
    if alert.state is AlertState.PENDING:
        return _pending(rule, alert, now) if bad else Step(None)
    return _firing(rule, alert, seen, now)


def _pending(rule: Rule, alert: Alert, now: datetime) -> Step:
    if now - alert.since < rule.lasts:
        return Step(alert)
    fired = replace(alert, state=AlertState.FIRING, fired_at=now, severity=rule.severity, rule_version=rule.version)
    return Step(fired, Occasion.FIRED)


def _firing(rule: Rule, alert: Alert, seen: Observation | None, now: datetime) -> Step:
    if seen is not None and rule.is_on and not rule.is_well(seen.value):
        alert = replace(alert, clear_since=None)
        if _is_due_to_escalate(rule, alert, now):
            return Step(replace(alert, escalated_at=now), Occasion.ESCALATED)
        return Step(alert)
    alert = replace(alert, clear_since=alert.clear_since or now)
    assert alert.clear_since is not None
    if now - alert.clear_since < rule.clears_after and rule.is_on:
        return Step(alert)
    return Step(replace(alert, state=AlertState.RESOLVED, resolved_at=now), Occasion.RESOLVED)


def _is_due_to_escalate(rule: Rule, alert: Alert, now: datetime) -> bool:
    return (
        rule.escalates_after is not None
        and alert.fired_at is not None
        and alert.acknowledged_at is None
        and alert.escalated_at is None
        and now - alert.fired_at >= rule.escalates_after
    )
