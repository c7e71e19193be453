"""The question whether a plan is to be made: its steps, what they take, and for power users a way to change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from core.chat.planning.edited import Changes
from core.errors import GearboxError
from data.values.money import Cost, CostBasis
from data.values.plans import Action, Plan, Step
from pages import outcome
from pages.footer import money, seconds
from pages.plain import plain
from pages.session import Session
from pages.step_parts import ICONS, NAMES, asked
from pages.widget_keys import Keys

_USUAL = "the conversation's model"

Answer = Callable[[str, Plan | None, Changes], None]
"""Told the key of the question, and the plan that is to be made, with what is changed in it; None for none."""


@dataclass(frozen=True, slots=True)
class PlanCard:
    """What the question needs.

    Args:
        edited: the plan with changes, as it would be made. Raises GearboxError where they make no sense.
        makers: the ids of the models that can make such a step.
    """

    answer: Answer
    edited: Callable[[Plan, Changes], Plan]
    makers: Callable[[Action], Sequence[str]]
    may_edit: bool


def draw(key: str, plan: Plan, card: PlanCard) -> None:
    """Ask whether the plan is to be made."""
    now, changes, refused = plan, Changes(), ""
    if card.may_edit:
        changes = _changes(key, plan)
        try:
            now = card.edited(plan, changes)
        except GearboxError as error:
            refused = plain(error.explain())
    with st.container(border=True, key=f"{Keys.PLAN}-{key}", gap="small"):
        _draw_head(now)
        left = {step.id: step for step in now.steps}
        for step in plan.steps:
            if card.may_edit:
                _draw_fields(key, step, left.get(step.id), card)
            else:
                _draw_step(step)
        if refused:
            st.warning(refused, icon=":material/info:")
        outcome.say(key)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Make it",
                key=f"{Keys.PLAN}-yes-{key}",
                type="primary",
                disabled=bool(refused),
                on_click=card.answer,
                args=(key, plan, changes),
            )
            st.button("Don't", key=f"{Keys.PLAN}-no-{key}", on_click=card.answer, args=(key, None, Changes()))


def _draw_head(plan: Plan) -> None:
    takes = " and ".join(each for each in (_cost(plan), _time(plan.seconds)) if each)
    count = len(plan.steps)
    title = f":material/account_tree: **This reply has {count} part{'' if count == 1 else 's'}**"
    st.markdown(f"{title}: {takes}" if takes else title)


def _in_a_line(step: Step) -> str:
    words = [f"{ICONS[step.action]} **{NAMES[step.action]}**", plain(step.model) if step.model else _USUAL]
    words += [_priced(step.cost)] if step.cost is not None else ["not priced"]
    words += [_time(step.seconds)] if step.seconds is not None else []
    return " · ".join(words)


def _draw_step(step: Step) -> None:
    st.markdown(_in_a_line(step))
    if said := asked(step.instruction):
        st.caption(plain(said))


def _draw_fields(key: str, step: Step, now: Step | None, card: PlanCard) -> None:
    """A step that can be changed; `now` is as it is changed, None where it is not made."""
    is_in = st.checkbox(_in_a_line(now or step), value=True, key=_field(key, step, "in"))
    if now is None:
        if is_in:
            st.caption("Not made either: it uses what is left out.")
        return
    empty = "As it is read naturally" if step.action is Action.SPEAK else ""
    say = _field(key, step, "say")
    st.text_area("What is made", step.instruction, placeholder=empty, key=say, label_visibility="collapsed", height=80)
    makers = list(card.makers(step.action))
    if step.model and step.model not in makers:
        makers.insert(0, step.model)
    if len(makers) > 1:
        st.selectbox(
            "Made by",
            makers,
            index=makers.index(step.model) if step.model else None,
            placeholder="The conversation's model",
            key=_field(key, step, "by"),
            label_visibility="collapsed",
        )


def _changes(key: str, plan: Plan) -> Changes:
    """What the fields say by now; those that were not drawn yet say nothing."""
    session = Session()

    def said(step: Step, name: str, otherwise: str) -> str:
        found = session.chosen(_field(key, step, name))
        return otherwise if found is None else str(found)

    removed = {step.id for step in plan.steps if session.chosen(_field(key, step, "in")) is False}
    left = [step for step in plan.steps if step.id not in removed]
    told = {step.id: said(step, "say", step.instruction) for step in left}
    by = {step.id: said(step, "by", step.model) for step in left}
    return Changes(
        frozenset(removed),
        {step.id: told[step.id] for step in left if told[step.id].strip() != step.instruction.strip()},
        {step.id: by[step.id] for step in left if by[step.id] != step.model},
    )


def _field(key: str, step: Step, name: str) -> str:
    return f"{Keys.PLAN}-{name}-{key}-{step.id}"


def _cost(plan: Plan) -> str:
    if plan.cost is not None:
        return _priced(plan.cost)
    known = [step.cost for step in plan.steps if step.cost is not None]
    return f"at least {_priced(sum(known, Decimal()))}" if known else ""


def _priced(amount: Decimal) -> str:
    return money(Cost(amount, CostBasis.ESTIMATED))


def _time(taken: float | None) -> str:
    return "" if taken is None else f"about {seconds(taken * 1000)}"
