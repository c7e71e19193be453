"""The tab where a question is written in SQL, with what can be asked beside it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.errors import GearboxError
from core.explore import ExploreService
from data.values.actor import Actor
from data.values.saved_queries import QueryKind
from data.warehouse.views import View as Table
from pages.explore import result, saved
from pages.explore.address import Address
from pages.explore.examples import SQL
from pages.explore.view import View
from pages.session import Session
from pages.widget_keys import Keys


def draw(service: ExploreService, actor: Actor, address: Address, kept: saved.Kept) -> None:
    """Draw the editor, and what the last statement came to."""
    view = View()
    _restore(view, kept)
    left, right = st.columns([1.8, 1])
    with left:
        view.fill({Keys.EXPLORE_SQL: view.statement})
        st.text_area(
            "SQL", key=Keys.EXPLORE_SQL, height=280, max_chars=20_000, on_change=_typed, args=(kept,),
            label_visibility="collapsed",
            placeholder="SELECT day, count(*) AS calls\nFROM model_calls\nGROUP BY ALL\nORDER BY day",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Run", type="primary", icon=":material/play_arrow:", key=Keys.EXPLORE_RUN, on_click=_run, args=(kept,),
                shortcut="Ctrl+Enter",
            )  # fmt: skip
            if view.restored and view.restored == view.statement:
                st.button(
                    "Discard what was not saved",
                    icon=":material/undo:",
                    type="tertiary",
                    on_click=_discard,
                    args=(kept,),
                )
            st.caption("One SELECT in DuckDB's SQL. It may take 5 seconds, and changes nothing.")
    with right:
        _schema(service.views(actor))
    if not view.asked:
        _begin(kept)
        return
    answer = result.answered(service, actor, view.asked, stays=True)
    result.draw(answer, address, {})
    with st.container(horizontal=True):
        result.downloads(answer, "explore")
        question = saved.Question(QueryKind.SQL, view.statement or view.asked, address.shape)
        saved.keep(kept, question)
        result.how(answer)


def _schema(tables: Sequence[Table]) -> None:
    """What can be asked, with what each column means."""
    with st.container(border=True, height=350, gap="xsmall", key=Keys.EXPLORE_SCHEMA):
        st.caption("What you can ask")
        for table in tables:
            with st.expander(table.name, icon=":material/table:"):
                st.caption(table.about)
                st.caption(
                    "\n".join(f"- `{each.name}` :gray[{_kind(each.sql_type)}] {each.meaning}" for each in table.columns)
                )


def _kind(sql_type: str) -> str:
    return {"VARCHAR": "text", "BIGINT": "whole number", "DOUBLE": "number", "BOOLEAN": "yes or no"}.get(
        sql_type, "time" if sql_type == "TIMESTAMP" else "day" if sql_type == "DATE" else "exact number"
    )


def _begin(kept: saved.Kept) -> None:
    with st.container(border=True):
        st.subheader("Begin with an example")
        for at, (words, sql) in enumerate(SQL):
            st.button(
                words, key=f"explore-sql-example-{at}", type="tertiary", icon=":material/lightbulb:",
                on_click=_begin_with, args=(kept, sql),
            )  # fmt: skip


def _restore(view: View, kept: saved.Kept) -> None:
    """After a reload, put back what this person wrote and did not save."""
    if view.restored is not None:
        return
    view.restored = ""
    saved_text = kept.query.body if kept.query else ""
    if view.statement in {"", saved_text}:  # else it was just brought here from the other tab
        draft = kept.questions.draft(kept.actor, kept.query_id)
        if draft not in {"", saved_text}:
            view.restored = view.statement = draft


def _typed(kept: saved.Kept) -> None:
    _write(kept, Session().typed(Keys.EXPLORE_SQL))


def _run(kept: saved.Kept) -> None:
    _typed(kept)
    view = View()
    view.asked = view.statement or " "  # an empty one is told to be


def _begin_with(kept: saved.Kept, sql: str) -> None:
    _write(kept, sql)
    View().asked = sql


def _discard(kept: saved.Kept) -> None:
    _write(kept, kept.query.body if kept.query else "")


def _write(kept: saved.Kept, sql: str) -> None:
    View().statement = sql
    with suppress(GearboxError):  # what can't be kept can still be run
        kept.questions.keep_draft(kept.actor, kept.query_id, sql)
