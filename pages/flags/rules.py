"""The rules of a flag, in order, each with its share; and what counts where none holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import streamlit as st

from core.clock import utc_now
from data.values.flags import PARTS, Flag, Rule
from pages import outcome
from pages.flags import rule_form, words
from pages.flags.acting import PLACE, asked
from pages.flags.words import Names
from pages.plain import plain
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw them, and the way to a new one."""
    now = utc_now()
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
        _slider(visit, flag, rule)


def _slider(visit: Visit, flag: Flag, rule: Rule) -> None:
    rollout = rule.rollout
    assert rollout is not None
    if rollout.steps:
        st.caption("Its share follows a schedule; edit the rule to change that.")
        return
    with (
        st.form(f"share-form-{rule.id}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.slider(
            f"Share of {words.UNITS[flag.unit]}", 0, 100, round(rollout.share * 100 / PARTS), format="%d%%",
            key=_share_key(flag, rule),
        )  # fmt: skip
        st.form_submit_button("Set the share", on_click=_set_share, args=(visit, flag, rule))


def _share_key(flag: Flag, rule: Rule) -> str:
    return f"{Keys.FLAG_SHARE}-{rule.id}-{flag.version}"


def _set_share(visit: Visit, flag: Flag, rule: Rule) -> None:
    rollout, chosen = rule.rollout, Session().chosen(_share_key(flag, rule))
    assert rollout is not None and isinstance(chosen, int)
    share = chosen * PARTS // 100
    changed = replace(rule, rollout=replace(rollout, share=share))
    rules = tuple(changed if each.id == rule.id else each for each in flag.rules)

    def act() -> str:
        visit.services.flag_parts.admin.save(
            visit.actor, replace(flag, rules=rules), f"{words.percent(rollout.share)} to {chosen}%"
        )
        return f"The share is {chosen}%."

    outcome.of(PLACE, act)


def _moved(visit: Visit, flag: Flag, place: int) -> None:
    order = list(flag.rules)
    order[place - 1], order[place] = order[place], order[place - 1]

    def act() -> str:
        visit.services.flag_parts.admin.save(visit.actor, replace(flag, rules=tuple(order)))
        return "The rules are in another order."

    outcome.of(PLACE, act)
