"""Who may answer, and where the calls that lead to one answer are committed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.providers.circuits import Circuit
from core.providers.gateway import Booking
from core.providers.request import ModelRequest
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, ChosenBy
from data.values.events import AnotherTry
from data.values.models import Endpoint, Model


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer: what it would be asked, and how that is booked. `intent.id` is used once.

    `instead_of` says that it is asked first because the one that was meant is known not to answer.
    """

    request: ModelRequest
    intent: CallIntent
    instead_of: AnotherTry | None = None

    @property
    def circuit(self) -> Circuit:
        """What fails or works as one."""
        return Circuit(self.request.endpoint.id, self.request.model.name)


def intent_for(
    actor: Actor,
    endpoint: Endpoint,
    model: Model,
    now: datetime,
    chosen_by: ChosenBy,
    *,
    conversation_id: str | None = None,
    is_test: bool = False,
) -> CallIntent:
    """How a new call of a model at an endpoint is booked."""
    return CallIntent(
        id=uuid.uuid4().hex,
        actor=actor,
        provider=model.provider,
        model=model.name,
        started_at=now,
        endpoint_id=endpoint.id,
        conversation_id=conversation_id,
        chosen_by=chosen_by,
        key_owner=endpoint.key_owner,
        secret_id=endpoint.secret_id,
        is_test=is_test,
    )


class AttemptsBooking(Booking, Protocol):
    """Where the calls for one answer are committed; `conclude` is for the last one."""

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """Commit how a call ended that another one follows."""
        ...
