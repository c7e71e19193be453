"""What the parts of the page are drawn with: tiles, tables to download, charts, and the way to each number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from data.analytics.performance_values import PerformanceFacts
from pages.performance.files import as_csv
from pages.performance.words import parameter
from pages.plain import plain
from pages.widget_keys import Keys

_GROUPED = st.column_config.NumberColumn(format="localized")
_LONG = frozenset({"edges", "shown_edges"})


def tiles(*each: tuple[str, str, Sequence[str]]) -> None:
    """Numbers beside each other: what it is, the number, and lines about it."""
    with st.container(horizontal=True, gap="small"):
        for label, value, notes in each:
            # Not st.metric: it cuts its texts short when two tiles share 390 px.
            with st.container(border=True, width="stretch", gap=None):
                st.caption(label)
                st.subheader(plain(value), anchor=False)
                for note in notes:
                    st.caption(plain(note))


def table(name: str, rows: Sequence[Mapping[str, object]], **columns: ColumnConfig) -> None:
    """The rows. Streamlit's own download of them is hidden: it would leave formulas in."""
    whole = {name: _GROUPED for row in rows for name, value in row.items() if isinstance(value, int)}
    with st.container(key=f"{Keys.NO_EXPORT}-{name}"):
        st.dataframe(list(rows), hide_index=True, column_config={**whole, **columns})


def below(
    facts: PerformanceFacts, parts: Sequence[str], text: str, name: str = "", rows: Sequence[Mapping[str, object]] = ()
) -> None:
    """What stands under a part: its rows as a file, and the way to its numbers."""
    with st.container(horizontal=True):
        if rows:
            _download(name, rows)
        _how(facts, parts, text)


def _download(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """The rows as a file."""
    st.download_button(
        "CSV", as_csv(rows), f"gearbox-{name}.csv", "text/csv", key=f"download-performance-{name}", type="tertiary",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def chart(figure: object, alt: str) -> None:
    """A chart that is only looked at."""
    st.plotly_chart(figure, theme="streamlit", config={"displayModeBar": False}, alt=alt)


def _how(facts: PerformanceFacts, parts: Sequence[str], text: str) -> None:
    """The way from the stored calls to the numbers above, as it was run."""
    with st.popover("How is this computed?", type="tertiary", icon=":material/function:"):
        st.write(text)
        used: dict[str, object] = {}
        for part in parts:
            sql, parameters = facts.ran[part]
            st.code(sql, "sql")
            used |= {name: value for name, value in parameters.items() if name not in _LONG}
        st.caption("Run over the usage warehouse, in UTC, with:")
        st.code("\n".join(f"${name} = {parameter(value)}" for name, value in used.items()), None, wrap_lines=True)
        st.caption("The period before ran the same with its own times.")
