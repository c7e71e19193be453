"""What an overview finds, from what was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.audit.report import ChainStatus
from core.overview.findings import HANDED_OVER, Machine, Overview, Place, Severity, Watching, findings
from core.providers.circuits import Circuit, CircuitState
from data.analytics.health import ErrorBudget, ProviderHealth
from data.store.standing import StoreStanding
from data.values import alerts
from data.values.alerts import Alert, AlertState
from data.warehouse.writer import WarehouseStatus

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AUDIT = ChainStatus(1, 10, 0, 1, 3, NOW, (), "this", "")
WAREHOUSE = WarehouseStatus(NOW, 0, None, "", "", 0)
WELL = Overview(
    at=NOW,
    version="1",
    migration="0025",
    findings=(),
    watching=Watching(at=NOW),
    store=StoreStanding(3, 2, 0, 4, 0),
    warehouse=WAREHOUSE,
    audit=AUDIT,
    machine=Machine(50, 100, None, None, 2),
    providers=(ProviderHealth("openai", 100, 1, 300.0),),
    errors=ErrorBudget(0.99, 10_000, 20),
    budgets=(),
    spent=None,
    keys_ending=timedelta(days=7),
)
DISK = Alert(
    "a1", "disk-low", "box", 1, AlertState.FIRING, alerts.Severity.CRITICAL, 0, NOW, 8, 8, "8 % is free on box.", NOW
)  # fmt: skip
PENDING = replace(DISK, id="a2", state=AlertState.PENDING, fired_at=None)
LATE = replace(DISK, id="a3", rule="outbox-stuck", group="", severity=alerts.Severity.WARNING, summary="They wait.")


def test_nothing_is_found_where_all_is_well() -> None:
    assert findings(WELL, [], []) == ()


@pytest.mark.parametrize(
    ("changed", "severity", "words", "place"),
    [
        ({"audit": replace(AUDIT, refusing="No space.")}, Severity.CRITICAL, "Keys are refused", Place.AUDIT),
        ({"warehouse": replace(WAREHOUSE, unread_rows=2)}, Severity.NOTICE, "2 events could not be", Place.OPERATING),
        ({"errors": ErrorBudget(0.99, 10_000, 90)}, Severity.WARNING, "10% of the error budget", Place.PERFORMANCE),
        ({"errors": ErrorBudget(0.99, 10_000, 120)}, Severity.WARNING, "overspent", Place.PERFORMANCE),
        ({"watching": Watching(nobody_for=HANDED_OVER)}, Severity.CRITICAL, "Nobody watches", Place.OPERATING),
    ],
)
def test_what_is_wrong_is_found_once(changed: dict[str, Any], severity: Severity, words: str, place: Place) -> None:
    (found,) = findings(replace(WELL, **changed), [], [])
    assert (found.severity, found.place) == (severity, place)
    assert words in found.title


@pytest.mark.parametrize(
    "changed",
    [
        {"machine": Machine(1, 100, None, None, 2)},
        {"providers": (ProviderHealth("openai", 10, 9, None),)},
        {"warehouse": replace(WAREHOUSE, rows_waiting=9, oldest_waiting=NOW - timedelta(hours=1), last_error="Full.")},
        {"audit": replace(AUDIT, pending=7, checkpoint_at=NOW - timedelta(hours=1))},
        {"store": StoreStanding(3, 2, 0, 4, 1)},
        {"errors": ErrorBudget(0.99, 50, 5)},
        {"watching": Watching(nobody_for=HANDED_OVER / 2)},
    ],
)
def test_what_a_rule_watches_is_not_judged_a_second_time_and_little_says_nothing(changed: dict[str, Any]) -> None:
    assert findings(replace(WELL, **changed), [], []) == ()


def test_a_finding_is_the_alert_and_of_one_rule_there_is_one() -> None:
    (found,) = findings(WELL, [DISK], [])
    assert (found.severity, found.title, found.place) == (Severity.CRITICAL, "The disk is nearly full", Place.ALERTS)
    assert (found.alert, found.detail) == ("a1", "8 % is free on box.")
    newer = replace(DISK, id="a4", group="other", since=NOW + timedelta(minutes=1), summary="5 % is free on other.")
    taken = replace(LATE, acknowledged_at=NOW, acknowledged_by="ada")
    several = findings(WELL, [DISK, newer, taken, PENDING], [])
    assert [(each.severity, each.alert, each.detail) for each in several] == [
        (Severity.CRITICAL, "", "5 % is free on other. And 1 more alert of this rule."),
        (Severity.WARNING, "a3", "They wait. Somebody took it on."),
        (Severity.NOTICE, "a2", "Not for long enough yet to fire. 8 % is free on box."),
    ]


def test_what_is_silenced_is_marked() -> None:
    loud = replace(DISK, id="a5", group="other", since=NOW - timedelta(minutes=1))
    one, two = (findings(WELL, of, [], {"a1"}) for of in ([DISK], [DISK, loud]))
    assert one[0].detail == "8 % is free on box. Silenced: nobody is told."
    assert two[0].detail == "8 % is free on box. And 1 more alert of this rule."


def test_a_test_fire_is_told_as_one_and_alarms_nobody() -> None:
    test = replace(DISK, id="t1", group="test", since=NOW + timedelta(minutes=1), summary="This is a test fire.")
    assert [(each.severity, each.title, each.detail) for each in findings(WELL, [DISK, test], [])] == [
        (Severity.CRITICAL, "The disk is nearly full", "8 % is free on box."),
        (Severity.NOTICE, "Test fire: The disk is nearly full", "This is a test fire."),
    ]


def test_a_process_without_the_warehouse_says_why_it_tells_no_numbers() -> None:
    held = replace(WAREHOUSE, last_error="Another process has it open.", remedy="Close it there.")
    (found,) = findings(replace(WELL, warehouse=held, providers=None, errors=None, budgets=None), [], [])
    assert (found.severity, found.place) == (Severity.NOTICE, Place.OPERATING)
    assert found.detail == "Another process has it open. Close it there."


def test_a_budget_that_is_exceeded_is_not_also_told_as_nearly_spent() -> None:
    near = replace(LATE, id="n1", rule="budget-near", group="team:a", summary="103 % is spent.")
    over = replace(near, id="n2", rule="budget-exceeded", severity=alerts.Severity.CRITICAL)
    other = replace(near, id="n3", group="team:b", summary="85 % is spent.")
    assert [each.alert for each in findings(WELL, [near, over, other], [])] == ["n2", "n3"]
    pending = replace(over, state=AlertState.PENDING, fired_at=None)
    assert [each.alert for each in findings(WELL, [near, pending], [])] == ["n1", "n2"]


def test_models_that_are_left_alone_are_counted_and_the_worst_comes_first() -> None:
    resting = [CircuitState(Circuit(endpoint, "gpt-4o"), "Box", 5, 3.0) for endpoint in ("a", "b")]
    assert [each.title for each in findings(WELL, [DISK], resting)] == [
        "The disk is nearly full",
        "1 model left alone after failing",
    ]
