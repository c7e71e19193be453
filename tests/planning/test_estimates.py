"""Costs by the prices of the list, never by guesses about them; lengths by what is asked for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.chat.planning.estimates import Size, cost_of, seconds_of, written_tokens
from data.values.plans import Action
from data.values.registry import Prices

TOKENS = Prices("v1", None, input_token=Decimal("0.000001"), output_token=Decimal("0.000002"))
SIZE = Size(read=4_000, written=100, spoken=1_500, pictures=2)


@pytest.mark.parametrize(
    ("action", "prices", "cost"),
    [
        (Action.WRITE, TOKENS, Decimal("0.0016")),
        (Action.CHART, TOKENS, Decimal("0.0016")),
        (Action.DRAW, Prices("v1", None, image=Decimal("0.04")), Decimal("0.04")),
        (Action.EDIT, Prices("v1", None, image=Decimal("0.04")), Decimal("0.04")),
        (Action.DRAW, Prices("v1", None, output_image_token=Decimal("0.00004")), Decimal("0.04224")),
        (
            Action.EDIT,
            Prices("v1", None, output_image_token=Decimal("0.00004"), input_image_token=Decimal("0.00001")),
            Decimal("0.05824"),
        ),
        (Action.SPEAK, Prices("v1", None, input_character=Decimal("0.00001")), Decimal("0.015")),
        (Action.SPEAK, Prices("v1", None, output_second=Decimal("0.001")), Decimal("0.1")),
        (Action.FILM, Prices("v1", None, output_second=Decimal("0.1")), Decimal("0.8")),
    ],
)
def test_what_it_costs(action: Action, prices: Prices, cost: Decimal) -> None:
    assert cost_of(action, prices, SIZE) == cost


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize(
    "prices",
    [None, Prices("v1", None), Prices("v1", None, image=Decimal(1), currency="EUR")],
    ids=["no list", "no price", "euros"],
)
def test_what_nobody_knows_is_not_nothing(action: Action, prices: Prices | None) -> None:
    assert cost_of(action, prices, SIZE) is None


@pytest.mark.parametrize("action", Action)
def test_everything_takes_its_time(action: Action) -> None:
    assert seconds_of(action, SIZE) > 0


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("Write a haiku about autumn", 40),
        ("Write 500 words about bees", 700),
        ("Schreibe 100 Wörter über Bienen", 140),
        ("a short story", 400),
        ("Tell me about bees", 350),
    ],
)
def test_how_long_a_text_will_be(words: str, tokens: int) -> None:
    assert written_tokens(words) == tokens
