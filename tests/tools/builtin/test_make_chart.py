"""Charts: Plotly takes each kind, nothing in one is an address or a tag, and what would mislead is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GearboxError
from core.tools.builtin.charts import Drawing, Kind, draw
from core.tools.builtin.columns import column
from core.tools.builtin.figures import BadFigure, check_figure
from core.tools.builtin.make_chart import MOST_ROWS, make_chart
from core.tools.tool import Attached, Tool, ToolContext, ToolResult
from data.query import Queries
from data.values.parts import ChartPart, TextPart
from tests.people import ALICE

NASTY = "<a href='http://evil.example/?q=1'>Bern</a><img src=x onerror=alert(1)>"
TABLE = {
    "columns": ["month", "city", "sales", "costs"],
    "rows": [["2024-02-01", "Bern", 3, 1.5], ["2024-01-01", "Bern", 1, 2], ["2024-01-01", NASTY, 5, None]],
}


@pytest.fixture(scope="module")
def tool() -> Iterator[Tool]:
    queries = Queries()
    yield make_chart(queries)
    queries.close()


def _figure(result: ToolResult) -> Mapping[str, Any]:
    said, chart = result.parts
    assert isinstance(said, TextPart)
    assert isinstance(chart, ChartPart)
    go.Figure(chart.figure)  # raises at what Plotly does not know
    check_figure(json.loads(json.dumps(dict(chart.figure), allow_nan=False)))
    return chart.figure


@pytest.mark.parametrize(
    "how",
    [
        {"kind": "bar", "x": "city", "y": ["sales"], "group": "month"},
        {"kind": "bar", "x": "city", "y": ["sales"], "group": "month", "stacked": True, "horizontal": True},
        {"kind": "line", "x": "month", "y": ["sales", "costs"]},
        {"kind": "area", "x": "month", "y": ["sales"], "group": "city"},
        {"kind": "area", "x": "month", "y": ["sales"], "group": "city", "stacked": True},
        {"kind": "scatter", "x": "sales", "y": ["costs"], "group": "city"},
        {"kind": "histogram", "x": "sales"},
        {"kind": "histogram", "y": ["sales", "costs"]},
        {"kind": "box", "y": ["sales"]},
        {"kind": "box", "x": "city", "y": ["sales"], "group": "month"},
        {"kind": "heatmap", "x": "month", "y": ["sales"], "group": "city"},
    ],
    ids=lambda how: " ".join(map(str, how.values())),
)
async def test_each_kind_is_drawn(how: dict[str, Any], tool: Tool) -> None:
    result = await tool.run({"title": "Sales", "table": TABLE, **how}, ToolContext(ALICE))
    figure = _figure(result)
    assert "<" not in json.dumps(dict(figure))
    assert figure["layout"]["title"]["text"] == "Sales"
    assert not result.is_untrusted


@pytest.mark.parametrize("kind", ["pie", "donut"])
async def test_slices(kind: str, tool: Tool) -> None:
    table = {"columns": ["city", "sales"], "rows": [["Bern", 3], [NASTY, 1], [None, 2]]}
    figure = _figure(await tool.run({"title": "R&D <b>", "kind": kind, "table": table}, ToolContext(ALICE)))
    (trace,) = figure["data"]
    assert trace["values"] == [3, 1, 2]
    assert trace["labels"][0] == "Bern"
    assert trace["labels"][1].startswith("&lt;a href=")
    assert figure["layout"]["title"]["text"] == "R&amp;D &lt;b&gt;"


async def test_rows_of_a_query_are_drawn_in_order_and_are_untrusted(tool: Tool) -> None:
    data = b"day,city,amount\n2024-01-03,Bern,1.25\n2024-01-01,Bern,2.5\n2024-01-02,Rome,4\n"
    context = ToolContext(ALICE, "c1", (Attached("sales.csv", "text/csv", lambda: data),))
    asked = {
        "kind": "line",
        "title": "Amounts",
        "sql": "SELECT day, city, sum(amount::DECIMAL(9,2)) AS total FROM sales GROUP BY ALL",
        "group": "city",
    }
    result = await tool.run(asked, context)
    figure = _figure(result)
    drawn = {trace["name"]: (trace["x"], trace["y"]) for trace in figure["data"]}
    assert drawn == {"Bern": (["2024-01-01", "2024-01-03"], [2.5, 1.25]), "Rome": (["2024-01-02"], [4])}
    assert figure["layout"]["xaxis"]["type"] == "date"
    assert result.is_untrusted
    cut = await tool.run({"kind": "histogram", "title": "Many", "sql": "FROM range(9000)"}, context)
    assert _figure(cut)["layout"]["title"]["text"] == f"Many (the first {MOST_ROWS:,} of 9,000 rows)"
    wrong = await tool.run({"kind": "bar", "title": "x", "sql": "FROM elsewhere"}, context)
    assert wrong.failed
    assert wrong.is_untrusted


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"kind": "bar", "x": "city", "y": ["sales"]}, "comes more than once"),
        ({"kind": "pie", "x": "city", "y": ["sales"]}, "comes more than once"),
        ({"kind": "line", "x": "where"}, "There is no column “where”. There are “month”"),
        ({"kind": "line", "x": "month", "y": ["city"]}, "no column of numbers"),
        ({"kind": "heatmap", "x": "month", "y": ["sales"]}, "heatmap needs"),
        ({"kind": "line", "x": "month", "y": ["sales", "costs"], "group": "city"}, "one `y`"),
        ({"kind": "line", "sql": "SELECT 1"}, "either `sql` or `table`"),
        ({"kind": "spiral"}, "kind"),
        ({"kind": "line", "layout": {"images": []}}, "layout"),
        ({"kind": "line", "table": {"columns": ["a", "b"], "rows": [[1]]}}, "2 values"),
        ({"kind": "line", "table": {"columns": ["a"], "rows": []}}, "no rows"),
        ({"kind": "pie", "table": {"columns": ["a", "b"], "rows": [["x", -1]]}}, "negative"),
        ({"kind": "pie", "table": {"columns": ["a", "b"], "rows": [[str(at), 1] for at in range(50)]}}, "50 slices"),
        ({"kind": "bar", "table": {"columns": ["a", "b", "c"], "rows": [["x", 1, str(at)] for at in range(30)]},
          "group": "c"}, "30 series"),
    ],
)  # fmt: skip
async def test_what_would_mislead_is_refused(how: dict[str, Any], said: str, tool: Tool) -> None:
    with pytest.raises(GearboxError, match=said):
        await tool.run({"title": "Sales", "table": TABLE, **how}, ToolContext(ALICE))


@pytest.mark.parametrize(
    "figure",
    [
        {"data": [], "layout": {"images": [{"source": "http://evil.example/x.png"}]}},
        {"data": [], "layout": {"updatemenus": []}},
        {"data": [], "layout": {"annotations": [{"text": "x"}]}},
        {"data": [], "layout": {"title": {"text": "<a href='x'>y</a>"}}},
        {"data": [], "layout": {"template": {}}},
        {"data": [], "layout": {}, "frames": []},
        {"data": [{"type": "image", "source": "http://evil.example"}], "layout": {}},
        {"data": [{"type": "scattergeo"}], "layout": {}},
        {"data": [{"type": "bar", "hovertemplate": "<b>"}], "layout": {}},
        {"data": [{"type": "bar", "x": ["<img src=x>"]}], "layout": {}},
        {"data": [{"type": "bar", "x": [float("nan")]}], "layout": {}},
        {"data": [{"type": "bar", "marker": {"pattern": {}}}], "layout": {}},
        {"data": [{"type": "bar", "x": [object()]}], "layout": {}},
        {"data": [{"type": "bar", "x": [0] * 200_000}], "layout": {}},
        {"data": {}, "layout": {}},
        {"data": ["x"], "layout": []},
    ],
    ids=range(16),
)
def test_a_figure_with_anything_else_in_it_is_refused(figure: dict[str, Any]) -> None:
    with pytest.raises(BadFigure):
        check_figure(figure)


CELLS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=60)


@given(
    kind=st.sampled_from(Kind),
    rows=st.lists(
        st.tuples(CELLS, st.sampled_from(["a", NASTY, "<", ""]), st.floats() | st.none()), min_size=1, max_size=12
    ),
    title=st.text(max_size=50),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_drawn_is_clean(
    kind: Kind, rows: list[tuple[Any, str, float | None]], title: str, flags: tuple[bool, bool, bool]
) -> None:
    x, group, y = (column(name, "", values) for name, values in zip("x<y", zip(*rows, strict=True), strict=True))
    stacked, horizontal, grouped = flags
    if not y.is_number:
        return
    try:
        figure = draw(Drawing(kind, title, x, (y,), group if grouped else None, stacked, horizontal))
    except GearboxError:
        return
    check_figure(json.loads(json.dumps(figure, allow_nan=False)))
