"""Conversations of a given length, made through the store as turns make them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

from core.access.sign_in import LOCAL_OWNER_ID
from data.store import OwnerId, open_store
from data.store.turns import BeginTurn
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, CallStatus, TokenUsage
from data.values.messages import MessageStatus
from data.values.parts import TextPart

_ANSWER = """Here is what matters, in short:

- **first**, the gears turn at different speeds;
- **second**, a longer sentence that fills about one line of the page, as answers do;
- and `third`, something in code.

A closing paragraph, so that the answer has a length that people are used to. It mentions nothing secret.
"""


def make(home: Path, lengths: list[int]) -> dict[int, str]:
    """Fill `home`'s database with one conversation per length (in messages, even); returns their ids by length."""
    home.mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{home / 'gearbox.db'}", owner=OwnerId.current())
    try:
        store.users.ensure(LOCAL_OWNER_ID, "Owner")
        made: dict[int, str] = {}
        for length in lengths:
            conversation: str | None = None
            for turn in range(length // 2):
                call = CallIntent(
                    uuid.uuid4().hex,
                    Actor(LOCAL_OWNER_ID, frozenset()),
                    "sandbox",
                    "scripted",
                    datetime.now(UTC),
                    "sandbox",
                )
                title = f"{length} messages"
                begun = store.turns.begin(
                    BeginTurn(LOCAL_OWNER_ID, conversation, title, (TextPart(f"Question {turn} of many?"),), call)
                ).result()
                conversation = begun.conversation_id
                store.turns.finish(
                    begun.turn_id,
                    status=MessageStatus.COMPLETE,
                    parts=(TextPart(_ANSWER),),
                    call_id=call.id,
                    outcome=CallOutcome(CallStatus.OK, 900.0, 120.0, TokenUsage(400, 90)),
                ).result()
            assert conversation is not None
            made[length] = conversation
        return made
    finally:
        store.close()
