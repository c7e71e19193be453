"""What people do with planned replies on the page: agree to a plan, have a part made again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.chat.planning.edited import Changes
from core.errors import GearboxError
from data.values.messages import Message
from data.values.plans import Output, Plan
from pages import messages, outcome
from pages.answer_actions import AnswerActions
from pages.plain import plain
from pages.plan_card import PlanCard
from pages.session import Session
from pages.step_parts import PartActions
from pages.visit import Visit


def of_parts(visit: Visit, conversation_id: str) -> PartActions:
    """What can be done with the parts of a conversation's replies."""
    makers = partial(visit.services.reply_parts.makers, visit.actor)
    return PartActions(
        partial(_again, visit, conversation_id),
        makers,
        partial(_read_aloud, visit, conversation_id),
        partial(_correct, visit, conversation_id),
    )


def of_answers(visit: Visit, conversation_id: str, answers: Sequence[Message]) -> AnswerActions:
    """What can be done with a conversation's answers."""
    draw_aside = partial(messages.draw_aside, advanced=visit.preferences.advanced)
    return AnswerActions(visit, conversation_id, answers, draw_aside)


def plan_card(visit: Visit, conversation_id: str | None = None) -> PlanCard:
    """What the question about a plan needs; without a conversation it is the one in view."""
    makers = partial(visit.services.reply_parts.makers, visit.actor)
    edited = partial(_edited, visit, conversation_id)
    return PlanCard(partial(_answer, visit, conversation_id), edited, makers, visit.preferences.advanced)


def _again(visit: Visit, conversation_id: str, message_id: str, step_id: str, model: str | None) -> None:
    """A callback."""
    try:
        visit.services.reply_parts.again(visit.actor, conversation_id, message_id, step_id, model=model)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/error:")


def _read_aloud(visit: Visit, conversation_id: str, message_id: str) -> None:
    """A callback."""
    try:
        visit.services.reply_parts.read_aloud(visit.actor, conversation_id, message_id)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/error:")


def _correct(visit: Visit, conversation_id: str, message_id: str, outputs: frozenset[Output]) -> None:
    """A callback: it is remembered, and the last answer is made anew."""
    chat = visit.services.chat
    try:
        is_last = visit.services.reply_parts.correct(visit.actor, conversation_id, message_id, outputs)
        if not is_last:
            st.toast("Remembered for prompts like this one.", icon=":material/check:")
            return
        last = chat.window(visit.actor, conversation_id, limit=2)
        choice = chat.choice(visit.actor, visit.preferences, picked=Session().picked_model, history=last)
        chat.retry(visit.actor, conversation_id, choice)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/error:")


def _answer(visit: Visit, conversation_id: str | None, key: str, plan: Plan | None, changes: Changes) -> None:
    """A callback."""
    conversation_id = conversation_id or Session().conversation_id
    if conversation_id is None:
        return
    try:
        visit.services.reply_parts.answer(visit.actor, conversation_id, key, plan, changes)
    except GearboxError as error:
        outcome.refuse(key, plain(error.explain()))  # where the card stands: a fragment's callback can't draw


def _edited(visit: Visit, conversation_id: str | None, plan: Plan, changes: Changes) -> Plan:
    return visit.services.reply_parts.edited(
        visit.actor, conversation_id or Session().conversation_id or "", plan, changes
    )
