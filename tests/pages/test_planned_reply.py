"""A planned reply on the page: what somebody sees who comes while it is made."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def late() -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import Any, cast

    from core.chat.live import LiveTurn
    from data.values.events import InStep, StepChanged, TextDelta
    from data.values.parts import StepPart, TextPart
    from data.values.plans import Action, Step, StepState
    from pages.attached import NOTHING
    from pages.live_answer import _Painter
    from pages.planned_reply import PlannedReply

    turn = cast("Any", SimpleNamespace(begun=SimpleNamespace(reply=SimpleNamespace(id="reply")), titles={}))
    nobody = cast("Any", None)

    def painter() -> _Painter:
        return _Painter(cast("LiveTurn", turn), lambda _parts: NOTHING, nobody, nobody)

    text, picture = Step("text-1", Action.WRITE, "Write"), Step("draw-1", Action.DRAW, "Paint it", uses=("text-1",))
    reply = PlannedReply(turn, lambda _parts: NOTHING, painter, nobody)
    reply.paint(
        [
            StepChanged(StepPart(text, StepState.WAITING)),
            StepChanged(StepPart(picture, StepState.WAITING)),
            StepChanged(StepPart(text, StepState.RUNNING)),
            InStep("text-1", TextDelta("The swan ")),
            InStep("text-1", TextDelta("comes home")),
            StepChanged(StepPart(text, StepState.DONE, (TextPart("The swan comes home"),))),
            StepChanged(StepPart(picture, StepState.RUNNING)),
        ]
    )


def test_who_comes_late_reads_what_was_written() -> None:
    app = AppTest.from_function(late, default_timeout=60).run()
    assert not app.exception
    assert [each.value for each in app.markdown if "swan" in each.value] == ["The swan comes home"]


def card() -> None:
    from collections.abc import Sequence
    from decimal import Decimal

    import streamlit as st

    from core.chat.planning.edited import Changes, edited
    from data.values.models import Model
    from data.values.plans import Action, Brief, Plan, Step
    from pages import outcome
    from pages.plan_card import PlanCard, draw

    text = Step("text-1", Action.WRITE, "Write a haiku", cost=Decimal("0.01"), seconds=2.0)
    picture = Step("draw-1", Action.DRAW, "Paint it", uses=("text-1",), model="p/image", cost=Decimal("0.30"))
    fox = Step("draw-2", Action.DRAW, "A fox", model="p/image", cost=Decimal("0.30"))

    def makers(_action: Action) -> Sequence[str]:
        return ["p/image"]

    def answer(key: str, _plan: Plan | None, changes: Changes) -> None:
        if "fox" in changes.instructions.get("draw-2", "fox"):
            outcome.refuse(key, "This plan waits no longer.")
        else:
            st.session_state["answered"] = sorted(changes.removed)

    chat = Model("p", "chat", "chat")
    draw(
        "plan-1",
        Plan((text, picture, fox), Brief("")),
        PlanCard(answer, lambda plan, changes: edited(plan, changes, lambda _action: (), chat), makers, may_edit=True),
    )


def test_the_card_says_what_is_left_and_why_a_plan_can_not_be_made() -> None:
    app = AppTest.from_function(card, default_timeout=60).run()
    assert not app.exception
    assert "3 parts" in app.markdown[0].value and "0.61" in app.markdown[0].value
    app.checkbox[0].uncheck().run()
    assert "1 part**" in app.markdown[0].value and "0.30" in app.markdown[0].value
    assert "uses what is left out" in app.caption[0].value
    app.checkbox[2].uncheck().run()
    assert "Nothing is left of the plan" in app.warning[0].value
    assert app.button[0].disabled
    app.checkbox[2].check().run()
    app.button[0].click().run()
    assert "waits no longer" in app.error[0].value
    assert "answered" not in app.session_state
