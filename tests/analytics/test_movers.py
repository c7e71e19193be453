"""What moved a sum: all of the change, the largest first."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from data.analytics.movers import Mover, movers


def test_the_largest_change_is_first_whichever_way_it_went() -> None:
    now = {"a": Decimal("10.5"), "b": Decimal(1), "c": Decimal(7), "new": Decimal(2)}
    before = {"a": Decimal("10.2"), "b": Decimal(9), "c": Decimal(7), "gone": Decimal(3)}
    found = movers(now, before)
    assert [each.key for each in found] == ["b", "gone", "new", "a"], "what did not move is not there"
    assert (found[0].change, found[0].ratio) == (Decimal(-8), float(Decimal(-8) / 9))
    assert found[2] == Mover("new", Decimal(2), Decimal(0))
    assert found[2].ratio is None
    assert movers(now, before, most=2) == found[:2]


_parts = st.dictionaries(st.text(max_size=2), st.decimals(0, 1000, places=15), max_size=8)


@given(_parts, _parts)
def test_the_changes_add_up_to_the_change(now: dict[str, Decimal], before: dict[str, Decimal]) -> None:
    total = sum(now.values(), Decimal()) - sum(before.values(), Decimal())
    assert sum((each.change for each in movers(now, before)), Decimal()) == total
