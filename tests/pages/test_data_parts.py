"""How charts and tables of answers are drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.tools.builtin.charts import COLORS, Drawing, Kind, draw
from core.tools.builtin.columns import column
from pages.data_parts import column_of, themed


@pytest.mark.parametrize("kind", list(Kind))
def test_a_chart_is_drawn_in_the_page_s_colours_and_says_the_same(kind: Kind) -> None:
    name, numbers, more = column("Who", "", ["a", "b"]), column("n", "", [1, 2]), column("g", "", ["x", "x"])
    takes_x = kind not in (Kind.HISTOGRAM,)
    group = more if kind is Kind.HEATMAP else None
    figure = draw(Drawing(kind, "Title", name if takes_x else None, (numbers,), group))
    drawn = themed(figure)
    said = json.dumps(drawn)
    assert not [color for color in COLORS if color in said]
    assert not {"title", "paper_bgcolor", "colorway"} & set(drawn["layout"])
    for old, new in zip(figure["data"], drawn["data"], strict=True):
        for key in {"x", "y", "z", "labels", "values"} & set(old):
            assert new[key] == old[key]


def test_a_colour_that_somebody_chose_is_kept() -> None:
    figure = {"data": [{"type": "bar", "y": [1], "marker": {"color": "#123456"}}], "layout": {}}
    assert themed(figure)["data"][0]["marker"] == {"color": "#123456"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, None, 3], "int64"), ([1, 2.5], "double"), ([True, None], "bool"), (["a", 1], "string"), ([], "null"),
     ([2**70, 1], "string"), ([True, 2], "string")],
)  # fmt: skip
def test_numbers_stay_numbers(values: list[Any], kind: str) -> None:
    assert str(column_of(values).type) == kind
