"""Putting a question to another model."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from core.calls import AUTO, CallService
from core.errors import GearboxError
from core.providers.candidates import Candidate
from core.providers.request import ChatMessage
from core.tools.builtin.answers import Stream, asked_of
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, takes
from data.store import Store
from data.values.models import Sampling
from data.values.parts import SourcesPart, TextPart
from data.values.sources import for_reading
from data.values.tool_calls import Effect

SECONDS = 180.0
_MOST_NAMED = 30

_DESCRIPTION = (
    "Puts a question to another model and gives its answer: for a second opinion, or for what another model is better "
    "at. It sees nothing of this conversation but the question, so say everything it needs. It has no tools. `model` "
    "is an id like provider/name; `auto` lets Gearbox choose. An id that does not exist is answered with those that do."
)


class Question(ToolInput):
    """What to ask whom."""

    question: Annotated[str, Field(min_length=1, max_length=100_000)]
    model: Annotated[str, Field(max_length=300)] = AUTO


def ask_model(calls: CallService, stream: Stream, store: Store) -> Tool:
    """The tool.

    Args:
        calls: chooses who answers, among what the person can use.
        stream: makes the calls; see `asked_of`.
    """

    async def ask(asked: Question, context: ToolContext) -> ToolResult:
        candidates = await asyncio.to_thread(_candidates, calls, asked, context)
        answer = await asked_of(candidates, stream, store, context)
        named = (SourcesPart(for_reading(answer.sources)),) if answer.sources else ()
        # Who names pages has read them: what they say comes along.
        return ToolResult((TextPart(answer.told("answered")), *named), is_untrusted=bool(answer.sources))

    return Tool(
        name="ask_model",
        title="Ask another model",
        description=_DESCRIPTION,
        schema=Question.model_json_schema(),
        effect=Effect.GOES_OUT,
        run=takes(Question, ask),
        timeout=SECONDS,
        cost="as the model that is asked",
    )


def _candidates(calls: CallService, asked: Question, context: ToolContext) -> list[Candidate]:
    messages: list[ChatMessage] = [{"role": "user", "content": asked.question}]
    known = [f"{model.provider}/{model.name}" for model in calls.models(context.actor)]
    if asked.model != AUTO and asked.model not in known:
        more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
        raise GearboxError(
            f"There is no model {asked.model!r} that can be asked. There are: {', '.join(known[:_MOST_NAMED])}{more}."
        )
    # Without tools: the one that is asked can't ask others in turn.
    return calls.candidates(context.actor, asked.model, messages, Sampling(), {})
