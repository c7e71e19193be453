"""What an overview says, and what on it needs somebody: pure, from what was read.

Whether something is bad is for the rules of alerts to say: an alert that is open is a finding here, at the limits that
admins set. Beside them is only what no rule covers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from core.alerts.rules import OUTDONE, TEST
from core.alerts.words import title_of
from core.audit.report import ChainStatus
from core.budgets import Beside, BudgetView, Standing
from core.providers.circuits import CircuitState
from data.analytics.health import ErrorBudget, ProviderHealth
from data.store.standing import StoreStanding
from data.values import alerts
from data.values.alerts import Alert, AlertState
from data.warehouse.writer import WarehouseStatus

_BUDGET_LOW = 0.25
BUDGET_FEWEST = 100
"""Calls: of fewer the first failure would overspend the error budget, so nothing is said of it."""
RECENT = timedelta(hours=1)
"""How far back the health of providers goes."""
HANDED_OVER = timedelta(minutes=1)
"""How long it may take until another process watches in the place of one that ended."""


class Severity(IntEnum):
    """How much a finding needs somebody."""

    NOTICE = 1
    WARNING = 2
    CRITICAL = 3


class Place(StrEnum):
    """Where a finding can be looked into."""

    RELIABILITY = "reliability"
    PERFORMANCE = "performance"
    USAGE = "usage"
    AUDIT = "audit"
    ALERTS = "alerts"
    OPERATING = "operating"  # the guide: nothing on a page helps


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, what follows or helps, and where to look.

    `alert` is the id of the one alert that it is, if it is one.
    """

    severity: Severity
    title: str
    detail: str
    place: Place
    alert: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the process: bytes; `memory` is what the process holds, None where the system does not tell."""

    disk_free: int
    disk_size: int
    memory: int | None
    load: float | None
    cores: int


@dataclass(frozen=True, slots=True)
class Watching:
    """How many alerts fire, of all processes together, and how well it is known what is wrong.

    Args:
        at: when the last round of whichever process evaluates ended; None: no process does.
        nobody_for: for how long this process has seen nobody evaluate.
    """

    firing: int = 0
    at: datetime | None = None
    nobody_for: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything stands. None stands for what could not be read: an alert says why.

    `spent` is what the organisation did in this month. `keys_ending` is how soon keys end that are counted as ending,
    as the rule has it.
    """

    at: datetime
    version: str
    migration: str
    findings: tuple[Finding, ...]
    watching: Watching
    store: StoreStanding
    warehouse: WarehouseStatus
    audit: ChainStatus
    machine: Machine
    providers: tuple[ProviderHealth, ...] | None
    errors: ErrorBudget | None
    budgets: tuple[BudgetView, ...] | None
    spent: Beside | None
    keys_ending: timedelta


def findings(
    seen: Overview, open_: Sequence[Alert], circuits: Sequence[CircuitState], silenced: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What is not as it should be, the worst first; of alerts that are open no id of what they are about.

    Args:
        silenced: the ids of those alerts that nobody is told of now.
    """
    found = [*_unwatched(seen.watching), *_alerts(open_, silenced), *_refusing(seen), *_unseen(seen), *_unread(seen)]
    found += [*_resting(circuits), *_errors(seen), *_budgets(seen)]
    return tuple(sorted(found, key=lambda each: -each.severity))


def _unwatched(watching: Watching) -> Iterator[Finding]:
    if watching.at is None and watching.nobody_for >= HANDED_OVER:
        detail = "No process holds what it sees against the rules: no alert begins or ends. The log says why."
        yield Finding(Severity.CRITICAL, "Nobody watches", detail, Place.OPERATING)


def _alerts(open_: Sequence[Alert], silenced: Collection[str]) -> Iterator[Finding]:
    """One for each rule that fires, and for each that is about to."""
    by_rule: dict[tuple[str, bool, bool], list[Alert]] = {}
    firing = {(each.rule, each.group) for each in open_ if each.state is AlertState.FIRING}
    for alert in open_:
        if (OUTDONE.get(alert.rule), alert.group) in firing:
            continue
        key = (alert.rule, alert.state is AlertState.FIRING, alert.group == TEST)
        by_rule.setdefault(key, []).append(alert)
    for (rule, fires, is_test), of in by_rule.items():
        newest, more = max(of, key=lambda each: each.since), len(of) - 1
        words = newest.summary if fires else f"Not for long enough yet to fire. {newest.summary}"
        if all(each.acknowledged_at for each in of):
            words += " Somebody took it on."
        if all(each.id in silenced for each in of):
            words += " Silenced: nobody is told."
        words += f" And {_counted(more, 'more alert')} of this rule." if more else ""
        severity = _severity(of) if fires and not is_test else Severity.NOTICE
        title = f"Test fire: {title_of(rule)}" if is_test else title_of(rule)
        yield Finding(severity, title, words, Place.ALERTS, "" if more else newest.id)


def _severity(of: Sequence[Alert]) -> Severity:
    critical = any(each.severity is alerts.Severity.CRITICAL for each in of)
    return Severity.CRITICAL if critical else Severity.WARNING


def _refusing(seen: Overview) -> Iterator[Finding]:
    if why := seen.audit.refusing:
        yield Finding(Severity.CRITICAL, "Keys are refused: the audit log can't be kept", why, Place.AUDIT)


def _unseen(seen: Overview) -> Iterator[Finding]:
    """Only one process at a time has the warehouse open."""
    if seen.providers is None:
        why = " ".join(filter(None, (seen.warehouse.last_error, seen.warehouse.remedy)))
        detail = why or "The warehouse can't be read in this process."
        yield Finding(Severity.NOTICE, "Calls, budgets and money can't be told here", detail, Place.OPERATING)


def _unread(seen: Overview) -> Iterator[Finding]:
    if count := seen.warehouse.unread_rows:
        title = f"{_counted(count, 'event')} could not be read by this release"
        yield Finding(Severity.NOTICE, title, "They are kept. Another release wrote them.", Place.OPERATING)


def _resting(circuits: Sequence[CircuitState]) -> Iterator[Finding]:
    if models := {state.circuit.model for state in circuits}:
        title = f"{_counted(len(models), 'model')} left alone after failing"
        yield Finding(Severity.WARNING, title, "Each is tried again by itself, with one call.", Place.RELIABILITY)


def _errors(seen: Overview) -> Iterator[Finding]:
    left = None if seen.errors is None or seen.errors.calls < BUDGET_FEWEST else seen.errors.left
    if left is not None and left < _BUDGET_LOW:
        title = "The error budget is overspent" if left < 0 else f"{left:.0%} of the error budget is left"
        yield Finding(Severity.WARNING, title, "Calls that failed within four weeks.", Place.PERFORMANCE)


def _budgets(seen: Overview) -> Iterator[Finding]:
    if likely := sum(each.standing is Standing.LIKELY for each in seen.budgets or ()):
        title = f"{_counted(likely, 'budget')} likely to be exceeded"
        yield Finding(Severity.NOTICE, title, "As the month goes so far. They stop nobody.", Place.USAGE)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
