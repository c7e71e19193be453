from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.providers.metering import cost_of
from core.providers.openai_wire import request_body, usage_of
from core.providers.prompt_caching import LONG_CHARS, marked
from core.providers.request import ChatMessage, ModelRequest
from data.values.calls import TokenUsage
from data.values.models import Model
from data.values.money import TokenPrice
from tests.gateway.calls import endpoint

LONG = "x" * LONG_CHARS


def conversation(*messages: tuple[str, Any], provider: str = "anthropic", model: str = "claude") -> ModelRequest:
    said: tuple[ChatMessage, ...] = tuple({"role": role, "content": content} for role, content in messages)  # type: ignore[typeddict-item]
    return ModelRequest(replace(endpoint("http://x"), provider=provider), Model(provider, model, model), said)


def marks(request: ModelRequest) -> list[bool]:
    return ["cache_control" in str(message) for message in marked(request)]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (conversation(("system", LONG), ("user", "hi")), [True, False]),
        (conversation(("system", "short"), ("user", LONG)), [False, False]),
        (conversation(("user", LONG), ("assistant", "a"), ("user", "b")), [False, False, True]),
        (conversation(("system", LONG), ("user", "q"), ("assistant", "a"), ("user", "b")), [True, False, False, True]),
        (conversation(("user", "q"), ("assistant", "a"), ("user", "b")), [False, False, False]),
        (conversation(("system", LONG), ("user", "hi"), provider="openai"), [False, False]),
        (conversation(("system", LONG), ("user", "hi"), provider="openrouter", model="openai/gpt"), [False, False]),
        (conversation(("system", LONG), ("user", "hi"), provider="openrouter", model="anthropic/c"), [True, False]),
    ],
    ids=["system", "first question", "history", "both", "short", "openai", "openrouter", "openrouter's claude"],
)
def test_where_marks_go(request_: ModelRequest, expected: list[bool]) -> None:
    assert marks(request_) == expected


def test_a_mark_changes_nothing_else_and_the_request_not_at_all() -> None:
    request = conversation(("system", LONG), ("user", "hi"))
    (system, user) = request_body(request)["messages"]
    assert system["content"] == [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]
    assert user == {"role": "user", "content": "hi"}
    assert request.messages[0]["content"] == LONG


def test_the_callers_own_marks_stand() -> None:
    own = [{"type": "text", "text": "q", "cache_control": {"type": "ephemeral"}}]
    request = conversation(("system", LONG), ("user", own))
    assert marks(request) == [False, True]


def test_written_and_read_tokens_have_their_prices() -> None:
    usage = usage_of(
        {
            "prompt_tokens": 1000,
            "completion_tokens": 10,
            "prompt_tokens_details": {"cached_tokens": 300},
            "cache_creation_input_tokens": 600,
        }
    )
    assert usage == TokenUsage(1000, 10, cached=300, written=600)
    price = TokenPrice(Decimal(10), Decimal(50), Decimal(1), "v", cache_write=Decimal("12.5"))
    assert cost_of(price, usage).amount == 100 * 10 + 300 * 1 + 600 * Decimal("12.5") + 10 * 50
    assert cost_of(replace(price, cache_write=None), usage).amount == 700 * 10 + 300 + 500
