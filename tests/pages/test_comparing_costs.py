"""What all answers of a comparison cost together."""

from __future__ import annotations

from decimal import Decimal

from data.values.money import UNPRICED, Cost, CostBasis
from pages.compare_sides import together

ONE = Cost(Decimal("0.02"), CostBasis.PRICED)


def test_one_that_failed_does_not_hide_what_the_others_cost() -> None:
    assert together([ONE, ONE]) == "\\$0.0400"
    assert together([ONE, UNPRICED, ONE]) == "\\$0.0400, and 1 not priced"
    assert together([UNPRICED, UNPRICED]) == "not priced"
