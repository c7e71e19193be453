from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from core.api.ai_sdk.parts import PartWriter
from core.providers.attempts import Candidate
from data.values.calls import ErrorKind, TokenUsage
from data.values.events import AnotherTry, Delta, StreamEnd, TextDelta, ToolCallDelta, UsageReport
from data.values.models import Model
from data.values.money import TokenPrice
from tests.gateway.calls import intent, request

PRICE = TokenPrice(Decimal("0.0000004"), Decimal("0.0000016"), Decimal("0.0000001"), "list")


def candidate(name: str, price: TokenPrice | None = None) -> Candidate:
    asked = dataclasses.replace(request("http://127.0.0.1:9/v1"), model=Model("local", name, name, price=price))
    return Candidate(asked, intent())


def parts(written: bytes) -> list[dict[str, Any]]:
    return [json.loads(event[6:]) for event in written.decode().split("\n\n") if event not in {"", "data: [DONE]"}]


@pytest.mark.parametrize("price", [PRICE, None], ids=["priced", "unpriced"])
def test_cost_is_a_decimal_in_words_and_never_zero_for_unknown(price: TokenPrice | None) -> None:
    writer = PartWriter([candidate("a", price)], "m")
    writer.write(UsageReport(TokenUsage(input=10, output=2)))
    told = parts(writer.write(StreamEnd("stop")))[-1]["messageMetadata"]
    assert (told["cost"], told["currency"]) == (("0.0000072", "USD") if price else (None, None))


def test_a_fallback_is_told_with_its_own_price() -> None:
    writer = PartWriter([candidate("a"), candidate("b", PRICE)], "m")
    writer.note(AnotherTry("local", "a", ErrorKind.TIMEOUT, "it fell silent", "local", "b"))
    begun = parts(writer.start())
    told = {"failed": "local/a", "model": "local/b", "reason": "timeout"}
    assert begun[0]["messageMetadata"] == {"model": "local/b"}
    assert begun[-1] == {"type": "data-fallback", "data": told}
    writer.write(UsageReport(TokenUsage(input=10, output=2)))
    metadata = parts(writer.write(StreamEnd("stop")))[-1]["messageMetadata"]
    assert (metadata["model"], metadata["cost"], metadata["fallback"]) == ("local/b", "0.0000072", told)


def test_parallel_calls_keep_apart_and_what_is_no_json_is_an_error() -> None:
    writer = PartWriter([candidate("a")], "m")
    deltas: list[Delta] = [
        TextDelta("I look."),
        ToolCallDelta(0, "c0", "weather"),
        ToolCallDelta(1, "c1", "tides", '{"ci'),
        ToolCallDelta(0, arguments="{"),
        ToolCallDelta(1, arguments='ty": 1}'),
        StreamEnd("unknown"),
    ]
    made = parts(b"".join(writer.write(delta) for delta in deltas))
    assert [part["type"] for part in made[:4]] == ["text-start", "text-delta", "text-end", "tool-input-start"]
    ends = {part["toolCallId"]: part for part in made if part["type"].startswith(("tool-input-a", "tool-input-er"))}
    assert ends["c1"]["input"] == {"city": 1}
    assert (ends["c0"]["type"], ends["c0"]["input"]) == ("tool-input-error", "{")
    assert made[-1]["finishReason"] == "tool-calls"
    assert made[-1]["messageMetadata"]["usage"]["estimated"] is True
