"""What is watched unless an admin says otherwise: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.alerts.sources import access, audit_log, calls, keys, outbox, quality, spending
from core.alerts.sources.source import Source
from data.values.alerts import Alert, Rule, RuleKind, Severity, Side
from data.values.budgets import BudgetOwner

DISK_LOW, KEY_EXPIRING, NOT_WATCHED = "disk-low", "key-expiring", "not-watched"
TEST = "test"
"""What a test fire is about."""
OUTDONE = {"budget-near": "budget-exceeded"}
"""Of two rules that fire for one thing the second says more."""
RUNBOOKS = Path(__file__).resolve().parents[2] / "docs" / "runbooks"


@dataclass(frozen=True, slots=True)
class Watch:
    """A rule as the release has it, and how it is told.

    Args:
        unit: of the value and its limits.
        page: the path that shows why, from the root; `{group}` stands for what the alert is about.
        lowest, highest: between which it can fire at all, in the unit.
    """

    rule: Rule
    title: str
    unit: str
    page: str
    lowest: float = 1.0
    highest: float = 1e9

    @property
    def runbook(self) -> Path:
        """What it means and what to do, in Markdown."""
        return RUNBOOKS / f"{self.rule.key}.md"


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


_WARNING, _CRITICAL, _ANOMALY = Severity.WARNING, Severity.CRITICAL, RuleKind.ANOMALY
_WATCHES = (
    Watch(
        Rule("provider-down", _CRITICAL, 5, 0, lasts=_minutes(1), clears_after=_minutes(1),
             escalates_after=_minutes(30)),
        "A provider does not answer", "calls in a row that failed", "performance",
    ),
    Watch(
        Rule("error-spike", _WARNING, 4, 2, kind=_ANOMALY, lasts=_minutes(2), clears_after=_minutes(5),
             escalates_after=_minutes(60)),
        "Unusually many calls fail", "spreads above what is usual at this hour", "performance",
    ),
    Watch(
        Rule("latency-spike", _WARNING, 4, 2, kind=_ANOMALY, lasts=_minutes(5), clears_after=_minutes(5)),
        "Answers begin unusually late", "spreads above what is usual at this hour", "performance",
    ),
    Watch(
        Rule("spend-anomaly", _WARNING, 3.5, 2, kind=_ANOMALY, lasts=_minutes(10), clears_after=_minutes(10)),
        "Today costs unusually much", "spreads above a usual day", "usage",
    ),
    Watch(
        Rule("budget-near", _WARNING, 80, 79, lasts=_minutes(5), clears_after=_minutes(5)),
        "A budget is nearly spent", "% of the month's budget", "usage",
    ),
    Watch(
        Rule("budget-exceeded", _CRITICAL, 100, 99, lasts=_minutes(5), clears_after=_minutes(5)),
        "A budget is exceeded", "% of the month's budget", "usage",
    ),
    Watch(
        Rule(KEY_EXPIRING, _WARNING, 7, 8, side=Side.BELOW),
        "A key ends soon", "days left", "audit?q={group}", lowest=0.1, highest=90,
    ),
    Watch(
        Rule("key-expired", _CRITICAL, 0, -1),
        "A key has ended", "days since its end", "audit?q={group}", lowest=0, highest=7,
    ),
    Watch(
        Rule("key-new-place", _WARNING, 1, 0, clears_after=_minutes(5)),
        "A key is used from a new place", "new networks in 15 minutes", "audit?q={group}",
    ),
    Watch(
        Rule("many-decrypts", _WARNING, 600, 300, clears_after=_minutes(5)),
        "One person's calls open keys very often", "times in 10 minutes", "audit?q={group}",
    ),
    Watch(
        Rule("refused-access", _WARNING, 30, 10, clears_after=_minutes(5)),
        "One account is refused again and again", "times in 10 minutes", "audit?q={group}",
    ),
    Watch(
        Rule("brute-force", _CRITICAL, 1, 0, clears_after=_minutes(5), escalates_after=_minutes(60)),
        "Somebody guesses at the door", "locks in 15 minutes", "audit",
    ),
    Watch(
        Rule("audit-late", _CRITICAL, 180, 60, lasts=_minutes(1), clears_after=_minutes(1),
             escalates_after=_minutes(15)),
        "The audit log is not signed in time", "seconds", "audit",
    ),
    Watch(
        Rule("audit-broken", _CRITICAL, 1, 0, escalates_after=_minutes(15)),
        "The audit log does not verify", "findings", "audit",
    ),
    Watch(
        Rule("outbox-stuck", _WARNING, 600, 60, lasts=_minutes(1), clears_after=_minutes(1)),
        "Usage does not reach the warehouse", "seconds that the oldest event has waited", "usage",
    ),
    Watch(
        Rule(DISK_LOW, _CRITICAL, 10, 12, side=Side.BELOW, lasts=_minutes(1), clears_after=_minutes(1),
             escalates_after=_minutes(30)),
        "The disk is nearly full", "% free", "", lowest=0.1, highest=100,
    ),
    Watch(
        Rule("grade-drift", _WARNING, 3, 2, kind=_ANOMALY, lasts=_minutes(30), clears_after=_minutes(30)),
        "People think less of a model", "spreads below the four weeks before", "quality",
    ),
    Watch(
        Rule(NOT_WATCHED, _CRITICAL, 1, 0, lasts=_minutes(2), clears_after=_minutes(1), escalates_after=_minutes(30)),
        "Something is not watched", "rules that nothing is known of", "admin?tab=Overview",
    ),
    Watch(
        Rule("guardrail-breach", _CRITICAL, 1, 0, clears_after=_minutes(5), escalates_after=_minutes(30)),
        "A guardrail was breached", "breaches", "flags?flag={group}",
    ),
)  # fmt: skip
_OF_PEOPLE = frozenset({"many-decrypts", "refused-access"})


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or a team that an alert is about."""

    id: str
    is_person: bool


