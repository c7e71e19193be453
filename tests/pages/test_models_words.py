"""Every term of the registry has words, and amounts read as a person writes them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.registry.described import ASKED, MEANS
from core.registry.typical import typical_cost
from data.values.registry import Capability, Category, FactSource, Modality, ModelCard, Prices, Sort
from pages.models.adding import PRICES
from pages.models.words import (
    CAPABILITIES,
    CATEGORIES,
    MODALITIES,
    SORTS,
    SOURCES,
    TURNS,
    briefly,
    ending,
    kinds,
    listed,
    price_of,
    short,
)

CARD = ModelCard(
    "openai", "gpt", "gpt", "gpt", Category.CHAT, frozenset({Modality.IMAGE, Modality.TEXT}), frozenset({Modality.TEXT})
)
PRICED = Prices("list", date(2026, 10, 21), Decimal("0.0000025"), Decimal("0.00001"))


def test_every_term_has_words() -> None:
    assert set(CATEGORIES) == set(TURNS) == set(Category)
    assert set(CAPABILITIES) == set(Capability)
    assert set(MODALITIES) == set(Modality)
    assert set(SORTS) == set(Sort)
    assert set(SOURCES) == set(FactSource)
    assert len(set(CATEGORIES.values())) == len(Category)


def test_every_price_has_a_line() -> None:
    units = [field.name for field in fields(Prices) if field.name not in {"version", "at", "currency"}]
    amounts: dict[str, Any] = dict.fromkeys(units, Decimal(1))
    every = replace(Prices("list", None), **amounts)
    assert len(listed(every)) == len(units)


def test_the_form_asks_for_prices_of_every_kind_it_offers() -> None:
    assert set(PRICES) == set(MEANS)
    assert set(ASKED) <= set(Capability)


@pytest.mark.parametrize(
    ("number", "words"),
    [(8_191, "8,191"), (70_000, "70k"), (128_000, "128k"), (1_000_000, "1M"), (1_048_576, "1.05M"), (2_000_000, "2M")],
)
def test_counts_are_short(number: int, words: str) -> None:
    assert short(number) == words


def test_an_unknown_price_is_not_nothing() -> None:
    assert price_of(typical_cost(CARD), CARD) == "not priced"
    priced = replace(CARD, prices=PRICED)
    assert price_of(typical_cost(priced), priced) == "$7.25 per 1,000 turns"
    assert listed(PRICED) == {"Text in": "$2.50 per million tokens", "Text out": "$10.00 per million tokens"}
    picture = replace(CARD, category=Category.OTHER, prices=Prices("list", None, image=Decimal("0.04")))
    assert price_of(typical_cost(picture), picture) == "$0.040 per picture"


def test_what_goes_in_is_told_in_one_order() -> None:
    assert kinds(CARD.inputs) == "text, pictures"
    assert kinds(frozenset()) == "–"
    assert briefly(CARD) == []


def test_an_end_is_told_before_and_after() -> None:
    end = date(2026, 5, 12)
    assert ending(end, date(2026, 5, 11)) == "ends 12 May 2026"
    assert ending(end, end) == "ended 12 May 2026"
