"""Charts drawn as SVG."""

from __future__ import annotations

import math
import random
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from core.chat.saving.charts.drawn import HEIGHT, WIDTH, chart_svg
from core.chat.saving.charts.scales import Dates, Numbers, number
from core.tools.builtin.charts import Drawing, Kind, draw
from core.tools.builtin.columns import column
from tests.app.injections import in_figures

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>", "</svg><img src=//evil.example>", 'a" onload="x', "url(//evil.example)", "\x00\ufffe",
    "&lt;b&gt;", "x" * 500, "漢字", "", "\ud800", "Überschrift: 5 > 4",
)  # fmt: skip


def opened(svg: str) -> ET.Element:
    """It as any reader has it; it must be in the frame, and load or run nothing."""
    root = ET.fromstring(svg.encode())
    allowed = {"svg", "title", "rect", "text", "line", "path", "circle"}
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in allowed
        for name, value in element.attrib.items():
            assert not name.startswith("on") and "href" not in name and "url(" not in value and name != "style"
            assert "nan" not in value and "inf" not in value, (name, value)
            if name in {"x", "x1", "x2", "cx", "y", "y1", "y2", "cy"} and re.fullmatch(r"-?[\d.]+", value):
                assert -1 <= float(value) <= (WIDTH if "x" in name else HEIGHT) + 1, (name, value)
    return root


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def figure(kind: Kind, rng: random.Random) -> dict[str, Any]:
    """One of ours, of values and names made up."""
    count = rng.choice([1, 2, 7, 30 if kind in (Kind.PIE, Kind.DONUT) else 60])
    scale = rng.choice([1e-9, 1.0, 1e7, 1e15])
    names: list[Any] = [f"{rng.choice(HOSTILE)[:20].encode('utf-8', 'ignore').decode()}{at}" for at in range(count)]
    if rng.random() < 0.4 and kind not in (Kind.PIE, Kind.DONUT):
        names = rng.sample(range(-50, 5000), count)
    elif rng.random() < 0.3:
        names = [f"20{10 + at % 80}-0{1 + at % 9}-01" for at in range(count)]
    least = 0.0 if kind in (Kind.PIE, Kind.DONUT) else -1.0
    ys = [
        column(f"s{at}", "", [rng.choice([None, 0, rng.uniform(least, 1) * scale]) for _ in range(count)])
        for at in range(1 if kind in (Kind.PIE, Kind.DONUT, Kind.HEATMAP) else rng.randint(1, 4))
    ]
    x = None if kind is Kind.HISTOGRAM or (kind is Kind.BOX and rng.random() < 0.5) else column("x", "", names)
    group = column("g", "", [f"g{at % 5}" for at in range(count)]) if kind is Kind.HEATMAP else None
    return draw(
        Drawing(kind, "T", x, tuple(ys), group, rng.random() < 0.5, rng.random() < 0.3, "", rng.choice(HOSTILE[:4]))
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_is_drawn_it_is_svg_within_its_frame(kind: Kind) -> None:
    rng = random.Random(seed := random.randrange(10**6))
    for _ in range(25):
        made = figure(kind, rng)
        title = rng.choice(HOSTILE)
        try:
            opened(chart_svg(made, title, ground=rng.choice([None, "#ffffff"])))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {made}") from error


def test_a_chart_says_what_its_data_say() -> None:
    months, sales = column("Month", "", ["Jan", "Feb <1>"]), column("Sales in €", "", [1200, 3_400_000])
    root = opened(chart_svg(draw(Drawing(Kind.BAR, "T", months, (sales,))), "Sales of 2026"))
    said = texts(root)
    assert {"Sales of 2026", "Jan", "Feb <1>", "Month", "Sales in €", "0", "4M"} <= set(said)
    bars = [float(each.attrib["height"]) for each in root.iter(f"{SVG}rect") if each.get("rx") == "2"]
    assert bars[1] / bars[0] == pytest.approx(3_400_000 / 1200, rel=0.1)


def test_slices_have_their_share_and_their_names() -> None:
    who, share = column("Who", "", ["Anna", "Ben"]), column("n", "", [3, 1])
    said = texts(opened(chart_svg(draw(Drawing(Kind.DONUT, "T", who, (share,))), "")))
    assert said == ["Anna", "Ben", "75%", "25%"]


@pytest.mark.parametrize(
    "figure",
    [{}, {"data": []}, {"data": [{}]}, {"data": [{"type": "pie"}]}, {"data": [{"type": "heatmap", "z": [[None]]}]},
     {"data": [{"type": "bar", "x": ["a"], "y": [math.nan]}], "layout": {}}, {"data": [{"type": "box", "y": []}]},
     {"data": [{"type": "scatter", "x": [math.inf, 1], "y": [1, math.inf]}], "layout": {"xaxis": 3}},
     {"data": [{"type": "scatter", "x": ["a"], "y": [1]}], "layout": {"xaxis": {"type": "date"}}},
     {"data": [{"type": "bar", "x": ["a"], "y": ["<b>"]}, {"type": "pie", "labels": 3, "values": "x"}]},
     {"data": [{"type": "scatter", "y": [0.0] * 100_001}]}, *in_figures("http://evil.example")],
)  # fmt: skip
def test_what_is_no_figure_of_ours_draws_what_can_be_drawn(figure: dict[str, Any]) -> None:
    opened(chart_svg(figure, "T"))


def test_axes_are_marked_at_round_numbers() -> None:
    axis = Numbers.of([3.0, 97.0], from_zero=True)
    assert [text for _, text in axis.ticks] == ["0", "20", "40", "60", "80", "100"]
    assert [number(value) for value in (0.5, 1234.5, -2.0, 2_500_000, 0.00001, -0.0)] == [
        "0.5", "1,234.5", "−2", "2.5M", "1e-05", "0",
    ]  # fmt: skip
    dates = Dates.of(["2026-01-01", "2026-03-01", "2026-02-01"])
    assert dates is not None and [text for _, text in dates.ticks] == ["2026-01", "2026-02", "2026-03"]
    assert Dates.of(["soon"]) is None
