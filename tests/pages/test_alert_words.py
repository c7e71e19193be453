"""Rules of alerts in sentences."""

from __future__ import annotations

import pytest

from core.alerts.rules import WATCHES
from pages.alerts.words import limit


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("budget-near", "80 % or more of the month's budget, for 5 minutes. Well again at 79."),
        ("disk-low", "10 % or less free, for 1 minute. Well again at 12."),
        ("key-expiring", "7 or fewer days left. Well again at 8."),
        ("provider-down", "5 or more calls in a row that failed, for 1 minute. Well again at 0."),
    ],
)
def test_a_limit_is_a_sentence(rule: str, words: str) -> None:
    assert limit(WATCHES[rule].rule) == words
