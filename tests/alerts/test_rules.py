"""The rules of the release: each is whole, and says what to do."""

from __future__ import annotations

import pytest

from core.alerts.rules import RUNBOOKS, SOURCES, WATCHES, as_changed, to_json
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
