"""Who sees what: a flag evaluated for anybody, with the reason."""

from __future__ import annotations

import json
from dataclasses import replace

import streamlit as st

from core.errors import GearboxError
from data.values.flag_evaluation import FlagContext
from data.values.flags import Attribute, Flag, Unit
from pages.flags import words
from pages.flags.words import Names
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw the fields that say for whom, and what they see."""
    admin = visit.services.flag_parts.admin
    people, teams = names[Attribute.USER], names[Attribute.TEAM]
    first, second = st.columns(2)
    with first:
        who = st.selectbox(
            "Person", list(people), index=None, format_func=lambda each: people[each], placeholder="Nobody",
            key=Keys.FLAG_FOR_PERSON,
        )  # fmt: skip
        conversation = st.text_input("Conversation", key=Keys.FLAG_FOR_CONVERSATION, placeholder="Its id")
    with second:
        team = st.selectbox(
            "Team", list(teams), index=None, format_func=lambda each: teams[each],
            placeholder="Those of the person", key=Keys.FLAG_FOR_TEAM,
        )  # fmt: skip
        environment = st.text_input(
            "Environment", key=Keys.FLAG_FOR_ENVIRONMENT, placeholder=visit.services.settings.environment
        )
    try:
        context = admin.context_of(visit.actor, who) if who else FlagContext()
        if team:
            context = replace(context, team_ids=(team,))
        context = replace(context, conversation_id=conversation.strip(), environment=environment.strip())
        found = admin.evaluate_for(visit.actor, flag, context)
    except GearboxError as error:
        st.warning(plain(error.explain()), icon=":material/warning:")
        return
    with st.container(border=True, key="seen"):
        value = json.dumps(found.value, ensure_ascii=False)
        st.markdown(f":material/visibility: **{plain(found.variant)}** :gray[({plain(value)})]")
        st.caption(words.why(found, names))
    if flag.unit is Unit.CONVERSATION:
        return
    reach = admin.reach(visit.actor)[flag.key]
    st.caption(f"Now, of everybody who may come in: {_shares(reach.most_common(), reach.total())}.")


def _shares(counted: list[tuple[str, int]], people: int) -> str:
    return ", ".join(f"{count:,} of {people:,} get {plain(variant)}" for variant, count in counted) or "nobody is there"
