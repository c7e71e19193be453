"""Who may answer, and where the calls that lead to one answer are committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.providers.circuits import Circuit
from core.providers.gateway import Booking
from core.providers.request import ModelRequest
from data.values.calls import CallIntent, CallOutcome
from data.values.events import AnotherTry


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer: what it would be asked, and how that is booked. `intent.id` is used once."""

    request: ModelRequest
    intent: CallIntent

    @property
    def circuit(self) -> Circuit:
        """What fails or works as one."""
        return Circuit(self.request.endpoint.id, self.request.model.name)


class AttemptsBooking(Booking, Protocol):
    """Where the calls for one answer are committed; `conclude` is for the last one."""

    async def carry_on(self, intent: CallIntent, outcome: CallOutcome, then: AnotherTry) -> None:
        """Commit how a call ended that another one follows."""
        ...
