"""What follows from what a person said of models."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.preferences import Preferences
from core.routing.asked import AUTO, Wishes, wishes
from data.values.messages import Author, Message, MessageStatus, ReplyDetails
from data.values.money import Cost, CostBasis
from data.values.routing import Chooser, ReplyChoice
from data.values.tasks import Task

AT = datetime(2026, 11, 29, tzinfo=UTC)
DEFAULT = Preferences(default_model="a/default")


def answered(chooser: Chooser, *, model: str = "last", is_once: bool = False) -> Message:
    choice = ReplyChoice("d", chooser, Task.CODE, is_once=is_once)
    details = ReplyDetails("a", model, None, Cost(None, CostBasis.UNPRICED), None, None, choice=choice)
    return Message("m", "c", 2, Author.ASSISTANT, (), MessageStatus.COMPLETE, AT, details=details)


ONCE = answered(Chooser.PERSON, model="once", is_once=True)


@pytest.mark.parametrize(
    ("wished", "own"),
    [
        (wishes(None, []), "a/default"),
        (wishes("a/picked", [answered(Chooser.PERSON)]), "a/picked"),
        (wishes(None, [answered(Chooser.PERSON)]), "a/last"),
        (wishes(None, [answered(Chooser.POLICY)]), "a/default"),
        (wishes(AUTO, [answered(Chooser.PERSON)]), None),
        (wishes(None, [ONCE]), "a/default"),
        (wishes(None, [answered(Chooser.POLICY), ONCE]), "a/default"),
        (wishes(None, [answered(Chooser.PERSON), ONCE]), "a/last"),
    ],
    ids=["default", "picked", "last-was-picked", "last-was-not", "auto", "once", "once-under-auto", "once-between"],
)
def test_whose_model_it_is(wished: Wishes, own: str | None) -> None:
    assert wished.own(DEFAULT) == own


def test_a_pick_for_one_prompt_is_not_the_conversation_s_last_model() -> None:
    assert wishes(None, [ONCE]).last is None
    assert wishes(None, [answered(Chooser.FIXED), ONCE]).last == "a/last"


def test_auto_is_said_over_a_default_and_an_earlier_pick() -> None:
    wished = wishes(AUTO, [answered(Chooser.PERSON)], overrules="d")
    assert wished.default(DEFAULT) is None
    assert (wished.picked, wished.last, wished.overrules) == (None, "a/last", "d")
