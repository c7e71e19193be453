"""What an overview finds, from what was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.audit.report import ChainStatus, PlaceStatus
from core.overview.findings import Machine, Overview, Place, Severity, findings
from core.providers.circuits import Circuit, CircuitState
from data.analytics.health import ErrorBudget, ProviderHealth
from data.store.standing import StoreStanding
from data.warehouse.writer import WarehouseStatus

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AUDIT = ChainStatus(1, 10, 0, 1, 3, NOW, (), "this", "")
WAREHOUSE = WarehouseStatus(NOW, 0, None, "", "", 0)
WELL = Overview(
    at=NOW,
    version="1",
    migration="0025",
    findings=(),
    store=StoreStanding(3, 2, 0, 4, 0),
    warehouse=WAREHOUSE,
    audit=AUDIT,
    machine=Machine(50, 100, None, None, 2),
    providers=(ProviderHealth("openai", 100, 1, 300.0),),
    errors=ErrorBudget(0.99, 10_000, 20),
    budgets=(),
)


def test_nothing_is_found_where_all_is_well() -> None:
    assert findings(WELL, []) == ()


@pytest.mark.parametrize(
    ("changed", "severity", "words", "place"),
    [
        ({"audit": replace(AUDIT, refusing="No space.")}, Severity.CRITICAL, "Keys are refused", Place.AUDIT),
        (
            {"audit": replace(AUDIT, pending=7, checkpoint_at=NOW - timedelta(hours=1))},
            Severity.WARNING,
            "7 audit events without a signed checkpoint",
            Place.AUDIT,
        ),
        (
            {"audit": replace(AUDIT, places=(PlaceStatus("https://sink", 1, None, NOW, "It answered 500."),))},
            Severity.WARNING,
            "https://sink takes no checkpoints",
            Place.AUDIT,
        ),
        (
            {"warehouse": replace(WAREHOUSE, rows_waiting=1, oldest_waiting=NOW - timedelta(minutes=5))},
            Severity.WARNING,
            "1 event waiting",
            Place.OPERATING,
        ),
        ({"warehouse": replace(WAREHOUSE, last_error="Full.")}, Severity.WARNING, "can't be written", Place.OPERATING),
        ({"machine": Machine(9, 100, None, None, 2)}, Severity.WARNING, "9% of the disk", Place.OPERATING),
        ({"machine": Machine(2, 100, None, None, 2)}, Severity.CRITICAL, "2% of the disk", Place.OPERATING),
        ({"providers": (ProviderHealth("openai", 10, 2, None),)}, Severity.WARNING, "openai fails", Place.PERFORMANCE),
        ({"providers": (ProviderHealth("openai", 10, 6, None),)}, Severity.CRITICAL, "openai fails", Place.PERFORMANCE),
        ({"providers": None}, Severity.WARNING, "can't be read", Place.OPERATING),
        ({"errors": ErrorBudget(0.99, 10_000, 90)}, Severity.WARNING, "10% of the error budget", Place.PERFORMANCE),
        ({"errors": ErrorBudget(0.99, 10_000, 120)}, Severity.WARNING, "overspent", Place.PERFORMANCE),
        ({"alerts": 2}, Severity.WARNING, "2 alerts open", Place.ALERTS),
        ({"store": StoreStanding(3, 2, 0, 4, 1)}, Severity.NOTICE, "1 key will end", Place.KEYS),
    ],
)
def test_what_is_wrong_is_found_once(changed: dict[str, Any], severity: Severity, words: str, place: Place) -> None:
    (found,) = findings(replace(WELL, **changed), [])
    assert (found.severity, found.place) == (severity, place)
    assert words in found.title


def test_little_says_nothing() -> None:
    few = replace(WELL, providers=(ProviderHealth("openai", 4, 4, None),), errors=ErrorBudget(0.99, 50, 5))
    assert findings(few, []) == ()


def test_models_that_are_left_alone_are_counted_and_the_worst_comes_first() -> None:
    resting = [CircuitState(Circuit(endpoint, "gpt-4o"), "Box", 5, 3.0) for endpoint in ("a", "b")]
    seen = replace(WELL, machine=Machine(1, 100, None, None, 2))
    assert [each.title for each in findings(seen, resting)] == [
        "1% of the disk is free",
        "1 model left alone after failing",
    ]
