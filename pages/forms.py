"""A question of a running tool: a form to fill in, or a page to open. Its words are the asker's, and act as nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from core.errors import GearboxError
from core.tools.forms import FormField, FormKind, filled, form_of
from data.values.questions import Question, Reply, Said
from pages import outcome
from pages.plain import plain
from pages.session import Session
from pages.tools.words import visible
from pages.visit import Visit
from pages.widget_keys import Keys

Answer = Callable[[str, Said], object]
"""Takes what the person says to the question of a key; called in a callback."""

_LONG = 200
_HINTS = {
    FormKind.EMAIL: "name@example.org",
    FormKind.URI: "https://",
    FormKind.MOMENT: "2026-11-29T14:30:00Z",
}


def draw(key: str, question: Question, take: Answer) -> None:
    """Draw it. `key` is the question's."""
    asker = plain(visible(question.asker))
    with st.form(_key(key, ""), border=True):
        st.markdown(f":material/help: **{asker} asks**")
        st.text(visible(question.message))
        fields = () if question.url else form_of(question.schema)
        if question.url:
            _page(question.url)
        elif any(field.seems_secret for field in fields):
            st.warning(
                f"Never enter a password or a key here: {asker} gets it as it stands.", icon=":material/warning:"
            )
        for field in fields:
            _input(_key(key, field.name), field)
        _say_whose(question, asker)
        outcome.say(key)
        with st.container(horizontal=True):
            accept = "I opened it" if question.url else f"Send to {asker}"
            for label, reply in ((accept, Reply.ACCEPT), ("Decline", Reply.DECLINE), ("Cancel", Reply.CANCEL)):
                st.form_submit_button(
                    label,
                    type="primary" if reply is Reply.ACCEPT else "secondary",
                    key=_key(key, f"-{reply.value}"),
                    on_click=_say,
                    args=(key, fields, reply, take),
                )


def answer(visit: Visit, conversation_id: str, key: str, said: Said) -> None:
    """Tell the answer in progress of a conversation what the person says; a callback."""
    turn = visit.services.chat.live(visit.actor, conversation_id)
    if turn is None or not turn.questions.answer(key, said):
        st.toast("Nobody waits for this answer any more.", icon=":material/info:")


def _say_whose(question: Question, asker: str) -> None:
    minutes = max(1, round(question.seconds / 60))
    st.caption(
        f"{asker} is a tool server, not Gearbox. What you enter goes there, and to no model unless it says it again. "
        f"Without an answer within {minutes} minutes it is told that you cancelled."
    )


def _page(url: str) -> None:
    st.caption("It wants you to open this page. Open it only if you expected that.")
    st.code(visible(url), language=None, wrap_lines=True)
    st.link_button(f"Open {plain(_host(url))}", url, icon=":material/open_in_new:")


def _host(url: str) -> str:
    """In plain letters: a foreign one may look like another."""
    host = urlsplit(url).hostname or ""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ascii(host)


def _say(key: str, fields: tuple[FormField, ...], reply: Reply, take: Answer) -> None:
    said = Said(reply)
    if reply is Reply.ACCEPT:
        session = Session()
        values = {field.name: _value(session.chosen(_key(key, field.name))) for field in fields}
        try:
            said = Said(reply, filled(fields, values))
        except GearboxError as error:
            outcome.refuse(key, plain(visible(str(error))))
            return
    take(key, said)


def _value(chosen: object) -> object:
    return chosen.isoformat() if isinstance(chosen, date) else chosen


def _input(key: str, field: FormField) -> None:
    title = plain(visible(field.title))
    label = title if field.is_needed or field.kind is FormKind.YES_NO else f"{title} :gray[(optional)]"
    common: dict[str, Any] = {"key": key, "help": plain(visible(field.description)) or None}
    values = [value for value, _ in field.choices]
    match field.kind:
        case FormKind.YES_NO:
            st.checkbox(label, bool(field.default), **common)
        case FormKind.CHOICE:
            at = values.index(field.default) if field.default in values else None
            st.selectbox(label, values, at, format_func=_names(field), **common)
        case FormKind.CHOICES:
            st.multiselect(label, values, field.default or [], format_func=_names(field), **common)
        case FormKind.WHOLE:
            st.number_input(label, value=None if field.default is None else int(field.default), step=1, **common)
        case FormKind.NUMBER:
            st.number_input(label, value=None if field.default is None else float(field.default), format="%g", **common)
        case FormKind.DATE:
            given = date.fromisoformat(field.default) if field.default else None
            st.date_input(label, given, date(1000, 1, 1), date(9999, 12, 31), format="YYYY-MM-DD", **common)
        case FormKind.TEXT if (field.most or 0) > _LONG:
            st.text_area(label, field.default or "", **common)
        case _:
            st.text_input(label, field.default or "", placeholder=_HINTS.get(field.kind), **common)


def _names(field: FormField) -> Any:
    called = dict(field.choices)
    return lambda value: visible(called[value])


def _key(key: str, name: str) -> str:
    return f"{Keys.QUESTION}-{key}{name and f'-{name}'}"
