"""What pages of numbers are drawn with: tiles, tables to download, charts, and the way to each number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from pages.figures.files import as_csv
from pages.figures.plot import Plot
from pages.plain import plain
from pages.usage_words import NONE
from pages.widget_keys import Keys

Ran = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Statements by the names of their parts, each with what it ran with."""

_GROUPED = st.column_config.NumberColumn(format="localized")
_LONG = frozenset({"edges", "shown_edges"})


def tiles(*each: tuple[str, str, Sequence[str]]) -> None:
    """Numbers beside each other: what it is, the number, and lines about it."""
    with st.container(horizontal=True, gap="small"):
        for label, value, notes in each:
            # Not st.metric: it cuts its texts short when two tiles share 390 px.
            with st.container(border=True, width="stretch", height="stretch", gap=None):
                st.caption(label)
                st.subheader(plain(value), anchor=False)
                for note in notes:
                    st.caption(plain(note))


def table(name: str, rows: Sequence[Mapping[str, object]], **columns: ColumnConfig) -> None:
    """The rows; what is not known is a dash. Streamlit's own download is hidden: it would leave formulas in."""
    whole = {name: _GROUPED for row in rows for name, value in row.items() if isinstance(value, int)}
    with st.container(key=f"{Keys.NO_EXPORT}-{name}"):
        st.dataframe(list(rows), hide_index=True, column_config={**whole, **columns}, placeholder=NONE)


def chart(figure: object, alt: str) -> None:
    """A chart that is only looked at: a `Plot`, or a figure of Plotly's own."""
    shown = figure.spec if isinstance(figure, Plot) else figure
    st.plotly_chart(shown, theme="streamlit", config={"displayModeBar": False}, alt=alt)


def below(
    ran: Ran,
    parts: Sequence[str],
    text: str,
    name: str = "",
    rows: Sequence[Mapping[str, object]] = (),
    *,
    after: str = "",
) -> None:
    """What stands under a part: its rows as a file, and the way to its numbers.

    Args:
        name: of the file; unique on the page.
        after: said below the statements.
    """
    with st.container(horizontal=True):
        if rows:
            download(name, rows)
        how(ran, parts, text, after)


def download(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """The rows as a file."""
    st.download_button(
        "CSV", as_csv(rows), f"gearbox-{name}.csv", "text/csv", key=f"download-{name}", type="tertiary",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def how(ran: Ran, parts: Sequence[str], text: str, after: str = "") -> None:
    """The way from the stored calls to numbers, as it was run. A part that did not run is left out."""
    with st.popover("How is this computed?", type="tertiary", icon=":material/function:"):
        st.write(text)
        used: dict[str, object] = {}
        for part in parts:
            if part not in ran:
                continue
            sql, parameters = ran[part]
            st.code(sql, "sql")
            used |= {name: value for name, value in parameters.items() if name not in _LONG}
        st.caption("Run over the usage warehouse, in UTC, with:")
        st.code("\n".join(f"${name} = {parameter(value)}" for name, value in used.items()), None, wrap_lines=True)
        if after:
            st.caption(after)


def parameter(value: object) -> str:
    """A query's parameter."""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC):%Y-%m-%d %H:%M} UTC"
    return "null (any)" if value is None else str(value)
