from __future__ import annotations

import io
import wave
from decimal import Decimal

import pytest

from core.providers.catalog import Catalogue
from core.providers.operation_metering import OperationMeter, cost_of_operation
from core.providers.request import Answer
from core.sandbox.sounds import speak
from data.values.calls import TokenUsage, Unit
from data.values.models import Model
from data.values.money import CostBasis
from data.values.operations import Media, OperationRequest, SpeechRequest
from data.values.registry import Prices
from data.values.results import OperationUsage, Sound
from tests.gateway.calls import endpoint

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


def test_speech_that_is_paid_by_the_second_of_sound() -> None:
    prices = Prices("1", None, output_second=D("0.01"))
    wav = speak("Hello there")
    with wave.open(io.BytesIO(wav)) as sound:
        seconds = D(sound.getnframes()) / sound.getframerate()
    wanted = OperationRequest(endpoint("http://127.0.0.1:1"), Model("box", "tts", "TTS"), SpeechRequest("Hello there"))
    meter = OperationMeter(wanted, lambda: 0.0, lambda _endpoint, _model: prices)
    result = meter.result(Answer(Sound(Media(wav, "audio/wav"))))
    assert result.usage.unit is Unit.SECOND
    assert result.cost.amount == seconds.quantize(D("0.001")) * D("0.01")
    assert meter.outcome().cost == result.cost
    unknown = meter.result(Answer(Sound(Media(b"ID3", "audio/mpeg"))))
    assert unknown.usage.unit is Unit.CHARACTER
    assert unknown.cost.basis is CostBasis.UNPRICED
