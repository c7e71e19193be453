"""What an operation used and what that costs."""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from core.providers.metering import CHARS_PER_TOKEN
from core.providers.request import Answer
from data.values.calls import CallOutcome, CallStatus, ErrorKind, TokenUsage, Unit
from data.values.models import Endpoint, Model
from data.values.money import UNPRICED, Cost, CostBasis
from data.values.operations import (
    EmbeddingRequest,
    ImageEditRequest,
    ImageRequest,
    Media,
    OperationRequest,
    RerankRequest,
    SpeechRequest,
    TranscriptionRequest,
    VideoRequest,
    Wanted,
)
from data.values.registry import Prices
from data.values.results import OperationResult, OperationUsage, Pictures, Sound


class OperationMeter:
    """Watches one operation. Until something else is known, it was stopped by its caller."""

    def __init__(
        self,
        request: OperationRequest,
        clock: Callable[[], float],
        prices_of: Callable[[Endpoint, Model], Prices | None],
    ) -> None:
        self.sent = False
        self._request = request
        self._clock = clock
        self._prices_of = prices_of
        self._began = clock()
        self._status = CallStatus.STOPPED
        self._error: ErrorKind | None = None
        self._usage: OperationUsage | None = None

    def result(self, answer: Answer) -> OperationResult:
        """The answer with what it used and cost; the operation is done."""
        self._status = CallStatus.OK
        self._usage = self._by_second(used(self._request.wanted, answer), answer)
        return OperationResult(answer.output, self._usage, self._cost())

    def failed(self, kind: ErrorKind) -> None:
        """The operation ended with an error."""
        self._status = CallStatus.FAILED
        self._error = kind

    def outcome(self) -> CallOutcome:
        """What to book now. An operation that failed used nothing that we know of."""
        if self._status is CallStatus.STOPPED and self.sent:
            self._usage = used(self._request.wanted, None)
        usage = self._usage
        return CallOutcome(
            status=self._status,
            latency_ms=(self._clock() - self._began) * 1000,
            usage=usage.tokens if usage else None,
            cost=self._cost(),
            error_kind=self._error,
            quantity=usage.quantity if usage else None,
            unit=usage.unit if usage else None,
        )

    def _by_second(self, usage: OperationUsage, answer: Answer) -> OperationUsage:
        """Speech that is paid by the second of sound, where its length can be read."""
        if usage.unit is not Unit.CHARACTER or not isinstance(answer.output, Sound):
            return usage
        prices = self._prices_of(self._request.endpoint, self._request.model)
        if prices is None or prices.input_character or not prices.output_second:
            return usage
        seconds = _wave_seconds(answer.output.audio)
        return usage if seconds is None else replace(usage, quantity=seconds, unit=Unit.SECOND)

    def _cost(self) -> Cost:
        if self._usage is None:
            return UNPRICED
        return cost_of_operation(self._prices_of(self._request.endpoint, self._request.model), self._usage)


def used(wanted: Wanted, answer: Answer | None) -> OperationUsage:
    """What an operation used: what the provider says, and the rest measured here.

    Without an answer it is what was sent, all of it estimated: whoever hangs up may have to pay none the less.
    """
    said = answer.usage if answer else None
    measured = _measured(wanted, answer)
    if said is None:
        return measured if answer else replace(measured, estimated=True)
    if said.quantity is None:
        # Tokens of the provider's own beside a quantity of ours: the tokens are what is billed.
        return replace(said, quantity=measured.quantity, unit=measured.unit)
    return said


def cost_of_operation(prices: Prices | None, usage: OperationUsage) -> Cost:
    """What `usage` costs: by tokens where the provider counted them and they have a price, else by its own unit.

    Queries go first: rerankers that bill them count tokens all the same.

    Without a price of the one or the other it is unknown, never zero.
    """
    if prices is None:
        return UNPRICED
    tokens, amount, guessed = usage.tokens, None, usage.estimated
    if usage.unit is Unit.QUERY and usage.quantity is not None:
        amount = _by_unit(prices, usage.quantity, usage.unit)
    if amount is None and tokens is not None and not tokens.estimated:
        amount = _by_tokens(prices, usage, tokens)
    if amount is None and usage.quantity is not None:
        amount = _by_unit(prices, usage.quantity, usage.unit)
    if amount is None and tokens is not None and tokens.estimated:
        amount, guessed = _by_tokens(prices, usage, tokens), True
    if amount is None:
        return UNPRICED
    return Cost(amount, CostBasis.ESTIMATED if guessed else CostBasis.PRICED, prices.currency, prices.version)


def _by_tokens(prices: Prices, usage: OperationUsage, tokens: TokenUsage) -> Decimal | None:
    paid, answer = prices.input_token, prices.output_token
    if usage.unit is Unit.IMAGE:
        answer = prices.output_image_token or answer
    # Two zeros, or a zero alone, stand for a price nobody entered.
    if not paid or (tokens.output and not answer):
        return None
    cached = min(tokens.cached, tokens.input)
    again = paid if prices.cached_token is None else prices.cached_token
    pictures = min(usage.image_input, tokens.input - cached)
    of_pictures = paid if prices.input_image_token is None else prices.input_image_token
    read = (tokens.input - cached - pictures) * paid + cached * again + pictures * of_pictures
    return read + tokens.output * (answer or Decimal())


def _by_unit(prices: Prices, quantity: Decimal, unit: Unit | None) -> Decimal | None:
    # Some entries price a second of sound twice, as input and as output: it is the same second.
    price = {
        Unit.IMAGE: prices.image,
        Unit.SECOND: prices.input_second or prices.output_second,
        Unit.CHARACTER: prices.input_character,
        Unit.QUERY: prices.query,
    }.get(unit) if unit else None  # fmt: skip
    return quantity * price if price else None


def _measured(wanted: Wanted, answer: Answer | None) -> OperationUsage:
    match wanted:
        case EmbeddingRequest(inputs):
            texts = sum(len(each) for each in inputs if isinstance(each, str))
            ids = sum(len(each) for each in inputs if not isinstance(each, str))
            return OperationUsage(TokenUsage(math.ceil(texts / CHARS_PER_TOKEN) + ids, 0, estimated=True))
        case ImageRequest() | ImageEditRequest():
            drawn = answer.output.images if answer and isinstance(answer.output, Pictures) else ()
            return OperationUsage(quantity=Decimal(len(drawn) if answer else wanted.count), unit=Unit.IMAGE)
        case SpeechRequest(text):
            return OperationUsage(quantity=Decimal(len(text)), unit=Unit.CHARACTER)
        case TranscriptionRequest(audio):
            seconds = _wave_seconds(audio)
            return OperationUsage(quantity=seconds, unit=Unit.SECOND if seconds else None, estimated=True)
        case RerankRequest():
            return OperationUsage(quantity=Decimal(1), unit=Unit.QUERY)
        case VideoRequest():
            seconds = Decimal(wanted.seconds) if wanted.seconds else None
            return OperationUsage(quantity=seconds, unit=Unit.SECOND if seconds else None)


def _wave_seconds(audio: Media) -> Decimal | None:
    """The length of a WAV; other formats would need a decoder."""
    if audio.data[:4] != b"RIFF":
        return None
    try:
        with wave.open(io.BytesIO(audio.data)) as sound:
            frames, rate = sound.getnframes(), sound.getframerate()
    except (wave.Error, EOFError):
        return None
    return (Decimal(frames) / rate).quantize(Decimal("0.001")) if frames and rate else None
