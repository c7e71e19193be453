"""The axis of days on the Quality page, also on the first of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pages.quality.charts import _days, _figure

FIRST = datetime(2026, 11, 29, 9, tzinfo=UTC)


def axis(*times: datetime) -> dict[str, Any]:
    figure = _figure()
    figure.add_scatter(x=[at.replace(tzinfo=None) for at in times], y=[0.5] * len(times))
    _days(figure, times)
    return dict(figure.layout.xaxis.to_plotly_json())


def test_one_day_is_named_once_and_stands_in_the_middle() -> None:
    found = axis(FIRST, FIRST + timedelta(hours=4))
    assert len(found["tickvals"]) == 1
    alone = axis(FIRST)
    low, high = alone["range"]
    assert high - low == timedelta(days=1)
    assert low < FIRST.replace(tzinfo=None) < high


def test_few_days_are_named_each_and_many_by_some() -> None:
    assert len(axis(*(FIRST + timedelta(days=day) for day in range(3)))["tickvals"]) == 3
    assert "tickvals" not in axis(*(FIRST + timedelta(days=day) for day in range(30)))
    assert "tickvals" not in axis()
