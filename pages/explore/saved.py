"""Questions that are kept: the list of them, and what can be done with the one that is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.explore import SavedQuestions
from data.values.actor import Actor
from data.values.saved_queries import QueryKind, SavedQuery
from pages import outcome
from pages.explore.address import Address, Shape, Tab, from_text
from pages.explore.view import View
from pages.plain import plain
from pages.session import Session
from pages.widget_keys import Keys

_PLACE = "explore-saved"
_ICONS = {QueryKind.PICKED: ":material/ads_click:", QueryKind.SQL: ":material/code:"}


def choose(questions: SavedQuestions, actor: Actor) -> None:
    """Draw the list of the questions that the person can open."""
    queries = questions.list(actor)
    with st.popover(f"Saved ({len(queries)})" if queries else "Saved", icon=":material/bookmarks:"):
        if not queries:
            st.caption("Nothing is saved yet. Ask something, and save it to come back to it or to share it.")
        for query in queries:
            words = plain(query.title)
            if query.user_id != actor.user_id:
                words += " · shared with you"
            elif query.is_shared:
                words += " · shared"
            st.button(
                words, key=f"explore-open-{query.id}", icon=_ICONS[query.kind], type="tertiary", on_click=_go,
                args=(query.id,),
            )  # fmt: skip


def heading(questions: SavedQuestions, actor: Actor, query: SavedQuery | None) -> None:
    """Say which saved question is open, with what its owner can do with it."""
    outcome.say(_PLACE)
    if query is None:
        return
    mine = query.user_id == actor.user_id
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(query.title)}**")
        if not mine:
            st.caption("Shared with you. What you change stays yours.")
        else:
            _manage(questions, actor, query)
        st.button("Close", icon=":material/close:", type="tertiary", on_click=_close)


@dataclass(frozen=True, slots=True)
class Question:
    """What is in view, as it would be kept."""

    kind: QueryKind
    body: str
    shape: Shape | None

    @property
    def chart(self) -> str | None:
        """Its shape as text."""
        return self.shape.value if self.shape else None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where questions are kept, and the one that is open."""

    questions: SavedQuestions
    actor: Actor
    query: SavedQuery | None

    @property
    def query_id(self) -> str:
        """Of the one that is open; empty: none is."""
        return self.query.id if self.query else ""


def keep(kept: Kept, asked: Question) -> None:
    """Draw how the question in view is kept."""
    questions, actor, query = kept.questions, kept.actor, kept.query
    is_mine = query is not None and query.user_id == actor.user_id
    if query is not None and is_mine and (query.body, query.chart) != (asked.body, asked.chart):
        st.button(
            "Save changes", icon=":material/save:", type="tertiary", on_click=_rewrite,
            args=(questions, actor, query.id, asked),
        )  # fmt: skip
    with st.popover("Save as…", icon=":material/bookmark_add:", type="tertiary"):
        st.text_input("Title", key=Keys.EXPLORE_TITLE, max_chars=120, placeholder="Cost by team")
        st.toggle("Share it with everybody who can open Explore", key=Keys.EXPLORE_SHARED)
        st.caption("They see the question. What it answers them is what they may see.")
        st.button("Save", type="primary", key=Keys.EXPLORE_SAVE, on_click=_keep, args=(questions, actor, asked))


def open_(view: View, address: Address, query: SavedQuery) -> None:
    """Put a saved question where it is asked. Raises Unreadable when a newer release kept it."""
    shape = Shape(query.chart) if query.chart in set(Shape) else None
    if query.kind is QueryKind.SQL:
        view.statement, view.asked = query.body, query.body
        view.go(Address(Tab.SQL, None, query.id, address.shape or shape))
    else:
        picked = address.picked or from_text(query.body)
        view.go(Address(Tab.PICK, picked, query.id, address.shape or shape))


def _manage(questions: SavedQuestions, actor: Actor, query: SavedQuery) -> None:
    with st.popover("Manage", icon=":material/edit:", type="tertiary"):
        View().fill({Keys.EXPLORE_SHARE: query.is_shared})
        st.toggle(
            "Shared with everybody who can open Explore", key=Keys.EXPLORE_SHARE, on_change=_share,
            args=(questions, actor, query.id),
        )  # fmt: skip
        if query.is_shared:
            st.caption("Send them the address of this page.")
        st.text_input("Another title", query.title, key=f"explore-rename-{query.id}", max_chars=120)
        st.button("Rename", on_click=_rename, args=(questions, actor, query.id))
        st.button("Delete", icon=":material/delete:", on_click=_remove, args=(questions, actor, query))


def _go(query_id: str) -> None:
    view = View()
    view.loaded = ""
    view.go(Address(query=query_id))


def _close() -> None:
    view = View()
    view.go(replace(view.readable(), query=""))


def _keep(questions: SavedQuestions, actor: Actor, asked: Question) -> None:
    def act() -> str:
        shared = bool(Session().chosen(Keys.EXPLORE_SHARED))
        query = questions.keep(
            actor, Session().typed(Keys.EXPLORE_TITLE), asked.kind, asked.body, chart=asked.chart, shared=shared
        )
        view = View()
        view.loaded = query.id
        view.go(replace(view.readable(), query=query.id))
        Session().clear(Keys.EXPLORE_TITLE)
        Session().choose(Keys.EXPLORE_SHARED, False)
        return "Saved, and shared: the address of this page leads to it." if shared else "Saved."

    outcome.of(_PLACE, act)


def _rewrite(questions: SavedQuestions, actor: Actor, query_id: str, asked: Question) -> None:
    def act() -> str:
        questions.rewrite(actor, query_id, asked.body, chart=asked.chart)
        return "Saved."

    outcome.of(_PLACE, act)


def _rename(questions: SavedQuestions, actor: Actor, query_id: str) -> None:
    def act() -> str:
        questions.rename(actor, query_id, Session().typed(f"explore-rename-{query_id}"))
        return "Renamed."

    outcome.of(_PLACE, act)


def _share(questions: SavedQuestions, actor: Actor, query_id: str) -> None:
    def act() -> str:
        shared = bool(Session().chosen(Keys.EXPLORE_SHARE))
        questions.share(actor, query_id, shared=shared)
        return "Shared: the address of this page leads to it." if shared else "Nobody else sees it any more."

    outcome.of(_PLACE, act)


def _remove(questions: SavedQuestions, actor: Actor, query: SavedQuery) -> None:
    def act() -> str:
        questions.remove(actor, query.id)
        _close()
        return f"{plain(query.title)} is deleted."

    outcome.of(_PLACE, act)
