"""Days on which unusually many calls failed are found, quiet ones are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.analytics.failing import failing
from tests.analytics.simulated import days


def test_an_outage_is_found_with_what_was_usual() -> None:
    calls = [200 if day % 7 < 5 else 20 for day in range(70)]
    failed = [4 + day % 4 if day % 7 < 5 else 1 for day in range(70)]
    failed[63] = 80
    (found,) = failing(failed, calls)
    assert (found.index, found.value) == (63, 0.4)
    assert 0 <= found.low < 0.02 < found.expected < 0.035 < found.high < 0.07
    failed[63] = 0
    assert failing(failed, calls) == (), "fewer are no news"


def test_what_is_few_or_short_or_hardly_more_is_no_news() -> None:
    assert failing([0] * 28 + [4], [100] * 29) == ()
    assert failing([0] * 27 + [50], [100] * 28) == ()
    assert failing([0] * 28 + [7], [100] * 29)
    assert failing([1_000] * 28 + [1_900], [100_000] * 29) == (), "certain, and still not twice as many"
    assert failing([0] * 20 + [3] * 8 + [9], [0] * 20 + [10] * 8 + [10]) == (), "days without calls say nothing"


@pytest.mark.parametrize(
    ("usual", "share", "varies"), [(5, 0.1, 0), (40, 0.03, 0), (500, 0.03, 0.3), (5_000, 0.02, 0.3)]
)
def test_few_quiet_days_are_marked(usual: float, share: float, varies: float) -> None:
    """Measured: up to 6 of a thousand. Of 1,080 days each 1% would be 11."""
    rng, marked = np.random.default_rng(5), 0
    for _ in range(12):
        calls = rng.poisson(days(rng, 146, usual=usual, varies=0.2))
        shares = np.clip(share * np.exp(varies * rng.normal(size=146)), 0, 1)
        marked += len(failing(rng.binomial(calls, shares).tolist(), calls.tolist(), last=90))
    assert marked <= 11


def test_days_with_six_times_as_many_are_found_and_the_ones_before_do_not_hide_them() -> None:
    rng, found = np.random.default_rng(6), 0
    for _ in range(20):
        calls = rng.poisson(days(rng, 70, usual=200, varies=0.2))
        shares = np.full(70, 0.03)
        shares[[40, 45, 60]] = 0.18
        found += 60 in [each.index for each in failing(rng.binomial(calls, shares).tolist(), calls.tolist(), last=10)]
    assert found >= 19


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=80))
def test_any_days_can_be_looked_at(some: list[tuple[int, int]]) -> None:
    failed, calls = [part for part, _ in some], [part + more for part, more in some]
    for each in failing(failed, calls):
        assert 0 <= each.low <= each.expected <= each.high < each.value <= 1
