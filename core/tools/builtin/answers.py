"""The answer of another model to a question of a tool: asked as any other, and booked."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import GearboxError
from core.providers.candidates import AttemptsBooking, Candidate
from core.providers.gateway import StoreBooking
from core.tools.tool import ToolContext
from data.store import Store
from data.values.calls import CallIntent, CallOutcome
from data.values.events import AnotherTry, AttemptEvent, Delta, SourceDelta, StreamEnd, TextDelta, TookOver
from data.values.sources import Source

MOST_CHARS = 40_000

Stream = Callable[[Sequence[Candidate], AttemptsBooking], AsyncGenerator[Delta | AttemptEvent, None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, by its id; `cost` is that of all calls that led to it, in words."""

    model: str
    text: str
    cost: str
    is_cut: bool
    sources: tuple[Source, ...]

    def told(self, did: str) -> str:
        """It as a tool tells it: who did what, for how much, and the words."""
        return f"{self.model} {did}{', cut at its limit' if self.is_cut else ''} (cost: {self.cost}):\n\n{self.text}"


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


async def asked_of(candidates: Sequence[Candidate], stream: Stream, store: Store, context: ToolContext) -> Answer:
    """Put the question to the candidates, one after another until one answers.

    Args:
        stream: makes the calls; see `Attempts.stream`. Of the loop that tools run on.

    Raises:
        GearboxError: nobody answered, or without a word.
    """
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
    return Answer(model, text[:MOST_CHARS], booking.cost(), is_cut, tuple(sources))
