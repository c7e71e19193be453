"""The chip below the chat's field: which model would answer what is being written, why, and about what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.chat.selection import Choice
from core.errors import GearboxError
from core.routing.asked import AUTO
from data.values.calls import ChosenBy
from data.values.messages import Message
from data.values.routing import Chooser, Decision
from pages import candidates, draft_watch, held, suggestions
from pages.draft_watch import Draft
from pages.page_sessions import uploaded
from pages.plain import plain, unlinked
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


@dataclass(frozen=True, slots=True)
class Chip:
    """What the chip shows: the choice for what is being written, and nothing of its words.

    `auto` is Gearbox's own, where the person took another.
    """

    choice: Choice
    auto: Choice | None = None


def draw(
    visit: Visit,
    choice: Choice | None,
    answers: Sequence[Message],
    since: Callable[[], Sequence[Message]],
    *,
    is_sent: bool,
) -> Choice | None:
    """Draw the chip where Gearbox chooses. Returns the choice that it showed for what is sent now, else the same.

    Args:
        choice: the model that is likely to be asked next.
        answers, since: what is known of the conversation's messages; the later ones are read at a pause.
    """
    if choice is None or choice.chosen_by is not ChosenBy.AUTO:
        return choice
    session = Session()
    shown = session.chip if is_sent else None
    if is_sent:
        session.chip = None  # before it is drawn: what was sent is no draft any more
    _chip(visit, answers, since)
    return shown.choice if isinstance(shown, Chip) else choice


@st.fragment
def _chip(visit: Visit, answers: Sequence[Message], since: Callable[[], Sequence[Message]]) -> None:
    """Watch the field, and draw what would answer. A fragment of its own: a pause in typing draws nothing else anew."""
    session = Session()
    draft = draft_watch.heard()
    if draft is not None:
        session.chip = None if draft.is_empty else _decided(visit, session, draft, [*answers, *since()])
    with st.empty():  # what was shown before goes at once, not when the run ends: that may take as long as an answer
        if isinstance(chip := session.chip, Chip) and chip.choice.decision is not None:
            _line(visit, chip.choice.decision)


def _line(visit: Visit, decision: Decision) -> None:
    said = visit.services.routing.explain(visit.actor, decision)
    line = st.popover(
        plain(said.line), icon=candidates.icon(decision), type="tertiary", key=Keys.CHIP, on_change="rerun"
    )
    if not line.open:
        return
    with line:
        st.markdown(unlinked(" ".join(said.why)))
        suggestions.draw(visit, decision, partial(_take_instead, visit), place="chip")
        candidates.draw(decision, said, partial(_take_instead, visit), place="chip")
        if decision.chooser is Chooser.PERSON:
            st.button("Leave it to Auto", icon=":material/undo:", type="tertiary", key="chip-auto", on_click=_leave)


def _decided(visit: Visit, session: Session, draft: Draft, history: Sequence[Message]) -> Chip | None:
    """Who would answer. What the person took instead for this prompt stays theirs while they write on."""
    before = session.chip
    own = before.choice.decision if isinstance(before, Chip) else None
    if own is not None and own.chooser is not Chooser.PERSON:
        own = None
    try:
        choice = visit.services.chat.choice(
            visit.actor,
            visit.preferences,
            picked=own.chosen if own is not None else session.picked_model,
            history=history,
            prompt=draft.text,
            files=[*held.files(), *uploaded(draft.files)],
            conversation_id=session.conversation_id,
            overrules=own.overrules if own is not None else None,
        )
    except GearboxError:
        return None  # nothing is sent yet: who sends it is told
    return Chip(choice) if choice is not None else None


def _take_instead(visit: Visit, model_id: str) -> None:
    """Have another model answer this prompt; a callback."""
    session = Session()
    session.choose(Keys.CHIP, False)
    if not isinstance(chip := session.chip, Chip):
        return
    try:
        other = visit.services.routing.instead(visit.actor, chip.choice, model_id)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/info:")
        return
    session.chip = Chip(other, chip.auto or chip.choice)
    session.picked_model = AUTO  # it is for this prompt: the next one is Auto's again


def _leave() -> None:
    """Leave this prompt to Auto again; a callback."""
    session = Session()
    session.choose(Keys.CHIP, False)
    chip = session.chip
    session.chip = Chip(chip.auto) if isinstance(chip, Chip) and chip.auto is not None else None
