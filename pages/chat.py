"""The chat page.

Drawing a message costs the same however old it is, so the page is cut in two (measured, see docs/performance.md): a
full run draws a window of the history once; a fragment with the composer draws only what was said since, and is all
that runs when a message is sent. Anything outside the fragment, like Stop, ends the fragment's run: that is how a
stream can be interrupted.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.attachments import FilesRefused, Taken, take
from core.chat.context import share_in_words, tokens_in
from core.chat.live import LiveTurn
from core.chat.notices import will_stand_in
from core.chat.selection import Choice
from core.chat.service import WINDOW
from core.errors import GearboxError
from data.values.events import TurnEnded
from data.values.messages import Message, MessageStatus
from data.values.parts import Part, pictures_in
from data.values.routing import Decision
from pages import (
    approval,
    choice_chip,
    composer,
    conversation_menu,
    forms,
    held,
    live_answer,
    messages,
    model_picker,
    next_model,
    reply_actions,
    retry,
    running_choice,
    yes_card,
)
from pages.attached import NOTHING, Beside
from pages.composer import Composed
from pages.keys import expiring, sealing
from pages.plain import plain
from pages.running_choice import RunningChoice
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

FOLD_AFTER = 20
"""Messages in the fragment after which a full run folds them into the window: the fragment must stay small."""


def render(visit: Visit) -> None:
    """One full run of the page."""
    session = Session()
    session.show_address()
    session.take_waiting()
    window, here = _load_window(visit, session), session.conversation_id
    running = visit.services.chat.live(visit.actor, here) if here else None
    choice = next_model.likely(visit, running, window)
    asks = _header(visit, session, choice)
    if notice := session.take_notice():
        st.caption(notice)
    _draw_window(visit, session, window)
    with st.bottom, st.container(key=Keys.STOP):
        st.button("Stop", icon=":material/stop:", on_click=_stop, args=(visit,))
    answers = [replace(message, parts=()) for message in window if message.details is not None]
    _live(visit, choice, answers, tokens_in(window), watches=not asks)


def _load_window(visit: Visit, session: Session) -> list[Message]:
    conversation_id = session.conversation_id
    if conversation_id is None:
        session.window = (None, 0, 1)
        return []
    drawn_for, _, windows = session.window
    windows = windows if drawn_for == conversation_id else 1
    try:
        stored = visit.services.chat.window(visit.actor, conversation_id, limit=windows * WINDOW)
    except GearboxError:
        unsent = session.held
        session.conversation_id = None
        if unsent is not None:  # it can begin a new one
            session.held = unsent
        session.window = (None, 0, 1)
        session.say("That conversation does not exist any more.")
        return []
    # One that is written on may stand in the middle: what follows it is drawn with it.
    final = list(itertools.takewhile(lambda each: each.status is not MessageStatus.STREAMING, stored))
    session.window = (conversation_id, final[-1].seq if final else 0, windows)
    return final


def _header(visit: Visit, session: Session, choice: Choice | None) -> bool:
    """Draw the header; says whether a question is open that an answer in progress must not hold up."""
    with visit.top, st.container(key=Keys.CHAT_HEADER, horizontal=True, vertical_alignment="center"):
        model_picker.draw(visit, choice)
        st.space("stretch")
        expiring.chip(visit)
        asks = sealing.chip(visit)
        if session.conversation_id is not None:
            asks = conversation_menu.draw(visit, session, session.conversation_id) or asks
        st.page_link(visit.places.settings, label="Settings", icon=":material/settings:")
    return asks


def _draw_window(visit: Visit, session: Session, window: list[Message]) -> None:
    conversation_id, last, windows = session.window
    if (
        len(window) >= windows * WINDOW
        and window[0].seq > 1
        and st.button("Show earlier messages", type="tertiary", icon=":material/expand_less:")
    ):
        session.window = (conversation_id, last, windows + 1)
        st.rerun()
    beside = _beside(visit, conversation_id, [part for message in window for part in message.parts], window)
    for message in window:
        messages.draw(message, advanced=visit.preferences.advanced, beside=beside)


def _beside(
    visit: Visit, conversation_id: str | None, drawn: Sequence[Part], answers: Sequence[Message] = ()
) -> Beside:
    """What stands beside parts of a conversation; `answers` are those that have ended."""
    if conversation_id is None:
        return NOTHING
    previews = visit.services.chat.previews(visit.actor, conversation_id, pictures_in(tuple(drawn)))
    load = partial(visit.services.chat.file, visit.actor, conversation_id)
    save = partial(visit.services.saved_replies.save, visit.actor, conversation_id)
    look = partial(visit.services.attached_files.look, visit.actor, conversation_id)
    parts, whole = (
        reply_actions.of_parts(visit, conversation_id),
        reply_actions.of_answers(visit, conversation_id, answers),
    )
    return Beside(previews, load, save, parts, look, whole)


def _stop(visit: Visit) -> None:
    conversation_id = Session().conversation_id
    turn = visit.services.chat.live(visit.actor, conversation_id) if conversation_id else None
    if turn is not None:
        turn.stop()
        turn.wait_ended(timeout=3.0)


def _beforehand(visit: Visit, choice: Choice | None) -> str:
    """What a person should know before they write; empty where nothing is out of the ordinary."""
    if choice is None:
        return visit.services.connections.nothing_usable(visit.actor).explain()
    return will_stand_in(choice.model.id, choice.instead_of) if choice.instead_of is not None else ""


@st.fragment
def _live(visit: Visit, choice: Choice | None, answers: list[Message], tokens_before: int, *, watches: bool) -> None:
    """What was said since the window was drawn, the answer in progress, and the composer.

    Args:
        answers: those of the window, without what they say: how their models were chosen.
        tokens_before: of the conversation up to the window's end.
    """
    session = Session()
    waited = session.take_waiting()
    choice = next_model.now(visit, choice, partial(_since, visit, session))
    area = st.container()
    reading = st.container()  # its files are read below all that was said
    with st.bottom:
        told = st.empty()
        prompt = composer.draw()
        if waited and not prompt:
            st.rerun()  # of the whole page: only that ends the looking whether the answer waits still
        if not prompt and (word := _beforehand(visit, choice)):
            told.caption(f":material/info: {plain(word)}")
        with st.container(key=Keys.CONTEXT, horizontal=True, vertical_alignment="center"):
            since_then = partial(_since, visit, session)
            choice = choice_chip.draw(visit, choice, answers, since_then, is_sent=prompt is not None)
            chosen, meter = st.empty(), st.empty()
    with area:
        if prompt:
            is_new = session.conversation_id is None
            with reading:
                _send(visit, session, prompt, choice)
            # Before the first word, so that nothing is left to do after the last one: the sidebar gets the new title,
            # and the window takes in what this fragment has drawn.
            if is_new or waited or len(_since(visit, session)) > FOLD_AFTER:
                st.rerun()
        running = _running(visit, session)
        since = _since(visit, session)
        if not since and session.window[1] == 0 and running is None:
            if not prompt:
                _greeting()
            return
        _draw_context(meter, since, tokens_before, choice)
        place = _draw_since(visit, since, running)
        if running is not None and watches:
            with place:
                ended = _watch(visit, session, running, running_choice.draw(visit, running, chosen))
            if ended is None:
                return
            if running.is_planned:  # its parts can be made again now, and it may stand above others
                st.rerun()
            since = _since(visit, session)
            _draw_context(meter, since, tokens_before, choice)
        elif running is not None:
            beside = _beside(visit, session.conversation_id, so_far := running.parts())
            messages.draw_parts(so_far, beside, message_id=running.begun.reply.id)
            return
        retry.draw(visit, since, choice)


def _watch(visit: Visit, session: Session, running: LiveTurn, chosen: RunningChoice) -> TurnEnded | None:
    """Draw the answer in progress until it has ended; None where it waits for the person, or they pressed something."""

    def ask(key: str, decision: Decision) -> None:
        chosen.hide()  # the question says the same
        yes_card.draw(visit, key, decision)

    here = running.begun.conversation_id
    ended = live_answer.watch(
        running,
        advanced=visit.preferences.advanced,
        beside=partial(_beside, visit, session.conversation_id),
        decide=partial(approval.decide, visit, here),
        answer=partial(forms.answer, visit, here),
        plan_card=reply_actions.plan_card(visit),
        ask=ask,
    )
    if ended is not None:
        chosen.hide()
    if ended is None and running.questions.are_open:
        session.wait()
    return ended


def _draw_context(meter: DeltaGenerator, since: list[Message], before: int, choice: Choice | None) -> None:
    if choice is not None:
        why = "A quarter of what this model reads at once is kept for its answer. When the rest is full, the oldest go."
        meter.caption(share_in_words(tokens_in(since, before), choice.model), help=why)


def _running(visit: Visit, session: Session) -> LiveTurn | None:
    """The answer in progress that the window does not show yet.

    A turn is stored as ended a moment before it is forgotten as live; the window may have drawn its reply by then.
    """
    turn = visit.services.chat.live(visit.actor, session.conversation_id) if session.conversation_id else None
    return None if turn is None or turn.begun.reply.seq <= session.window[1] else turn


def _send(visit: Visit, session: Session, prompt: Composed, choice: Choice | None) -> LiveTurn:
    files: Sequence[Taken] = ()
    try:
        with st.spinner("Reading the files") if prompt.files else nullcontext():
            files = take(prompt.files)
        turn = visit.services.chat.send(visit.actor, session.conversation_id, prompt.text, choice, files=files)
    except GearboxError as error:
        held.hold(prompt.text, error.taken if isinstance(error, FilesRefused) else files, error)
        st.rerun()
    if session.conversation_id is None:
        picked = session.picked_model
        session.conversation_id = turn.begun.conversation_id
        session.picked_model = picked
        session.window = (turn.begun.conversation_id, 0, 1)
    return turn


def _since(visit: Visit, session: Session) -> list[Message]:
    if session.conversation_id is None:
        return []
    return visit.services.chat.window(visit.actor, session.conversation_id, limit=WINDOW, after_seq=session.window[1])


def _draw_since(visit: Visit, since: list[Message], running: LiveTurn | None) -> DeltaGenerator:
    """Draw what was said since the window; returns the place of the answer in progress."""
    beside = _beside(visit, Session().conversation_id, [part for message in since for part in message.parts], since)
    place = None
    for message in since:
        if running is None or message.id != running.begun.reply.id:
            messages.draw(message, advanced=visit.preferences.advanced, beside=beside)
        else:
            place = st.container()
    return place or st.container()


def _greeting() -> None:
    with st.container(key=Keys.GREETING):
        st.title("What shall we work on?", anchor=False)
