"""A costly model that Gearbox chose waits for the person's yes, or for another model's name."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.chat.live import LiveTurn
from data.values.events import ModelAnswered, ModelAsked
from data.values.parts import NoticePart
from data.values.routing import Decision

if TYPE_CHECKING:
    from core.chat.plan import TurnPlan

NOT_AGREED = NoticePart("No model was asked: the cost was not agreed to.")

KEY = "model-"
"""How the keys of these questions begin."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What has to be agreed to before the first call.

    Args:
        decision: the choice.
        patience: seconds that it waits.
        instead: the plan with another model, for a turn that has begun; raises NotFound where it can't be used.
    """

    decision: Decision
    patience: float
    instead: Callable[[str, LiveTurn], Awaitable[TurnPlan]]


async def agreed_plan(turn: LiveTurn, plan: TurnPlan) -> TurnPlan | None:
    """The plan with the model that the person wants; None where they agree to none."""
    assert plan.asks is not None, "there is something to agree to"
    model_id = await _agreed(turn, plan.asks)
    if model_id is None:
        return None
    return plan if model_id == plan.asks.decision.chosen else await plan.asks.instead(model_id, turn)


async def _agreed(turn: LiveTurn, asks: Agreement) -> str | None:
    """The id of the model that the person wants to answer; None where they want none, or say nothing for too long."""
    key = f"{KEY}{uuid.uuid4().hex}"
    model_id: str | None = None
    with turn.questions.asking(key) as said:
        turn.append(ModelAsked(key, asks.decision))
        try:
            async with asyncio.timeout(asks.patience):
                model_id = await said
        except TimeoutError:
            return None
        finally:
            turn.append(ModelAnswered(key, model_id))
    return model_id
