"""Charts and tables of answers: to look into, and to take along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.chat.chart_data import as_csv
from core.chat.csv_text import table_csv
from core.chat.saving.charts.drawn import chart_svg
from core.chat.saving.names import file_name
from core.tools.builtin.charts import COLORS
from core.tools.builtin.figures import BadFigure, check_figure
from data.values.media import Cell
from data.values.parts import ChartPart, TablePart
from pages.attached import offer
from pages.plain import plain

_PICTURE_SCALE = 2
"""Of a chart's PNG to what is on the page: sharp on paper, too."""


def draw_table(table: TablePart, *, key: str) -> None:
    """A table to sort and search, and to download."""
    with st.container(gap="xsmall", key=f"shown-{key}"):
        if table.title:
            st.markdown(f"**{plain(table.title)}**")
        draw_rows(table)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _offer_csv(lambda: table_csv(table), table.title, key=key)
            if table.total_rows > len(table.rows):
                st.caption(f"The first {len(table.rows):,} of {table.total_rows:,} rows.")


def draw_rows(table: TablePart) -> None:
    """The rows of a table alone, to sort and search."""
    import pyarrow  # with the first table: Streamlit, too, imports it no sooner

    names = [f"{name} ({place})" if name in table.columns[:place] else name for place, name in enumerate(table.columns)]
    columns = [
        column_of([row[place] if place < len(row) else None for row in table.rows]) for place in range(len(names))
    ]
    st.dataframe(pyarrow.table(columns, names=names), hide_index=True, alt=table.title or None)


def draw_chart(chart: ChartPart, *, key: str) -> None:
    """A chart to point at, and to download. One that would load pictures or draw HTML is not drawn, whoever made it."""
    try:
        check_figure(chart.figure)
    except BadFigure:
        st.caption(f":material/info: The chart “{plain(chart.title)}” holds what charts may not, so it is not drawn.")
        return
    name = file_name(chart.title, otherwise="chart")
    picture = {"format": "png", "filename": name, "scale": _PICTURE_SCALE}
    with st.container(gap="xsmall", key=f"shown-{key}"):
        if chart.title:
            st.markdown(f"**{plain(chart.title)}**")
        st.plotly_chart(
            themed(chart.figure),
            key=f"chart-{key}",
            config={
                "displayModeBar": True,
                "displaylogo": False,
                "modeBarButtons": [["zoom2d", "resetScale2d", "toImage"]],
                "toImageButtonOptions": picture,
                "scrollZoom": False,
            },
            alt=chart.title or None,
        )
        with st.container(horizontal=True, gap="medium"):
            svg = file_name(chart.title, ".svg", otherwise="chart")
            offer("SVG", lambda: chart_svg(chart.figure, chart.title), svg, "image/svg+xml", key=f"svg-{key}")
            _offer_csv(lambda: as_csv(chart.figure), chart.title, key=key)


def themed(figure: Mapping[str, Any]) -> dict[str, Any]:
    """A figure of ours in the page's own colours, light or dark; its title is left to the page, which can wrap it."""
    left_out = ("title", "colorway", "paper_bgcolor", "plot_bgcolor")
    layout = {name: value for name, value in figure["layout"].items() if name not in left_out}
    # Above it stand the buttons, and below these the legend. Dragging is for whoever asks for it: it would catch the
    # finger that scrolls the page.
    above = 64 if layout.get("showlegend") else 36
    layout |= {"margin": {**layout.get("margin", {}), "t": above}, "dragmode": False}
    return {"data": [_uncolored(trace) for trace in figure["data"]], "layout": layout}


def _uncolored(trace: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(trace)
    for part in ("marker", "line"):
        if isinstance(style := found.get(part), Mapping):
            found[part] = {name: value for name, value in style.items() if not _is_ours(value)}
    return found


def _is_ours(value: Any) -> bool:
    """Whether it is a colour, or a list of colours, that drawing takes where nobody asked for others."""
    return value in COLORS if isinstance(value, str) else isinstance(value, list) and set(map(str, value)) <= COLORS


def _offer_csv(content: Callable[[], str], title: str, *, key: str) -> None:
    offer("CSV", content, file_name(title, ".csv", otherwise="table"), "text/csv", key=f"csv-{key}")


def column_of(values: list[Cell]) -> Any:
    """For Arrow: whole numbers stay whole beside missing ones; what is of several kinds is shown as text."""
    import pyarrow

    try:
        return pyarrow.array(values)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
        return pyarrow.array([None if value is None else str(value) for value in values])
