"""A model that writes calls although nothing may be called any more: they are no part of its answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.providers.candidates import Candidate
from core.providers.tool_answer import ToolAnswer, knows_tools
from core.tools.checked import load
from data.values.events import AttemptEvent, Delta, StreamEnd, TextDelta, ToolCallDelta
from tests.gateway import calls

load()

TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
HERMES = '<tool_call>{"name": "look", "arguments": {}}</tool_call>'
MISTRAL = '[TOOL_CALLS][{"name": "look", "arguments": {}}]'


async def said(*answers: str) -> tuple[str, list[str]]:
    """What is seen when the model answers so, one time after another; and what it was told last each time."""
    told: list[str] = []

    async def ask(candidates: Sequence[Candidate]) -> AsyncGenerator[Delta | AttemptEvent, None]:
        told.append(str(candidates[0].request.messages[-1]["content"]))
        for character in answers[len(told) - 1]:
            yield TextDelta(character)
        yield StreamEnd("stop")

    options = {"tools": [TOOL], "tool_choice": "none"}
    candidate = Candidate(replace(calls.request("http://127.0.0.1:1"), options=options), calls.intent())
    assert knows_tools(candidate)
    text = ""
    answer = ToolAnswer(ask, [candidate], lambda: datetime(2026, 3, 1, tzinfo=UTC))
    async for item in answer.stream():
        assert not isinstance(item, ToolCallDelta)
        text += item.text if isinstance(item, TextDelta) else ""
    return text.strip(), told


@pytest.mark.parametrize("call", [HERMES, MISTRAL])
async def test_markup_beside_words_is_not_seen(call: str) -> None:
    text, told = await said(f"Here is what I have.\n{call}")
    assert text == "Here is what I have."
    assert len(told) == 1


@pytest.mark.parametrize("call", [HERMES, MISTRAL])
async def test_who_writes_nothing_else_is_asked_for_words(call: str) -> None:
    text, told = await said(call, "It is 42.")
    assert text == "It is 42."
    assert "Answer in words" in told[1]


async def test_at_most_twice_and_then_there_is_no_answer() -> None:
    text, told = await said(HERMES, MISTRAL, HERMES)
    assert (text, len(told)) == ("", 3)
