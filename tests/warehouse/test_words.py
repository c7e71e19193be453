from __future__ import annotations

from decimal import Decimal

import pytest

from data.analytics.period import Period
from data.analytics.usage import Spend
from pages.usage.words import before, change
from pages.usage_words import cost, count, duration


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (9_999, "9,999"), (10_000, "10.0k"), (12_345, "12.3k"), (999_499, "999k"), (999_500, "1.00M"),
        (4_560_000, "4.56M"), (45_670_000, "45.7M"), (7 * 10**9, "7.00B"),
    ],
)  # fmt: skip
def test_counts(number: int, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"), ("0.00000004", "< $0.000001"), ("0.000123456", "$0.00012"), ("0.0149", "$0.015"),
        ("0.5", "$0.50"), ("0.996", "$1.00"), ("1", "$1.00"), ("1234.567", "$1,234.57"),
    ],
)  # fmt: skip
def test_amounts(amount: str, text: str) -> None:
    assert cost([Spend("USD", Decimal(amount))]) == text


def test_what_is_not_known_is_never_zero() -> None:
    assert cost([]) == "not priced"
    assert cost([Spend("USD", Decimal(2)), Spend("CHF", Decimal(1))], estimated=True) == "≈ $2.00 + CHF 1.00"


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "–"), (0.4, "0 ms"), (340.2, "340 ms"), (999.6, "1.0 s"), (1234, "1.2 s"), (59_949, "59.9 s"),
        (59_950, "1m 0s"), (95_000, "1m 35s"),
    ],
)  # fmt: skip
def test_durations(milliseconds: float | None, text: str) -> None:
    assert duration(milliseconds) == text


@pytest.mark.parametrize(
    ("now", "then", "text"),
    [
        (112, 100, "+12% against the 7 days before"), (90, 100, "−10% against the 7 days before"),
        (100, 100, "as much as in the 7 days before"), (3, 0, "none in the 7 days before"),
        (0, 0, "as in the 7 days before"), (1200, 100, "12 times as much as in the 7 days before"),
    ],
)  # fmt: skip
def test_changes(now: int, then: int, text: str) -> None:
    assert change(now, then, before(Period.WEEK)) == text


def test_a_change_since_yesterday() -> None:
    assert change(1, 0, before(Period.TODAY)) == "none yesterday by this time"
    assert change(2, 1, before(Period.TODAY)) == "+100% against yesterday by this time"
