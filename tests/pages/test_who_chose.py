"""The line under an answer always says who answered, and who chose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from data.values.messages import ReplyDetails
from data.values.money import Cost, CostBasis
from data.values.routing import Chooser, Decision, ReplyChoice
from data.values.tasks import Task
from pages import candidates
from pages.footer import _plain_words

DETAILS = ReplyDetails("openai", "gpt", None, Cost(None, CostBasis.UNPRICED), None, None)


@pytest.mark.parametrize(
    ("chooser", "explored", "words"),
    [
        (Chooser.POLICY, False, "For code Auto chose openai/gpt"),
        (Chooser.POLICY, True, ":material/science: For code Auto tried out openai/gpt"),
        (Chooser.FIXED, False, "The usual model, openai/gpt"),
        (Chooser.PIN, False, "For code Auto took your pin, openai/gpt"),
        (Chooser.PERSON, False, "openai/gpt"),
    ],
)
def test_who_chose(chooser: Chooser, explored: bool, words: str) -> None:
    details = replace(DETAILS, choice=ReplyChoice("d", chooser, Task.CODE, explored))
    assert _plain_words(details, Decimal())[0] == words


def test_a_model_that_stood_in_was_chosen_by_nobody() -> None:
    details = replace(DETAILS, by_fallback=True, choice=ReplyChoice("d", Chooser.POLICY, Task.CODE))
    assert _plain_words(details, Decimal())[0] == "openai/gpt"


def test_each_way_of_choosing_has_a_sign_of_its_own() -> None:
    decision = Decision("d", "u", Task.CODE, "a/b", Chooser.POLICY, datetime(2026, 11, 29, tzinfo=UTC))
    ways = (replace(decision, explored=True), *(replace(decision, chooser=chooser) for chooser in Chooser))
    assert len({candidates.icon(each) for each in ways}) == len(Chooser) + 1


def test_what_is_known_of_the_cost_is_said_where_a_part_is_not_priced() -> None:
    assert _plain_words(DETAILS, Decimal())[1] == "not priced"
    assert _plain_words(DETAILS, Decimal("0.114"))[1] == r"at least \$0.1140"
    priced = replace(DETAILS, cost=Cost(Decimal("0.5"), CostBasis.PRICED))
    assert _plain_words(priced, Decimal("0.5"))[1] == r"\$0.5000"
