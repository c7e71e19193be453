"""What people do with an answer as a whole, of one conversation: rate it, take it along, have it made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import GearboxError
from core.routing.feedback import Thumb
from data.values.messages import Message
from pages.plain import plain
from pages.session import Session

if TYPE_CHECKING:
    from pages.visit import Visit


class AnswerActions:
    """For the answers that a page draws. What goes wrong is told beside the page.

    Args:
        answers: those that are drawn, for their thumbs.
        draw_aside: draws a message that was kept aside.
    """

    def __init__(
        self, visit: Visit, conversation_id: str, answers: Sequence[Message], draw_aside: Callable[[Message], None]
    ) -> None:
        self.visit = visit
        self.draw_aside = draw_aside
        self.conversation_id = conversation_id
        self._thumbs = dict(visit.services.feedback.thumbs(visit.actor, answers))

    def thumb(self, message_id: str) -> Thumb | None:
        """The person's thumb at an answer."""
        return self._thumbs.get(message_id)

    def rate(self, message_id: str, thumb: Thumb | None) -> None:
        """Give it, change it, or take it back."""
        with _told():
            self.visit.services.feedback.thumb(self.visit.actor, self.conversation_id, message_id, thumb)
            self._thumbs.pop(message_id, None)
            if thumb is not None:
                self._thumbs[message_id] = thumb

    def copied(self, message_id: str) -> None:
        """Note that it was taken along."""
        with _told():
            self.visit.services.feedback.copied(self.visit.actor, self.conversation_id, message_id)

    def again(self, message_id: str, model: str | None = None) -> bool:
        """Have the last answer made anew; says whether that has begun."""
        redoing = self.visit.services.chats.redoing
        with _told() as told:
            redoing.again(self.visit.actor, self.conversation_id, message_id, model=model)
        return told.is_well

    def edit(self, prompt_id: str, text: str) -> bool:
        """Send a prompt in other words; says whether its answer has begun."""
        redoing, picked = self.visit.services.chats.redoing, Session().picked_model
        with _told() as told:
            redoing.edit(self.visit.actor, self.conversation_id, prompt_id, text, picked=picked)
        return told.is_well

    def prompt_of(self, message_id: str) -> Message:
        """The prompt of an answer. Raises GearboxError."""
        return self.visit.services.chats.redoing.prompt_of(self.visit.actor, self.conversation_id, message_id)

    def others(self, message_id: str) -> Mapping[str, str]:
        """What is known of the other models that could answer, the likeliest to do well first. Raises GearboxError."""
        return self.visit.services.chats.redoing.others(self.visit.actor, self.conversation_id, message_id)

    def before(self, message_id: str) -> Sequence[Sequence[Message]]:
        """What was kept aside where it stands now, the oldest first. Raises GearboxError."""
        return self.visit.services.chats.redoing.before(self.visit.actor, self.conversation_id, message_id)


class _told:  # noqa: N801  # used as a function
    """Tells what went wrong beside the page, where a callback or a fragment can't draw."""

    def __init__(self) -> None:
        self.is_well = True

    def __enter__(self) -> _told:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, GearboxError):
            return False
        self.is_well = False
        st.toast(plain(error.explain()), icon=":material/error:")
        return True
