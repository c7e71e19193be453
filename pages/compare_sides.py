"""The answers of a comparison side by side, while they are written and afterwards, and what the person says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.live import LiveTurn
from core.errors import GearboxError
from data.values.comparisons import Comparison, Side, Verdict
from data.values.messages import Author, Message, MessageStatus
from data.values.money import UNPRICED, Cost, total
from data.values.parts import ErrorPart, NoticePart, Part, pictures_in, unfolded
from pages import compare_live, messages
from pages.attached import Beside
from pages.footer import draw_footer, money
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_LETTERS = "ABCD"
_ENDED = {MessageStatus.COMPLETE, MessageStatus.STOPPED}


@dataclass(frozen=True, slots=True)
class _Shown:
    """One side on the page; `name` is what it may be called."""

    side: Side
    name: str
    said: Sequence[Message]
    turn: LiveTurn | None

    @property
    def answer(self) -> Message | None:
        """Its answer, if it has one."""
        return self.said[-1] if self.said and self.said[-1].author is Author.ASSISTANT else None

    @property
    def can_win(self) -> bool:
        """Whether there is something to be judged."""
        return self.turn is None and self.answer is not None and self.answer.status in _ENDED


@st.fragment
def draw(visit: Visit, comparison: Comparison) -> None:
    """Draw all of it."""
    shown = _sides(visit, comparison)
    if said := next((each.said[0] for each in shown if each.said and each.said[0].author is Author.USER), None):
        side = next(each.side for each in shown if said in each.said)
        messages.draw_said(said.id, said.parts, _beside(visit, side.conversation_id, said.parts))
    places = [column.container() for column in _columns(shown)]
    running: list[tuple[DeltaGenerator, LiveTurn]] = []
    for place, each in zip(places, shown, strict=True):
        with place:
            _title(comparison, each)
            if each.turn is None:
                _draw_side(visit, comparison, each)
            elif comparison.hides_names and each.turn.is_planned:  # its parts say who makes them
                st.caption(":material/more_horiz: Working")
                running.append((st.container(), each.turn))
            else:
                running.append((st.container(), each.turn))
    if running:
        if compare_live.watch(visit, running, quiet=comparison.hides_names):
            st.rerun()
        return
    _verdict(visit, comparison, shown)


def _columns(shown: Sequence[_Shown]) -> Sequence[DeltaGenerator]:
    """Side by side where there is room; below 640 pixels Streamlit puts columns one below the other."""
    with st.container(key=Keys.SIDES):
        return st.columns(len(shown), gap="medium")


def _sides(visit: Visit, comparison: Comparison) -> list[_Shown]:
    said = visit.services.comparing.said(visit.actor, comparison)
    turns = [visit.services.chat.live(visit.actor, side.conversation_id) for side in comparison.sides]
    names = [f"Answer {letter}" for letter, _ in zip(_LETTERS, comparison.sides, strict=False)]
    if not comparison.hides_names:
        labels = {model.id: model.label for model in visit.services.connections.models(visit.actor)}
        names = [labels.get(side.model_id, side.model_id) for side in comparison.sides]
        if len(set(names)) < len(names):  # two servers may have the same model
            names = [side.model_id for side in comparison.sides]
    return [_Shown(*each) for each in zip(comparison.sides, names, said, turns, strict=True)]


def _title(comparison: Comparison, each: _Shown) -> None:
    won = " :material/trophy:" if comparison.winner == each.side.conversation_id else ""
    st.markdown(f"**{plain(each.name)}**{won}")


def _draw_side(visit: Visit, comparison: Comparison, each: _Shown) -> None:
    answer = each.answer
    if answer is None:
        st.caption(":material/error: This model could not be asked.")
        _ask_again(visit, comparison, each)
        return
    if answer.status is MessageStatus.STREAMING:
        st.caption(":material/pending: Being written by another process; reload to see more.")
        return
    beside = _beside(visit, each.side.conversation_id, answer.parts)
    with st.container(key=f"answer-{answer.id}"):
        parts = _nameless(answer.parts) if comparison.hides_names else answer.parts
        messages.draw_parts(parts, beside, message_id=answer.id)
        if comparison.hides_names:
            if answer.status is MessageStatus.STOPPED:
                st.caption(":material/stop_circle: Stopped")
        else:
            draw_footer(answer.status, answer.details, answer.parts, advanced=visit.preferences.advanced)
    if answer.status not in _ENDED and comparison.verdict is None:
        _ask_again(visit, comparison, each)


def _nameless(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Without what names the model: who judges must not know."""
    shown = [part for part in unfolded(parts) if not isinstance(part, NoticePart)]
    failed = NoticePart("This one gave no answer.")
    return tuple(failed if isinstance(part, ErrorPart) else part for part in shown)


