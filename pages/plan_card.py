"""The question whether a plan is to be made: its steps, what they take, and for power users a way to change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from core.chat.planning.edited import Changes
from data.values.money import Cost, CostBasis
from data.values.plans import Action, Plan, Step
from pages.footer import money, seconds
from pages.plain import plain
from pages.session import Session
from pages.step_parts import ICONS, NAMES, asked
from pages.widget_keys import Keys

Answer = Callable[[str, Plan | None, Changes], None]
"""Told the key of the question, and the plan that is to be made, with what is changed in it; None for none."""


@dataclass(frozen=True, slots=True)
class PlanCard:
    """What the question needs. `makers` are the ids of the models that can make such a step."""

    answer: Answer
    makers: Callable[[Action], Sequence[str]]
    may_edit: bool


def draw(key: str, plan: Plan, card: PlanCard) -> None:
    """Ask whether the plan is to be made."""
    with st.container(border=True, key=f"{Keys.PLAN}-{key}", gap="small"):
        takes = " and ".join(each for each in (_cost(plan), _time(plan.seconds)) if each)
        count = len(plan.steps)
        title = f":material/account_tree: **This reply has {count} part{'' if count == 1 else 's'}**"
        st.markdown(f"{title}: {takes}" if takes else title)
        for step in plan.steps:
            _draw_step(key, step, card)
        with st.container(horizontal=True, gap="small"):
            st.button("Make it", key=f"{Keys.PLAN}-yes-{key}", type="primary", on_click=_agree, args=(key, plan, card))
            st.button("Don't", key=f"{Keys.PLAN}-no-{key}", on_click=card.answer, args=(key, None, Changes()))


def _draw_step(key: str, step: Step, card: PlanCard) -> None:
    words = [f"{ICONS[step.action]} **{NAMES[step.action]}**"]
    words += [plain(step.model)] if step.model else []
    words += [_priced(step.cost)] if step.cost is not None else ["not priced"]
    words += [_time(step.seconds)] if step.seconds is not None else []
    if not card.may_edit:
        st.markdown(" · ".join(words))
        if said := asked(step.instruction):
            st.caption(plain(said))
        return
    st.checkbox(" · ".join(words), value=True, key=_field(key, step, "in"))
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


def _agree(key: str, plan: Plan, card: PlanCard) -> None:
    session = Session()
    if not card.may_edit:
        card.answer(key, plan, Changes())
        return
    removed = {step.id for step in plan.steps if session.chosen(_field(key, step, "in")) is False}
    left = [step for step in plan.steps if step.id not in removed]
    said = {step.id: session.typed(_field(key, step, "say")) for step in left}
    by = {step.id: str(session.chosen(_field(key, step, "by")) or step.model) for step in left}
    changes = Changes(
        frozenset(removed),
        {step.id: said[step.id] for step in left if said[step.id].strip() != step.instruction.strip()},
        {step.id: by[step.id] for step in left if by[step.id] != step.model},
    )
    card.answer(key, plan, changes)


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
