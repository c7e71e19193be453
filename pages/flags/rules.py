"""The rules of a flag, in order, each with its share; and what counts where none holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import streamlit as st

from core.clock import utc_now
from data.values.flags import PARTS, Flag, FlagState, Rule
from pages import outcome
from pages.flags import rule_form, words
from pages.flags.acting import PLACE, asked
from pages.flags.words import Names
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw them, and the way to a new one."""
    now = utc_now()
    if flag.state is not FlagState.ON:
        word = "killed" if flag.state is FlagState.KILLED else "off"
        st.warning(
            f"It is {word}: everybody gets **{plain(flag.off)}**, and nothing below counts.", icon=":material/block:"
        )
    for needed in flag.prerequisites:
        st.markdown(f":material/link: Only where **{plain(needed.flag)}** is **{plain(needed.variant)}**.")
    if flag.rules:
        st.caption("The first rule that holds counts.")
    for place, rule in enumerate(flag.rules):
        with st.container(border=True, key=f"rule-{rule.id}", gap="xsmall"):
            _rule(visit, flag, place, names, now)
    with st.container(horizontal=True, vertical_alignment="center"):
        lead = "Where no rule holds" if flag.rules else "Everybody"
        st.markdown(f":material/subdirectory_arrow_right: {lead}: **{plain(flag.default)}**")
        if st.button("Add a rule", icon=":material/add:"):
            rule_form.dialog(visit, flag, None, names)


def _rule(visit: Visit, flag: Flag, place: int, names: Names, now: datetime) -> None:
    rule = flag.rules[place]
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap="xsmall"):
            st.markdown(f"**{place + 1}.** {words.conditions(rule, names)}")
            st.markdown(f":material/subdirectory_arrow_right: {words.outcome(rule, flag.unit, now)}")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            if place:
                st.button(
                    "Move up", key=f"up-{rule.id}", icon=":material/arrow_upward:", type="tertiary",
                    on_click=_moved, args=(visit, flag, place),
                )  # fmt: skip
            if st.button("Edit", key=f"edit-{rule.id}", icon=":material/edit:", type="tertiary"):
                rule_form.dialog(visit, flag, place, names)
            if st.button("Remove", key=f"remove-{rule.id}", icon=":material/delete:", type="tertiary"):
                kept = tuple(each for each in flag.rules if each is not rule)
                asked(
                    f"Remove rule {place + 1}?",
                    words.conditions(rule, names),
                    yes="Remove",
                    act=lambda why: visit.services.flag_parts.admin.save(visit.actor, replace(flag, rules=kept), why),
                    done="The rule is removed.",
                    needed=False,
                )
    if rule.rollout is not None:
        _slider(visit, flag, rule, names)


def _slider(visit: Visit, flag: Flag, rule: Rule, names: Names) -> None:
    rollout = rule.rollout
    assert rollout is not None
    if rollout.steps:
        st.caption("Its share follows a schedule; edit the rule to change that.")
        return
    with (
        st.form(f"share-form-{rule.id}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        chosen = st.slider(
            f"Share of {words.UNITS[flag.unit]}", 0, 100, round(rollout.share * 100 / PARTS), format="%d%%",
            key=f"{Keys.FLAG_SHARE}-{rule.id}-{flag.version}",
        )  # fmt: skip
        pressed = st.form_submit_button("Set the share")
    if not pressed:
        return
    changed = replace(rule, rollout=replace(rollout, share=chosen * PARTS // 100))
    rules = tuple(changed if each.id == rule.id else each for each in flag.rules)
    asked(
        f"From {words.percent(rollout.share)} to {chosen}%?",
        f"{words.conditions(rule, names)}: {words.outcome(changed, flag.unit, utc_now())}.",
        yes="Set the share",
        act=lambda why: visit.services.flag_parts.admin.save(visit.actor, replace(flag, rules=rules), why),
        done=f"The share is {chosen}%.",
        needed=False,
    )


def _moved(visit: Visit, flag: Flag, place: int) -> None:
    order = list(flag.rules)
    order[place - 1], order[place] = order[place], order[place - 1]

    def act() -> str:
        visit.services.flag_parts.admin.save(visit.actor, replace(flag, rules=tuple(order)))
        return "The rules are in another order."

    outcome.of(PLACE, act)
