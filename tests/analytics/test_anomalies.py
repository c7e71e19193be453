"""Days that stand out are found, quiet ones are left alone, and what is told of them is what was usual."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.analytics.anomalies import anomalies
from tests.analytics.simulated import WEEK, days


def week(size: float) -> list[float]:
    return [size * each for each in (1, 1.1, 1, 0.9, 0.8, 0.2, 0.1)]


def test_a_spike_and_an_outage_are_found_with_what_was_usual() -> None:
    values = [round(each + day % 3) for day, each in enumerate(week(150) * 10)]
    values[63], values[65] = 640, 3
    high, low = anomalies(values, least=1)
    assert (high.index, high.value) == (63, 640.0)
    assert high.low < 151 < high.high
    assert 120 <= high.low < high.expected < high.high <= 190
    assert (low.index, low.value) == (65, 3.0)
    assert low.spreads < -3.5 < 3.5 < high.spreads


def test_without_four_weeks_nothing_is_said() -> None:
    values = [*week(100) * 4, 900]
    assert [each.index for each in anomalies(values, least=1)] == [28]
    assert anomalies(values[1:], least=1) == ()
    assert anomalies([], least=1) == ()


def test_a_few_calls_are_no_news() -> None:
    values = [0, 1, 0, 0, 2, 0, 0] * 8
    values[50] = 3
    assert anomalies(values, least=1) == ()
    assert anomalies([0.0] * 70, least=1) == ()


def test_a_sunday_is_compared_with_sundays() -> None:
    values = week(1000) * 9
    values[62] = 900  # a Sunday like a weekday
    assert [each.index for each in anomalies(values, least=1)] == [62]


def test_a_new_level_is_soon_the_usual_one() -> None:
    rng = np.random.default_rng(3)
    values = days(rng, 140, usual=500, varies=0.1)
    values[80:] *= 4
    marked = [each.index for each in anomalies(values.tolist(), least=1)]
    assert 80 in marked
    assert all(each < 80 + 14 for each in marked), "after two weeks it is no news any more"


def test_growth_is_no_anomaly() -> None:
    rng = np.random.default_rng(4)
    values = days(rng, 140, usual=200, varies=0.1, growth=0.012)
    assert len(anomalies(values.tolist(), least=1)) <= 1


@pytest.mark.parametrize(
    ("usual", "varies", "growth", "alike"),
    [(5, 0.2, 0, 0), (30, 0.4, 0, 0), (500, 0.15, 0, 0), (500, 0.15, 0.01, 0), (5000, 0.3, 0, 0.5)],
)
def test_few_quiet_days_are_marked(usual: float, varies: float, growth: float, alike: float) -> None:
    """Measured: 3 to 7 of a thousand, with counts that vary by chance on top. Of 1,080 days each 1.5% would be 16."""
    rng = np.random.default_rng(11)
    marked = 0
    for _ in range(12):
        values = rng.poisson(days(rng, 146, usual=usual, varies=varies, growth=growth, alike=alike))
        marked += len(anomalies(values.tolist(), last=90, least=1))
    assert marked <= 16


def test_most_days_of_four_times_as_much_are_found() -> None:
    rng, found = np.random.default_rng(12), 0
    for number in range(20):
        values = rng.poisson(days(rng, 70, usual=300, varies=0.15)).tolist()
        values[60 + number % 5] *= 4
        found += any(each.index == 60 + number % 5 for each in anomalies(values, last=10, least=1))
    assert found >= 19


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e12), max_size=80), st.integers(0, 2))
def test_any_days_can_be_looked_at(values: list[float], least: int) -> None:
    for each in anomalies(values, least=least):
        assert 0 <= each.low <= each.expected <= each.high
        assert not each.low <= each.value <= each.high
        assert each.index >= 28


def test_the_unit_of_money_makes_no_difference() -> None:
    values = [each / 7 for each in week(3) * 9]
    values[60] *= 6
    cents = [each * 100 for each in values]
    (euros,), (same,) = anomalies(values), anomalies(cents)
    assert same.spreads == pytest.approx(euros.spreads)
    assert same.high == pytest.approx(100 * euros.high)
    assert len(WEEK) == 7
