"""One question to a chat model beside the answer: what it says, as a whole."""

from __future__ import annotations

import contextlib

from core.providers.attempts import Attempts, Candidate
from core.providers.gateway import StoreBooking
from core.providers.request import ModelRequest
from data.values.calls import CallIntent
from data.values.events import TextDelta, TookOver


async def words_of(attempts: Attempts, request: ModelRequest, intent: CallIntent, booking: StoreBooking) -> str:
    """The words of the model's reply; no answer more of the person's. Raises GearboxError, see `Attempts.stream`."""
    text = ""
    stream = attempts.stream([Candidate(request, intent)], booking, counts=False)
    async with contextlib.aclosing(stream) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text += event.text
            elif isinstance(event, TookOver):  # what came before belongs to an answer that was cut
                text = ""
    return text
