"""How Gearbox chooses models for its person: when it asks first, what counts, and what it may take."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from core.errors import GearboxError
from core.routing.words import TASKS
from data.values.tasks import Task
from pages.plain import plain
from pages.session import Session
from pages.settings import learned
from pages.visit import Visit
from pages.widget_keys import Keys

_NEVER = "never"
_ASK_FROM = {
    "0": "Always",
    "0.01": "When it costs $0.01 or more",
    "0.05": "When it costs $0.05 or more",
    "0.10": "When it costs $0.10 or more",
    "0.50": "When it costs $0.50 or more",
    _NEVER: "Never",
}

# Against a quality between 0 and 1, for an answer of usual cost or time; see `data.learning.routing.reward`.
_COST = {"Not at all": 0.0, "A little": 0.03, "Some": 0.1, "Much": 0.3, "Most": 0.8}
_SPEED = {"Not at all": 0.0, "A little": 0.02, "Some": 0.05, "Much": 0.2, "Most": 0.6}

_PINNED = tuple(task for task in Task if task not in {Task.IMAGE, Task.SPEECH, Task.VIDEO, Task.OTHER})
"""Tasks that a model which chats is chosen for: pictures, speech and films are made by others."""


def draw(visit: Visit) -> None:
    """Draw the section; where the choice is turned off for this person it says so, and who answers then."""
    st.subheader("Model choice", anchor=False)
    is_on = visit.services.routing.is_on(visit.actor)
    if not is_on:
        st.caption(
            "Auto is turned off for you. Where you pick no model and set no default one, the usual model answers: "
            "the one that answered last in the conversation, else the first that can be used."
        )
    _ask_first(visit, is_on=is_on)
    if not is_on:
        return
    if visit.preferences.advanced:
        _balance(visit)
        _limits(visit)
        _pins(visit)
    learned.draw(visit)


def _ask_first(visit: Visit, *, is_on: bool) -> None:
    Session().choose(Keys.AUTO_ASK_FROM, _from_of(visit.preferences.auto_ask_from))
    auto = "Auto chooses a model for each prompt, and says which and why. " if is_on else ""
    st.selectbox(
        "Before Auto takes a costly model, ask" if is_on else "Before the usual model answers, ask",
        list(_ASK_FROM),
        key=Keys.AUTO_ASK_FROM,
        format_func=_ASK_FROM.__getitem__,
        on_change=_save_ask_from,
        args=(visit,),
        help=f"{auto}A model that you pick yourself is never asked about.",
    )


def _balance(visit: Visit) -> None:
    st.caption("Quality comes first. What else counts when Auto chooses:")
    cost, speed = st.columns(2, gap="large")
    with cost:
        _slider("Cost", _COST, visit.preferences.weigh_cost, lambda to: _saved(visit, weigh_cost=to))
    with speed:
        _slider("Speed", _SPEED, visit.preferences.weigh_speed, lambda to: _saved(visit, weigh_speed=to))


def _slider(label: str, scale: dict[str, float], stored: float, save: Callable[[float], None]) -> None:
    key = f"{Keys.WEIGH}-{label}"
    Session().choose(key, min(scale, key=lambda name: abs(scale[name] - stored)))
    st.select_slider(label, list(scale), key=key, on_change=lambda: save(scale[str(Session().chosen(key))]))


def _limits(visit: Visit) -> None:
    Session().choose(Keys.EXPLORES, visit.preferences.explores)
    st.toggle(
        "Try other models now and then",
        key=Keys.EXPLORES,
        on_change=_save_explores,
        args=(visit,),
        help="That is how Auto learns whether another one has become better. The answer says so.",
    )
    labels = _labels(visit, visit.preferences.excluded)
    Session().choose(Keys.EXCLUDED, list(visit.preferences.excluded))
    st.multiselect(
        "Never choose",
        list(labels),
        key=Keys.EXCLUDED,
        format_func=labels.__getitem__,
        placeholder="All models may be chosen",
        on_change=_save_excluded,
        args=(visit,),
        help="You can still pick them yourself.",
    )


def _pins(visit: Visit) -> None:
    pins = visit.preferences.pins
    labels = _labels(visit, tuple(pins.values()))
    with st.expander("Models for tasks", icon=":material/keep:"):  # with another label it would be another one, folded
        st.caption("A pinned model answers every prompt of its task, whatever was learned.")
        for task in _PINNED:
            _pin(visit, task, labels)


def _pin(visit: Visit, task: Task, labels: dict[str, str]) -> None:
    key = f"{Keys.PIN}-{task}"

    def save() -> None:
        chosen = str(Session().chosen(key) or "")
        pins = {**visit.services.preferences.load(visit.actor).pins, task: chosen}
        _saved(visit, pins={each: model_id for each, model_id in pins.items() if model_id})

    Session().choose(key, visit.preferences.pins.get(task, ""))
    st.selectbox(
        TASKS[task].capitalize(),
        ["", *labels],
        key=key,
        format_func=lambda model_id: labels[model_id] if model_id else "Auto",
        on_change=save,
    )


def _labels(visit: Visit, stored: tuple[str, ...]) -> dict[str, str]:
    """Models by id, with those that are stored and can't be used now."""
    labels = {model.id: f"{model.label} · {model.provider}" for model in visit.services.connections.models(visit.actor)}
    return labels | {model_id: model_id for model_id in stored if model_id not in labels}


def _saved(visit: Visit, **changes: object) -> None:
    try:
        visit.services.preferences.save(visit.actor, **changes)
    except GearboxError as error:
        st.toast(plain(error.explain()), icon=":material/error:")


def _save_ask_from(visit: Visit) -> None:
    chosen = str(Session().chosen(Keys.AUTO_ASK_FROM))
    _saved(visit, auto_ask_from=None if chosen == _NEVER else Decimal(chosen))


def _save_explores(visit: Visit) -> None:
    _saved(visit, explores=bool(Session().chosen(Keys.EXPLORES)))


def _save_excluded(visit: Visit) -> None:
    chosen = Session().chosen(Keys.EXCLUDED)
    _saved(visit, excluded=tuple(chosen) if isinstance(chosen, list) else ())


def _from_of(stored: Decimal | None) -> str:
    """The offered choice that a stored threshold comes to: the next lower one."""
    if stored is None:
        return _NEVER
    return max((each for each in _ASK_FROM if each != _NEVER and Decimal(each) <= stored), key=Decimal)