def _ask_again(visit: Visit, comparison: Comparison, each: _Shown) -> None:
    if each.said and st.button("Try again", icon=":material/refresh:", key=f"{Keys.AGAIN}-{each.side.conversation_id}"):
        try:
            visit.services.comparing.ask_again(visit.actor, comparison.id, each.side.conversation_id)
        except GearboxError as error:
            st.error(plain(error.explain()), icon=":material/error:")
            return
        st.rerun(scope="fragment")


def _verdict(visit: Visit, comparison: Comparison, shown: Sequence[_Shown]) -> None:
    able = [each for each in shown if each.can_win]
    costs = [each.answer.details.cost for each in shown if each.answer and each.answer.details]
    with st.container(key=Keys.VERDICT, gap="small"):
        if comparison.verdict is not None:
            _go_on(visit, comparison, able)
        elif len(able) > 1:
            st.markdown("**Which answer is better?**")
            _ask_verdict(visit, comparison, able)
        else:
            st.caption("Fewer than two answers came: there is nothing to choose between.")
            _go_on(visit, comparison, able)
        if costs:
            st.caption(f":material/payments: All answers together: {together(costs)}")


def together(costs: Sequence[Cost]) -> str:
    """What is known of it; one answer that failed says nothing of the others."""
    known = [cost for cost in costs if cost.amount is not None]
    rest = len(costs) - len(known)
    if not known or not rest:
        return money(total(costs))
    return f"{money(total(known))}, and {rest} {money(UNPRICED)}"


def _ask_verdict(visit: Visit, comparison: Comparison, able: Sequence[_Shown]) -> None:
    judge = partial(_judge, visit, comparison)
    with st.container(horizontal=True, gap="small"):
        for each in able:
            if st.button(
                plain(each.name),
                type="primary",
                icon=":material/thumb_up:",
                key=f"{Keys.VERDICT}-{each.side.conversation_id}",
            ):
                judge(Verdict.BETTER, each.side.conversation_id)
        if st.button("All equally good", icon=":material/balance:", key=f"{Keys.VERDICT}-tied"):
            judge(Verdict.TIED)
        if st.button("None is good", icon=":material/thumb_down:", key=f"{Keys.VERDICT}-none"):
            judge(Verdict.NONE)


def _judge(visit: Visit, comparison: Comparison, verdict: Verdict, winner: str | None = None) -> None:
    try:
        visit.services.comparing.judge(visit.actor, comparison.id, verdict, winner)
    except GearboxError as error:
        st.error(plain(error.explain()), icon=":material/error:")
        return
    st.rerun()


def _go_on(visit: Visit, comparison: Comparison, able: Sequence[_Shown]) -> None:
    said = {
        Verdict.BETTER: "You chose the better one. Go on with it as a conversation; the others stay here.",
        Verdict.TIED: "You found all equally good. You can go on with any of them.",
        Verdict.NONE: "You found none of them good.",
        None: "",
    }[comparison.verdict]
    if said:
        st.markdown(said)
    with st.container(horizontal=True, gap="small"):
        for each in able:
            conversation_id = each.side.conversation_id
            kind: Literal["primary", "secondary"] = "primary" if comparison.winner == conversation_id else "secondary"
            if st.button(
                f"Go on with {plain(each.name)}",
                type=kind,
                icon=":material/chat:",
                key=f"{Keys.GO_ON}-{each.side.conversation_id}",
            ):
                visit.services.comparing.go_on(visit.actor, comparison.id, conversation_id)
                st.switch_page(visit.places.chat, query_params=Session.conversation_link(conversation_id))


def _beside(visit: Visit, conversation_id: str, parts: Sequence[Part]) -> Beside:
    previews = visit.services.chat.previews(visit.actor, conversation_id, pictures_in(tuple(parts)))
    return Beside(
        previews,
        partial(visit.services.chat.file, visit.actor, conversation_id),
        look=partial(visit.services.attached_files.look, visit.actor, conversation_id),
    )
