"""Putting a question to another model."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from core.calls import AUTO, CallService
from core.errors import GearboxError
from core.providers.candidates import AttemptsBooking, Candidate
from core.providers.gateway import StoreBooking
from core.providers.request import ChatMessage
from core.tools.tool import Tool, ToolContext, ToolResult, takes
from data.store import Store
from data.values.calls import CallIntent, CallOutcome
from data.values.events import AnotherTry, AttemptEvent, Delta, SourceDelta, StreamEnd, TextDelta, TookOver
from data.values.models import Sampling
from data.values.parts import SourcesPart, TextPart
from data.values.sources import Source, for_reading
from data.values.tool_calls import Effect

MOST_CHARS = 40_000
SECONDS = 180.0
_MOST_NAMED = 30

_DESCRIPTION = (
    "Puts a question to another model and gives its answer: for a second opinion, or for what another model is better "
    "at. It sees nothing of this conversation but the question, so say everything it needs. It has no tools. `model` "
    "is an id like provider/name; `auto` lets Gearbox choose. An id that does not exist is answered with those that do."
)

Stream = Callable[[Sequence[Candidate], AttemptsBooking], AsyncGenerator[Delta | AttemptEvent, None]]


class Question(BaseModel):
    """What to ask whom."""

    question: Annotated[str, Field(min_length=1, max_length=100_000)]
    model: Annotated[str, Field(max_length=300)] = AUTO


class _Noted(StoreBooking):
    """Books the calls as any other and keeps what they came to."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.outcomes: list[CallOutcome] = []

    async def conclude(self, intent: CallIntent, outcome: CallOutcome, error: GearboxError | None) -> None:
        self.outcomes.append(outcome)
        await super().conclude(intent, outcome, error)

    def cost(self) -> str:
        sums: dict[str, Decimal] = {}
        for outcome in self.outcomes:
            if outcome.cost.amount is not None:
                sums[outcome.cost.currency] = sums.get(outcome.cost.currency, Decimal()) + outcome.cost.amount
        known = [f"{amount.normalize():f} {currency}" for currency, amount in sums.items()]
        unpriced = sum(outcome.cost.amount is None and outcome.usage is not None for outcome in self.outcomes)
        return ", ".join(known + (["a price that nobody knows"] if unpriced else [])) or "nothing"


def ask_model(calls: CallService, stream: Stream, store: Store) -> Tool:
    """The tool.

    Args:
        calls: chooses who answers, among what the person can use.
        stream: makes the calls; see `Attempts.stream`. Of the loop that tools run on.
    """

    async def ask(asked: Question, context: ToolContext) -> ToolResult:
        candidates = await asyncio.to_thread(_candidates, calls, asked, context)
        booking = _Noted(store)
        model = f"{candidates[0].intent.provider}/{candidates[0].intent.model}"
        context.progress(f"Asking {model}")
        text, end, sources = "", "", list[Source]()
        async with contextlib.aclosing(stream(candidates, booking)) as events:
            async for event in events:
                match event:
                    case TextDelta():
                        text += event.text
                    case AnotherTry():
                        model = f"{event.provider}/{event.model}"
                    case TookOver():
                        text, sources = "", []
                    case SourceDelta():
                        sources.append(event.source)
                    case StreamEnd():
                        end = event.reason
        if not text.strip():
            raise GearboxError(f"{model} ended its answer without a word. It cost {booking.cost()}.")
        is_cut = end == "length" or len(text) > MOST_CHARS
        said = (
            f"{model} answered{', cut at its limit' if is_cut else ''} (cost: {booking.cost()}):\n\n{text[:MOST_CHARS]}"
        )
        named = (SourcesPart(for_reading(sources)),) if sources else ()
        # Who names pages has read them: what they say comes along.
        return ToolResult((TextPart(said), *named), is_untrusted=bool(sources))

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
