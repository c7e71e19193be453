"""What an overview says, and what on it needs somebody: pure, from what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from core.audit.report import ChainStatus
from core.budgets import BudgetView, Standing
from core.providers.circuits import CircuitState
from core.telemetry.readings import EXPIRES_SOON
from data.analytics.health import ErrorBudget, ProviderHealth
from data.store.standing import StoreStanding
from data.warehouse.writer import WarehouseStatus

_FEWEST = 5  # calls: of fewer a share says nothing
_FAILING, _DOWN = 0.1, 0.5
_LATE = timedelta(minutes=2)
_UNSIGNED = timedelta(minutes=15)
_DISK_LOW, _DISK_FULL = 0.1, 0.03
_BUDGET_LOW = 0.25
BUDGET_FEWEST = 100
"""Calls: of fewer the first failure would overspend the error budget, so nothing is said of it."""


RECENT = timedelta(hours=1)
"""How far back the health of providers goes."""


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
    KEYS = "keys"
    VAULT = "vault"
    ALERTS = "alerts"
    OPERATING = "operating"  # the guide: nothing on a page helps


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, what follows or helps, and where to look."""

    severity: Severity
    title: str
    detail: str
    place: Place


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the process: bytes; `memory` is what the process holds, None where the system does not tell."""

    disk_free: int
    disk_size: int
    memory: int | None
    load: float | None
    cores: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything stands. None stands for what could not be read; a finding says so."""

    at: datetime
    version: str
    migration: str
    findings: tuple[Finding, ...]
    store: StoreStanding
    warehouse: WarehouseStatus
    audit: ChainStatus
    machine: Machine
    providers: tuple[ProviderHealth, ...] | None
    errors: ErrorBudget | None
    budgets: tuple[BudgetView, ...] | None
    alerts: int = 0


def findings(seen: Overview, circuits: Sequence[CircuitState]) -> tuple[Finding, ...]:
    """What is not as it should be, the worst first."""
    found = [*_audit(seen), *_warehouse(seen), *_disk(seen), *_providers(seen), *_errors(seen), *_budgets(seen)]
    found += _resting(circuits)
    if seen.alerts:
        title = f"{_counted(seen.alerts, 'alert')} open"
        found.append(Finding(Severity.WARNING, title, "Each leads to why, and to what to do.", Place.ALERTS))
    if count := seen.store.keys_expiring:
        title = f"{_counted(count, 'key')} will end within {EXPIRES_SOON.days} days"
        found.append(Finding(Severity.NOTICE, title, "Their owners see it on the Keys page.", Place.KEYS))
    return tuple(sorted(found, key=lambda each: -each.severity))


def _audit(seen: Overview) -> Iterator[Finding]:
    status = seen.audit
    if status.refusing:
        yield Finding(Severity.CRITICAL, "Keys are refused: the audit log can't be kept", status.refusing, Place.AUDIT)
    late = status.checkpoint_at is not None and seen.at - status.checkpoint_at > _UNSIGNED
    if status.pending and late and not status.refusing:
        title = f"{_counted(status.pending, 'audit event')} without a signed checkpoint"
        yield Finding(Severity.WARNING, title, "They should be signed within minutes.", Place.AUDIT)
    for place in status.places:
        if place.failing_since is not None:
            yield Finding(Severity.WARNING, f"{place.name} takes no checkpoints", place.problem, Place.AUDIT)


def _warehouse(seen: Overview) -> Iterator[Finding]:
    status = seen.warehouse
    if status.last_error:
        yield Finding(Severity.WARNING, "The usage warehouse can't be written", status.last_error, Place.OPERATING)
    elif status.oldest_waiting is not None and seen.at - status.oldest_waiting > _LATE:
        title = f"{_counted(status.rows_waiting, 'event')} waiting for the usage warehouse"
        yield Finding(Severity.WARNING, title, "Nothing is lost; numbers are behind.", Place.OPERATING)
    if status.unread_rows:
        title = f"{_counted(status.unread_rows, 'event')} could not be read by this release"
        yield Finding(Severity.NOTICE, title, "They are kept. Another release wrote them.", Place.OPERATING)


def _disk(seen: Overview) -> Iterator[Finding]:
    share = seen.machine.disk_free / seen.machine.disk_size
    if share < _DISK_LOW:
        severity = Severity.CRITICAL if share < _DISK_FULL else Severity.WARNING
        detail = "A full disk stops answers: they could not be kept."
        yield Finding(severity, f"{share:.0%} of the disk is free", detail, Place.OPERATING)


def _providers(seen: Overview) -> Iterator[Finding]:
    if seen.providers is None:
        yield Finding(Severity.WARNING, "Calls of the last hour can't be read", "See the warehouse.", Place.OPERATING)
    for each in seen.providers or ():
        share = each.failed / each.calls
        if each.calls >= _FEWEST and share >= _FAILING:
            severity = Severity.CRITICAL if share >= _DOWN else Severity.WARNING
            detail = f"{each.failed} of {_counted(each.calls, 'call')} within the last hour."
            yield Finding(severity, f"{each.provider} fails", detail, Place.PERFORMANCE)


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
    exceeded = [each for each in seen.budgets or () if each.standing is Standing.EXCEEDED]
    likely = [each for each in seen.budgets or () if each.standing is Standing.LIKELY]
    for which, severity, verb in (
        (exceeded, Severity.WARNING, "exceeded"),
        (likely, Severity.NOTICE, "likely to be exceeded"),
    ):
        if which:
            yield Finding(severity, f"{_counted(len(which), 'budget')} {verb}", "They stop nobody.", Place.USAGE)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
