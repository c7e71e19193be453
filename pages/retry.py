"""Offers to answer the last prompt again when its answer did not come to its end."""

from __future__ import annotations

import streamlit as st

from core.chat.selection import Choice
from core.errors import GearboxError
from data.values.messages import Author, Message, MessageStatus
from data.values.parts import StepPart, text_of
from data.values.plans import StepState
from pages import messages
from pages.session import Session
from pages.visit import Visit

_RETRYABLE = {MessageStatus.STOPPED, MessageStatus.INTERRUPTED, MessageStatus.FAILED}


def draw(visit: Visit, since: list[Message], choice: Choice | None) -> None:
    """Draw the button, where there is something to answer again; `since` are the messages after the window."""
    conversation_id = Session().conversation_id
    if conversation_id is None:
        return
    last = since[-1] if since else next(iter(visit.services.chat.window(visit.actor, conversation_id, limit=1)), None)
    if last is None or (last.author is Author.ASSISTANT and (_is_answered(last) or messages.was_refused(last))):
        return  # below what was refused is a row: to change the prompt, or have it answered after all
    if st.button("Retry", icon=":material/refresh:", key="retry"):
        try:
            visit.services.chat.retry(visit.actor, conversation_id, choice)
        except GearboxError as error:
            st.error(error.explain(), icon=":material/error:")
            return
        st.rerun()


def _is_answered(answer: Message) -> bool:
    """Whether there is something to go on from; parts that failed are made again one by one."""
    begun = {StepState.DONE, StepState.FAILED, StepState.STOPPED}
    if planned := [part for part in answer.parts if isinstance(part, StepPart)]:
        return any(part.state in begun for part in planned)
    return answer.status not in _RETRYABLE and bool(text_of(answer.parts))
