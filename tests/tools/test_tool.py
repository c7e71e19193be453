"""A tool's arguments and results as pydantic models."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel, Field

from core.errors import GearboxError
from core.tools.tool import Tool, ToolContext, ToolResult, gives, takes
from data.values.parts import NoticePart, TextPart
from data.values.tool_calls import Effect
from tests.people import ALICE


class _Span(BaseModel):
    first: int
    last: int = Field(ge=0)


class _Length(BaseModel):
    length: int
    unit: str | None = None


async def _measure(span: _Span, _context: ToolContext) -> ToolResult:
    return gives(_Length(length=span.last - span.first), NoticePart("measured"))


_TOOL = Tool(
    "measure", "Measure", "How long a span is.", _Span.model_json_schema(), Effect.NONE, takes(_Span, _measure)
)


def test_a_call_takes_and_gives_models() -> None:
    result = asyncio.run(_TOOL.run({"first": 2, "last": 5}, ToolContext(ALICE)))
    assert result == ToolResult((TextPart('{"length":3}'), NoticePart("measured")))


def test_wrong_arguments_are_told_by_their_fields() -> None:
    with pytest.raises(GearboxError, match=r"first: Field required; last: Input should be greater than or equal to 0"):
        asyncio.run(_TOOL.run({"last": -1}, ToolContext(ALICE)))
