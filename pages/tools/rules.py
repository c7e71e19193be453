"""Who may have a tool, and who is asked before it runs: what an admin says for each role."""

from __future__ import annotations

import streamlit as st

from core.tools.consent import usual_rule
from core.tools.shelf import ToolCard
from data.values.actor import Role
from data.values.tool_calls import ToolRule
from pages import outcome
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

_ROLES = {Role.MEMBER: "Members", Role.ANALYST: "Analysts", Role.ADMIN: "Admins"}
_WORDS = {
    ToolRule.ALLOW: "runs without a question",
    ToolRule.ASK: "asks first",
    ToolRule.NEVER: "not there for them",
}

_PLACE = "tool-rule"


def draw(visit: Visit, card: ToolCard) -> None:
    """Draw a choice for each role."""
    st.markdown("**In the chat**")
    usual = _WORDS[usual_rule(card.tool.effect)]
    choices = [None, *ToolRule]
    for column, (role, name) in zip(st.columns(len(_ROLES)), _ROLES.items(), strict=True):
        column.selectbox(
            name,
            choices,
            index=choices.index(card.said.get(role)),
            format_func=lambda rule: f"As usual: {usual}" if rule is None else _WORDS[rule].capitalize(),
            key=_key(card, role),
            on_change=_say,
            args=(visit, card, role),
        )
    outcome.say(_PLACE)
    if card.tool.effect.needs_approval:
        st.caption("Once a conversation holds what others wrote, a page or a file, it asks in any case.")


def _key(card: ToolCard, role: Role) -> str:
    return f"{Keys.TOOL_RULE}-{card.tool.name}-{role}"


def _say(visit: Visit, card: ToolCard, role: Role) -> None:
    rule: ToolRule | None = st.session_state[_key(card, role)]

    def act() -> str:
        visit.services.tools.shelf.rule(visit.actor, card.tool.name, role, rule)
        words = _WORDS[rule or usual_rule(card.tool.effect)]
        return f"{plain(card.tool.title)} for {_ROLES[role].lower()}: {words}."

    outcome.of(_PLACE, act)
