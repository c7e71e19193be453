"""The gateway with a memory: what was answered before, and is the same every time, is not asked again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.providers.cache import ResponseCache
from core.providers.commits import to_the_end
from core.providers.gateway import Booking, Gateway, Watch
from core.providers.metering import cost_of, estimate_usage
from core.providers.request import ModelRequest
from data.values.actor import Actor
from data.values.calls import CacheUse, CallIntent, CallOutcome, CallStatus, KeyOwner
from data.values.events import Delta, ReasoningDelta, SourceDelta, StreamEnd, TextDelta, ToolCallDelta, UsageReport
from data.values.money import Cost, CostBasis
from data.values.operations import OperationRequest, TranscriptionRequest
from data.values.results import Embeddings, OperationResult, Transcript

_NUMBER_BYTES = 32  # a Python float with its place in a tuple
_LARGE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Answered:
    """A whole answer in as few deltas as there can be, and what it cost."""

    deltas: tuple[Delta, ...]
    cost: Cost


class CachingGateway(Gateway):
    """A `Gateway` that asks its cache first. A hit opens no key and sends nothing; it is booked as a call for nothing.

    Args:
        cache: where answers are kept.
        caches: for whom it is used.
        arguments: as of `Gateway`.
    """

    def __init__(
        self, cache: ResponseCache, *arguments: Any, caches: Callable[[Actor], bool] = lambda _actor: True, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self._cache = cache
        self._caches = caches

    async def stream(self, request: ModelRequest, intent: CallIntent, booking: Booking) -> AsyncGenerator[Delta, None]:
        """See `Gateway.stream`."""
        key = self._key_of(request, intent.actor)
        if key is None:
            async with contextlib.aclosing(super().stream(request, intent, booking)) as deltas:
                async for delta in deltas:
                    yield delta
            return
        if (known := self._cache.find(key, _Answered)) is not None:
            async with _booked_hit(intent, booking, known.cost, self._watch):
                for delta in known.deltas:
                    yield delta
            return
        seen: list[Delta] = []
        intent = replace(intent, cache=CacheUse.MISS)
        async with contextlib.aclosing(super().stream(request, intent, booking)) as deltas:
            async for delta in deltas:
                seen.append(delta)
                yield delta
        answered = _whole(request, seen)
        if any(isinstance(delta, TextDelta | ToolCallDelta) for delta in answered.deltas):
            self._cache.keep(key, answered, sum(map(_size, answered.deltas)))

    async def perform(self, request: OperationRequest, intent: CallIntent, booking: Booking) -> OperationResult:
        """See `Gateway.perform`."""
        if isinstance(request.wanted, TranscriptionRequest):  # hashing minutes of sound takes milliseconds
            key = await asyncio.to_thread(self._key_of, request, intent.actor)
        else:
            key = self._key_of(request, intent.actor)
        if key is None:
            return await super().perform(request, intent, booking)
        if (known := self._cache.find(key, OperationResult)) is not None:
            performed = replace(intent, modality=request.kind.value, task=request.kind.task)
            async with _booked_hit(performed, booking, known.cost, self._watch):
                return replace(known, cached=True)
        result = await super().perform(request, replace(intent, cache=CacheUse.MISS), booking)
        self._cache.keep(key, result, _result_size(result))
        return result

    def _key_of(self, request: OperationRequest | ModelRequest, actor: Actor) -> bytes | None:
        key = self._cache.key_of(request, actor)  # first: most requests have none
        return key if key is not None and self._caches(actor) else None


@contextlib.asynccontextmanager
async def _booked_hit(intent: CallIntent, booking: Booking, saved: Cost, watch: Watch) -> AsyncIterator[None]:
    """Commits around an answer from the cache: no key, no tokens, no money, and what it would have cost.

    The outcome comes after the answer was handed out, as with a provider's: it is what ends a turn.
    """
    began = time.perf_counter()
    hit = replace(intent, cache=CacheUse.HIT, secret_id=None, key_owner=KeyOwner.NONE)
    _, stopped = await to_the_end(booking.intend(hit))
    ended = watch(hit)
    status = CallStatus.STOPPED
    try:
        if stopped:
            raise asyncio.CancelledError
        yield
        status = CallStatus.OK
    finally:
        nothing = Cost(Decimal(), CostBasis.PRICED, saved.currency, saved.price_version)
        outcome = CallOutcome(status, (time.perf_counter() - began) * 1000, cost=nothing, saved=saved.amount)
        ended(outcome, None)
        if (await to_the_end(booking.conclude(hit, outcome, None)))[1]:
            raise asyncio.CancelledError


def _whole(request: ModelRequest, seen: list[Delta]) -> _Answered:
    """Deltas that came one after another as one for each kind."""
    joined: list[Delta] = []
    usage = None
    for delta in seen:
        last = joined[-1] if joined else None
        if isinstance(delta, UsageReport):
            usage = delta.usage
        if isinstance(delta, TextDelta) and isinstance(last, TextDelta):
            joined[-1] = TextDelta(last.text + delta.text)
        elif isinstance(delta, ReasoningDelta) and isinstance(last, ReasoningDelta):
            joined[-1] = ReasoningDelta(last.text + delta.text)
        else:
            joined.append(delta)
    if usage is None:
        text = sum(len(delta.text) for delta in joined if isinstance(delta, TextDelta))
        usage = estimate_usage(request.messages, text_chars=text)
    return _Answered(tuple(joined), cost_of(request.model.price, usage))


def _size(delta: Delta) -> int:
    match delta:
        case TextDelta(text) | ReasoningDelta(text):
            return 200 + 4 * len(text)
        case ToolCallDelta():
            return 400 + 4 * len(delta.arguments)
        case SourceDelta(source):
            return 400 + 4 * (len(source.url) + len(source.title))
        case StreamEnd() | UsageReport():
            return 200


def _result_size(result: OperationResult) -> int:
    match result.output:
        case Embeddings(vectors):
            return sum(_NUMBER_BYTES * len(vector) for vector in vectors) + 1000
        case Transcript(text, _, _, segments):
            return 1000 + 4 * len(text) + sum(300 + 4 * len(segment.text) for segment in segments)
        case _:
            return _LARGE_BYTES
