"""What stands under each part of the page: its rows as a file, and the way to its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from data.analytics.people_values import PeopleFacts
from pages.figures.drawn import parameter
from pages.figures.files import as_csv


def below(facts: PeopleFacts, part: str, text: str, name: str = "", rows: Sequence[Mapping[str, object]] = ()) -> None:
    """The rows as a file, where there are any, and the query as it was run."""
    with st.container(horizontal=True):
        if rows:
            st.download_button(
                "CSV", as_csv(rows), f"gearbox-people-{name}.csv", "text/csv", key=f"download-people-{name}",
                type="tertiary", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
        with st.popover("How is this computed?", type="tertiary", icon=":material/function:"):
            st.write(text)
            sql, parameters = facts.ran[part]
            st.code(sql, "sql")
            st.caption(f"Run over the usage warehouse; days are those of {facts.weeks.zone}, with:")
            told = "\n".join(f"${name} = {_parameter(name, value)}" for name, value in parameters.items())
            st.code(told, None, wrap_lines=True)


def _parameter(name: str, value: object) -> str:
    if name == "viewer":
        return "you"
    if isinstance(value, list):
        return ", ".join(_parameter(name, each) for each in value)
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else parameter(value)