def subject_of(alert: Alert) -> Subject | None:
    """Whom an alert is about; None where that is nobody, or everybody."""
    if alert.group == TEST:
        return None
    if alert.rule in _OF_PEOPLE:
        return Subject(alert.group, is_person=True)
    owner, _, owner_id = alert.group.partition(":")
    if alert.rule.startswith("budget-") and owner != BudgetOwner.ORGANISATION:
        return Subject(owner_id, is_person=owner == BudgetOwner.USER)
    return None


WATCHES: Mapping[str, Watch] = {watch.rule.key: watch for watch in _WATCHES}
SOURCES = (
    Source(("provider-down", "error-spike", "latency-spike"), calls.look, _minutes(0.5)),
    Source(("budget-near", "budget-exceeded", "spend-anomaly"), spending.look, _minutes(5)),
    Source(("grade-drift",), quality.look, _minutes(10)),
    Source(("key-expiring", "key-expired"), keys.look, _minutes(5)),
    Source(("many-decrypts", "refused-access", "brute-force", "key-new-place"), access.look, _minutes(0.5)),
    Source(("audit-late",), audit_log.look, _minutes(0.25)),
    Source(("audit-broken",), audit_log.verified, _minutes(5)),
    Source(("outbox-stuck",), outbox.look, _minutes(0.5)),
)
"""The others have none. Of breaches and of its disk each process tells itself (`core.alerts.alerts.Alerts.tell`); that
something is not watched is what the evaluator finds where a source can't look."""


def to_json(rule: Rule) -> dict[str, Any]:
    """What may be changed of a rule, as it is kept; times are seconds."""
    escalates = rule.escalates_after
    return {
        "fires_at": rule.fires_at,
        "clears_at": rule.clears_at,
        "severity": rule.severity.value,
        "lasts": rule.lasts.total_seconds(),
        "clears_after": rule.clears_after.total_seconds(),
        "escalates_after": escalates.total_seconds() if escalates else None,
        "is_on": rule.is_on,
    }


def as_changed(rule: Rule, version: int, body: Mapping[str, Any]) -> Rule:
    """A rule of the release with what was changed of it."""
    escalates = body.get("escalates_after")
    return replace(
        rule,
        version=version,
        fires_at=float(body["fires_at"]),
        clears_at=float(body["clears_at"]),
        severity=Severity(body["severity"]),
        lasts=timedelta(seconds=body["lasts"]),
        clears_after=timedelta(seconds=body["clears_after"]),
        escalates_after=None if escalates is None else timedelta(seconds=escalates),
        is_on=bool(body["is_on"]),
    )


def rules_now(changed: Mapping[str, tuple[int, Mapping[str, Any]]]) -> dict[str, Rule]:
    """Every rule as it holds, by its key."""
    return {
        key: as_changed(watch.rule, *changed[key]) if key in changed else watch.rule for key, watch in WATCHES.items()
    }
