"""The rules of the release: each is whole, and says what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.alerts.rules import RUNBOOKS, SOURCES, TEST, WATCHES, Subject, as_changed, subject_of, to_json
from data.values.alerts import Alert, AlertState, Severity
from pages.visit import Places

TOLD = {"guardrail-breach", "disk-low", "not-watched"}
"""What no source looks at: other parts tell of it, and the evaluator of what it can't look at."""


@pytest.mark.parametrize("key", WATCHES)
def test_a_rule_is_whole(key: str) -> None:
    watch = WATCHES[key]
    rule = watch.rule
    assert rule.key == key and rule.is_bad(rule.fires_at) and not rule.is_well(rule.fires_at)
    assert rule.is_well(rule.clears_at) and not rule.is_bad(rule.clears_at)
    assert as_changed(rule, rule.version, to_json(rule)) == rule
    assert watch.page.partition("?")[0] in {"", *Places.__dataclass_fields__}
    assert (sum(key in source.rules for source in SOURCES) == 1) is (key not in TOLD)


def test_each_rule_has_a_runbook_and_no_runbook_is_left_over() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == WATCHES.keys()
    for key, watch in WATCHES.items():
        text = watch.runbook.read_text("utf-8")
        assert text.startswith(f"# {watch.title}\n"), key
        parts = ["**What it means.**", "**How to look.**", "**What to do.**", "**When to silence.**"]
        assert [part for part in parts if part not in text] == [], key


@pytest.mark.parametrize(
    ("rule", "group", "subject"),
    [
        ("refused-access", "ada", Subject("ada", is_person=True)),
        ("refused-access", TEST, None),
        ("budget-near", "team:red", Subject("red", is_person=False)),
        ("budget-exceeded", "user:ada", Subject("ada", is_person=True)),
        ("budget-exceeded", "organisation", None),
        ("key-expired", "4f1cab22", None),
    ],
)
def test_whom_an_alert_is_about(rule: str, group: str, subject: Subject | None) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    alert = Alert("a", rule, group, 1, AlertState.FIRING, Severity.WARNING, 0, now, 1, 1, "", now)
    assert subject_of(alert) == subject
