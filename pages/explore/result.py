"""What a question came to: as a chart or a table, as files, and how it was computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.explore import Answer, ExploreService
from core.explore.files import as_csv, as_excel, as_parquet
from data.query.typed import typed_rows
from data.values.actor import Actor
from pages.explore import charts
from pages.explore.address import Address, Shape
from pages.explore.view import View
from pages.moments import zone
from pages.plain import plain
from pages.sample_mark import sample_mark
from pages.session import Session
from pages.usage_words import count
from pages.widget_keys import Keys

_ROWS = 1_000
_SHAPES = {
    Shape.TABLE: ":material/table_rows: Table",
    Shape.LINE: ":material/show_chart: Line",
    Shape.BAR: ":material/bar_chart: Bars",
}


def answered(service: ExploreService, actor: Actor, sql: str, *, stays: bool) -> Answer:
    """What a statement gives; run unless it was the last one.

    Raises:
        GearboxError: see `ExploreService.run`.
    """
    view = View()
    answer = view.answer(sql, stays=stays)
    if answer is None:
        with st.spinner("Asking the warehouse…", show_time=False):
            answer = service.run(actor, sql)
        view.keep(answer)
    return answer


def draw(answer: Answer, address: Address, labels: Mapping[str, str]) -> None:
    """Draw a result as the address says, or as what fits; `labels` are what its columns are called."""
    if answer.samples:
        some = f"Of the {answer.events:,} events that this can count {answer.samples:,} were"
        sample_mark("All that this can count was" if answer.samples == answer.events else some)
    if (since := answer.since) is not None:
        st.info(
            f"The days before {since.day} {since:%B %Y} are being made ready and are not in here yet. Ask again in a "
            "minute for more of them.",
            icon=":material/hourglass_top:",
        )
    rows = answer.rows
    if not rows.rows:
        with st.container(border=True):
            st.subheader("Nothing fits")
            st.write("The question was run, and no row came back. Choose a longer period or fewer filters.")
        return
    frame = typed_rows(rows)
    drawable = charts.drawable(frame)
    fits = charts.fitting(drawable)
    shape = address.shape if address.shape in {Shape.TABLE, *fits} else next(iter(fits), Shape.TABLE)
    with st.container(horizontal=True, vertical_alignment="center"):
        if fits:
            View().fill({Keys.EXPLORE_SHAPE: shape})
            st.segmented_control(
                "Show as", [*fits, Shape.TABLE], key=Keys.EXPLORE_SHAPE, required=True, on_change=_reshape,
                format_func=_SHAPES.__getitem__, label_visibility="collapsed",
            )  # fmt: skip
        number = _number(drawable, labels) if shape is not Shape.TABLE else ""
    if shape is Shape.TABLE:
        _table(answer, labels)
    else:
        figure, left_out = charts.figure(drawable, shape, number, labels)
        st.plotly_chart(
            figure, theme="streamlit", config={"displayModeBar": False},
            alt=f"{labels.get(number, number)}, drawn: {len(rows.rows)} rows",
        )  # fmt: skip
        if left_out:
            st.caption(plain(left_out))
    st.caption(_told(answer))


def downloads(answer: Answer, name: str) -> None:
    """The rows as files; made when somebody wants one."""
    files = (
        ("CSV", as_csv, "csv", "text/csv"),
        ("Parquet", as_parquet, "parquet", "application/vnd.apache.parquet"),
        ("Excel", as_excel, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )
    for label, make, ending, media_type in files:
        st.download_button(
            label, partial(make, answer.rows), f"gearbox-{name}.{ending}", media_type, key=f"download-explore-{ending}",
            type="tertiary", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def how(answer: Answer) -> None:
    """The statement, as it was run."""
    with st.popover("How is this computed?", type="tertiary", icon=":material/function:"):
        st.write(
            "This statement was run over the usage warehouse, in a process of its own that can read nothing else. "
            "People have pseudonyms in it."
        )
        st.code(answer.sql, "sql")


def _table(answer: Answer, labels: Mapping[str, str]) -> None:
    frame = charts.as_shown(typed_rows(replace(answer.rows, rows=answer.rows.rows[:_ROWS])))
    config: dict[str, ColumnConfig] = {}
    for name, kind in frame.schema.items():
        label = labels.get(name, name)
        if kind.is_numeric():
            config[name] = st.column_config.NumberColumn(label, format="localized")
        elif str(kind) == "Date":  # or each would have a midnight
            config[name] = st.column_config.DateColumn(label)
        else:
            config[name] = st.column_config.Column(label)
    with st.container(key=f"{Keys.NO_EXPORT}-explore"):
        st.dataframe(frame, hide_index=True, column_config=config)


def _number(drawable: charts.Drawable, labels: Mapping[str, str]) -> str:
    """Which number is drawn."""
    if len(drawable.numbers) == 1:
        return drawable.numbers[0]
    if Session().chosen(Keys.EXPLORE_NUMBER) not in drawable.numbers:
        Session().choose(Keys.EXPLORE_NUMBER, drawable.numbers[0])
    chosen: str = st.selectbox(
        "Draw", drawable.numbers, key=Keys.EXPLORE_NUMBER, format_func=lambda each: labels.get(each, each),
        label_visibility="collapsed", width=260,
    )  # fmt: skip
    return chosen


def _told(answer: Answer) -> str:
    rows = answer.rows
    total = "1 row" if rows.total == 1 else f"{'More than ' if rows.is_cut else ''}{count(rows.total)} rows"
    parts = [total, f"{answer.seconds:.1f} s", f"the warehouse as of {answer.at.astimezone(zone()):%H:%M:%S}"]
    if len(rows.rows) > _ROWS:
        parts.insert(1, f"the table shows the first {_ROWS:,}")
    if len(rows.rows) < rows.total:
        parts.insert(1, f"files have the first {len(rows.rows):,}")
    return " · ".join(parts)


def _reshape() -> None:
    view = View()
    shape = Session().chosen(Keys.EXPLORE_SHAPE)
    if isinstance(shape, Shape):
        view.go(replace(view.readable(), shape=shape))
