"""How the chat behaves: the advanced switch, and the parameters behind it."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.flags.capabilities import Capability
from core.preferences import MOST_FALLBACKS, Describe
from pages.session import Session
from pages.visit import Visit
from pages.widget_keys import Keys

_NEVER = "never"
_PLAN_FROM = {
    "0": "Always",
    "0.05": "When it costs $0.05 or more",
    "0.25": "When it costs $0.25 or more",
    "1": "When it costs $1 or more",
    _NEVER: "Never",
}
_DESCRIBE = {
    Describe.NEAR: "Described by the same provider, or on this machine",
    Describe.ANY: "Described by any model that I can use",
    Describe.OFF: "Not described",
}


def draw(visit: Visit) -> None:
    """Draw the switch, and the parameters while it is on."""
    st.subheader("Chat", anchor=False)
    Session().choose(Keys.TOOLS, visit.preferences.tools)
    st.toggle(
        "Tools",
        key=Keys.TOOLS,
        on_change=_save_tools,
        args=(visit,),
        help="Models may call Gearbox's own tools, such as the calculator. Their steps stand in the answer.",
    )
    _composing(visit)
    Session().choose(Keys.DESCRIBE, visit.preferences.describe)
    st.selectbox(
        "What a model can't see or hear",
        list(_DESCRIBE),
        key=Keys.DESCRIBE,
        format_func=_DESCRIBE.__getitem__,
        on_change=_save_describe,
        args=(visit,),
        help="Another model puts pictures and sounds into words, once each: a call like any other, booked to you. "
        "With any model a picture may go to another provider than the one that answers.",
    )
    Session().advanced_switch = visit.preferences.advanced
    advanced = st.toggle(
        "Advanced",
        key=Keys.ADVANCED,
        on_change=_save_advanced,
        args=(visit,),
        help="Shows parameters and the system prompt here, and token and cost details under every answer.",
    )
    if advanced:
        _parameters(visit)


def _composing(visit: Visit) -> None:
    if not visit.services.flags.is_on(visit.actor, Capability.MULTIMODAL_PLANNER):
        return
    Session().choose(Keys.COMPOSES, visit.preferences.composes)
    composes = st.toggle(
        "Pictures, sound, charts and films in answers",
        key=Keys.COMPOSES,
        on_change=_save_composes,
        args=(visit,),
        help="A prompt that asks for more than words is answered in parts, each by a model that can make it.",
    )
    if not composes:
        return
    if model := visit.services.settings.understanding_model:
        Session().choose(Keys.ASK_WHEN_UNSURE, visit.preferences.ask_when_unsure)
        st.toggle(
            "Ask a small model what I want, when in doubt",
            key=Keys.ASK_WHEN_UNSURE,
            on_change=_save_ask_when_unsure,
            args=(visit,),
            help=f"{model} gets the prompt, up to 2,000 characters of it: a call like any other, booked to you. The "
            "answer says that it was asked.",
        )
    _corrections(visit)
    Session().choose(Keys.PLAN_FROM, _from_of(visit.preferences.plan_from))
    st.selectbox(
        "Show the plan of an answer first",
        list(_PLAN_FROM),
        key=Keys.PLAN_FROM,
        format_func=_PLAN_FROM.__getitem__,
        on_change=_save_plan_from,
        args=(visit,),
        help="With what it is going to cost, as far as prices are known. Nothing is made before you say yes.",
    )


def _corrections(visit: Visit) -> None:
    kept = visit.services.understanding.corrections(visit.actor)
    if not kept:
        return
    count = "1 correction" if kept == 1 else f"{kept} corrections"
    st.button(
        f"Forget my {count}",
        icon=":material/undo:",
        on_click=visit.services.understanding.forget_corrections,
        args=(visit.actor,),
        help="Of what answers should have held. Prompts are then read as for everybody.",
    )


def _parameters(visit: Visit) -> None:
    preferences = visit.preferences
    labels = {model.id: f"{model.label} · {model.provider}" for model in visit.services.connections.models(visit.actor)}
    labels |= {model_id: model_id for model_id in preferences.fallbacks if model_id not in labels}
    with st.form("parameters", border=True):
        system_prompt = st.text_area(
            "System prompt", preferences.system_prompt, help="Goes before every conversation.", max_chars=20_000
        )
        own = st.checkbox("Set the temperature", preferences.temperature is not None)
        temperature = st.slider("Temperature", 0.0, 2.0, preferences.temperature or 1.0, 0.1)
        max_tokens = st.number_input(
            "Longest answer, in tokens", 1, 1_000_000, preferences.max_tokens, placeholder="The provider's default"
        )
        fallbacks = st.multiselect(
            "When a model does not answer, ask",
            list(labels),
            preferences.fallbacks,
            format_func=labels.__getitem__,
            max_selections=MOST_FALLBACKS,
            placeholder=_shared_fallbacks(visit),
            help="One after another, in the order chosen here. The answer then says who answered, and why.",
        )
        if st.form_submit_button("Save", type="primary"):
            visit.services.preferences.save(
                visit.actor,
                system_prompt=system_prompt,
                temperature=temperature if own else None,
                max_tokens=max_tokens,
                fallbacks=tuple(fallbacks),
            )
            st.toast("Saved.")


def _shared_fallbacks(visit: Visit) -> str:
    shared = visit.services.settings.fallbacks
    return f"Everybody's: {', '.join(shared)}" if shared else "Nobody else"


def _save_advanced(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, advanced=Session().advanced_switch)


def _save_tools(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, tools=bool(Session().chosen(Keys.TOOLS)))


def _save_composes(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, composes=bool(Session().chosen(Keys.COMPOSES)))


def _save_ask_when_unsure(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, ask_when_unsure=bool(Session().chosen(Keys.ASK_WHEN_UNSURE)))


def _save_plan_from(visit: Visit) -> None:
    chosen = str(Session().chosen(Keys.PLAN_FROM))
    visit.services.preferences.save(visit.actor, plan_from=None if chosen == _NEVER else Decimal(chosen))


def _from_of(stored: Decimal | None) -> str:
    """The offered choice that a stored threshold comes to: the next lower one."""
    if stored is None:
        return _NEVER
    return max((each for each in _PLAN_FROM if each != _NEVER and Decimal(each) <= stored), key=Decimal)


def _save_describe(visit: Visit) -> None:
    visit.services.preferences.save(visit.actor, describe=Session().chosen(Keys.DESCRIBE))
