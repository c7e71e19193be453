"""Requests, intents and collected answers for the gateway's tests."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from core.providers.request import ChatMessage, ModelRequest, Transport
from data.values.actor import Actor
from data.values.calls import CallIntent, TokenUsage
from data.values.events import Delta, ReasoningDelta, StreamEnd, TextDelta, UsageReport
from data.values.models import Endpoint, EndpointKind, Model, Sampling, Wire
from data.values.money import TokenPrice

KEY = "sk-live-3vQ9xZk27LmNpR4tWyB8"
PRICE = TokenPrice(Decimal("0.000002"), Decimal("0.000010"), Decimal("0.000001"), "list-1")


@dataclass(frozen=True)
class Answer:
    text: str
    reasoning: str
    usage: TokenUsage | None
    end: str | None


def endpoint(base_url: str, wire: Wire = Wire.OPENAI) -> Endpoint:
    return Endpoint("ep1", "openai", "Acme AI", EndpointKind.PROVIDER, wire, base_url)


def request(
    base_url: str, prompt: str = "hello", *, wire: Wire = Wire.OPENAI, sampling: Sampling | None = None
) -> ModelRequest:
    messages: tuple[ChatMessage, ...] = ({"role": "user", "content": prompt},)
    model = Model("openai", "scripted", "Scripted", price=PRICE)
    return ModelRequest(endpoint(base_url, wire), model, messages, sampling or Sampling())


def with_wire(request: ModelRequest, wire: Wire) -> ModelRequest:
    return replace(request, endpoint=replace(request.endpoint, wire=wire))


def intent(user_id: str = "u1") -> CallIntent:
    return CallIntent(
        uuid.uuid4().hex, Actor(user_id, frozenset()), "openai", "scripted", datetime(2026, 3, 1, tzinfo=UTC), "ep1"
    )


async def collect(deltas: AsyncGenerator[Delta, None]) -> Answer:
    text, reasoning, usage, end = "", "", None, None
    async with contextlib.aclosing(deltas):
        async for delta in deltas:
            assert end is None, "nothing comes after the end"
            match delta:
                case TextDelta(piece):
                    text += piece
                case ReasoningDelta(piece):
                    reasoning += piece
                case UsageReport(counts):
                    assert usage is None, "usage comes once"
                    usage = counts
                case StreamEnd(reason):
                    end = reason
    return Answer(text, reasoning, usage, end)


async def ask(transport: Transport, request: ModelRequest, key: str | None = None) -> Answer:
    return await collect(transport.stream(request, key))
