from __future__ import annotations

from decimal import Decimal

import pytest

from core.providers.catalog import Catalogue
from core.providers.operation_metering import cost_of_operation
from data.values.calls import TokenUsage, Unit
from data.values.money import CostBasis
from data.values.results import OperationUsage

D = Decimal


def quantity(amount: str, unit: Unit, *, estimated: bool = False) -> OperationUsage:
    return OperationUsage(quantity=D(amount), unit=unit, estimated=estimated)


CASES = [
    ("openai", "text-embedding-3-small", OperationUsage(TokenUsage(1_000_000, 0)), "0.02", CostBasis.PRICED),
    (
        "openai", "text-embedding-3-small", OperationUsage(TokenUsage(1_000_000, 0, estimated=True)), "0.02",
        CostBasis.ESTIMATED,
    ),
    ("openai", "tts-1", quantity("1000", Unit.CHARACTER), "0.015", CostBasis.PRICED),
    ("openai", "whisper-1", quantity("60", Unit.SECOND), "0.006", CostBasis.PRICED),
    ("openai", "whisper-1", quantity("60", Unit.SECOND, estimated=True), "0.006", CostBasis.ESTIMATED),
    ("openai", "sora-2", quantity("8", Unit.SECOND), "0.8", CostBasis.PRICED),
    ("cohere", "rerank-v3.5", quantity("1", Unit.QUERY), "0.002", CostBasis.PRICED),
    # 50 tokens of text at 5, 100 of a picture at 10, 4,160 drawn at 40 dollars a million
    (
        "openai", "gpt-image-1",
        OperationUsage(TokenUsage(150, 4160), D(1), Unit.IMAGE, image_input=100), "0.16765", CostBasis.PRICED,
    ),
    ("openai", "gpt-image-1", quantity("1", Unit.IMAGE), None, CostBasis.UNPRICED),
    ("openai", "gpt-4o-mini-tts", quantity("1000", Unit.CHARACTER), None, CostBasis.UNPRICED),
    ("openai", "whisper-1", OperationUsage(), None, CostBasis.UNPRICED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "name", "usage", "amount", "basis"), CASES, ids=[f"{n}-{row[1]}" for n, row in enumerate(CASES)]
)
def test_listed_prices(provider: str, name: str, usage: OperationUsage, amount: str | None, basis: CostBasis) -> None:
    card = Catalogue().card(provider, name)
    assert card is not None
    cost = cost_of_operation(card.prices, usage)
    assert (cost.amount, cost.basis) == (None if amount is None else D(amount), basis)


def test_what_nobody_prices_is_unpriced() -> None:
    assert cost_of_operation(None, quantity("1", Unit.IMAGE)).basis is CostBasis.UNPRICED
