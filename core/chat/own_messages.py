"""Messages by their ids, for the person who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.access.access import Access
from core.errors import GearboxError, NotFound
from data.values.actor import Actor
from data.values.messages import Message

if TYPE_CHECKING:
    from data.store import Store


def own_message(access: Access, store: Store, actor: Actor, conversation_id: str, message_id: str) -> Message:
    """One in view. Blocks.

    Raises:
        NotFound: the conversation is not the person's, which the audit log tells, or does not exist.
        GearboxError: there is no such message in it, or another one has taken its place.
    """
    try:
        store.conversations.get(actor.user_id, conversation_id)
    except NotFound:
        access.note_refusal(actor, target=f"conversation:{conversation_id}", reason=NotFound.__name__)
        raise
    try:
        return store.conversations.message(actor.user_id, conversation_id, message_id)
    except NotFound as error:  # of a conversation that is there: that much may be told
        raise GearboxError(str(error), error.remedy) from None
