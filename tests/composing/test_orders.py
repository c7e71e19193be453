from __future__ import annotations

from core.chat.composing.orders import with_orders, without_orders
from data.values.parts import TextPart
from data.values.plans import Action, Brief, Plan, Step


def test_orders_are_no_words_of_the_request_and_reach_every_step() -> None:
    prompt = (TextPart("[[image-fault:500]] Paint a fox [1] and read [[this]] to me [[speech-delay:1]]"),)
    assert without_orders(prompt) == (TextPart("Paint a fox [1] and read [[this]] to me"),)
    steps = (Step("w", Action.WRITE, "Write"), Step("d", Action.DRAW, "Paint"), Step("s", Action.SPEAK, "", ("w",)))
    told = with_orders(Plan(steps, Brief("")), prompt).steps
    orders = "[[image-fault:500]][[speech-delay:1]]"
    assert [step.instruction for step in told] == [f"Write {orders}", f"Paint {orders}", orders]


def test_what_is_spoken_as_it_stands_in_the_prompt_has_no_orders_in_it() -> None:
    plan = Plan((Step("s", Action.SPEAK, "Good morning"),), Brief(""))
    (step,) = with_orders(plan, (TextPart("Say “Good morning” [[speech-delay:1]]"),)).steps
    assert step.instruction == "[[speech-delay:1]]"
    assert [each.text for each in step.earlier] == ["Good morning"]


def test_a_plan_without_orders_is_as_it_was() -> None:
    plan = Plan((Step("d", Action.DRAW, "Paint"),), Brief(""))
    assert with_orders(plan, (TextPart("Paint [[it]]"),)) is plan
