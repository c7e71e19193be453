"""What stands at the end of an answer: the row of what to do with it, and its menus.

Every element costs on every answer of the page (docs/performance.md): the row is one, and what opens is drawn when it
does. The row is a fragment, so that a thumb draws it alone anew.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.routing.feedback import MOST_WORDS, Thumb
from data.values.messages import Message
from data.values.parts import text_of
from data.values.routing import Reason
from pages import answer_dialogs, answer_menu, answer_row, save_menu
from pages.answer_actions import AnswerActions
from pages.attached import Beside
from pages.session import Session
from pages.widget_keys import Keys

REASONS = {
    Reason.WRONG: "Not correct",
    Reason.INCOMPLETE: "Incomplete",
    Reason.IGNORED: "Not what I asked for",
    Reason.TOO_LONG: "Too long",
    Reason.STYLE: "Tone or style",
    Reason.SLOW: "Too slow",
    Reason.REFUSED: "It refused",
    Reason.OTHER: "Something else",
}


def draw(message: Message, beside: Beside) -> None:
    """Draw it for an answer that has ended."""
    with st.container(horizontal=True, gap="small", key=f"end-{message.id}"):
        if beside.answers is not None:
            _row(message, beside.answers)
        if beside.save is not None:
            save_menu.draw(message, beside.save)
        if beside.actions is not None:
            answer_menu.draw(message, beside.actions, beside.answers)


@st.fragment
def _row(message: Message, actions: AnswerActions) -> None:
    key = f"{Keys.ANSWER_ROW}-{message.id}"
    pressed = answer_row.draw(
        key,
        text_of(message.parts).strip(),
        actions.thumb(message.id),
        is_rated=message.details is not None,
        on_press=partial(_hear, key, message.id, actions),
    )
    thumb = actions.thumb(message.id)
    if thumb is not None and not thumb.is_up and Session().asks_why == message.id:
        _ask_why(message.id, thumb, actions)
    match pressed.what if pressed else None:
        case "again" if actions.again(message.id):
            st.rerun()
        case "edit":
            answer_dialogs.edit(message.id, actions)
        case "other":
            answer_dialogs.other(message.id, actions)


def _hear(key: str, message_id: str, actions: AnswerActions) -> None:
    """A callback: what changes the row is done before it is drawn."""
    pressed = answer_row.pressed(key)
    if pressed is None:
        return
    if pressed.what == "copied":
        actions.copied(message_id)
    elif pressed.what == "thumb":
        actions.rate(message_id, None if pressed.is_up is None else Thumb(pressed.is_up))
        Session().asks_why = message_id if pressed.is_up is False else None


def _ask_why(message_id: str, thumb: Thumb, actions: AnswerActions) -> None:
    """Nobody has to say: whatever is said is kept at once."""
    key = f"{Keys.WHY}-{message_id}"
    keep = partial(_keep_why, key, message_id, actions)
    st.pills(
        "What was wrong?", list(REASONS), default=thumb.reason, format_func=REASONS.__getitem__, key=key, on_change=keep
    )
    st.text_input(
        "In your own words",
        thumb.words,
        max_chars=MOST_WORDS,
        key=f"{key}-words",
        placeholder="In your own words, if you like",
        label_visibility="collapsed",
        on_change=keep,
    )


def _keep_why(key: str, message_id: str, actions: AnswerActions) -> None:
    """A callback."""
    session = Session()
    chosen = session.chosen(key)
    reason = chosen if isinstance(chosen, Reason) else None
    actions.rate(message_id, Thumb(False, reason, session.typed(f"{key}-words").strip()))
