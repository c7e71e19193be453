"""The model that the chat page says is asked next, before anybody knows what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.chat.live import LiveTurn
from core.chat.selection import Choice
from data.values.calls import ChosenBy
from data.values.messages import Message
from data.values.routing import Chooser
from pages.session import Session
from pages.visit import Visit


def likely(visit: Visit, running: LiveTurn | None, window: Sequence[Message]) -> Choice | None:
    """The one that answers now, until another is picked; else what follows from the window's messages."""
    own = Session().picked_model
    # One that was named for this answer alone says nothing of the next.
    is_once = running is not None and running.decision is not None and running.decision.overrules is not None
    picked = own or (running.model_id if running and not is_once else None)
    choice = visit.services.chat.choice(visit.actor, visit.preferences, picked=picked, history=window)
    by_auto = running is not None and running.decision is not None and running.decision.chooser is not Chooser.PERSON
    if choice is not None and by_auto and own is None:
        is_on = visit.services.routing.is_on(visit.actor)
        return replace(choice, chosen_by=ChosenBy.AUTO if is_on else ChosenBy.DEFAULT)
    return choice


def now(visit: Visit, choice: Choice | None, since: Callable[[], Sequence[Message]]) -> Choice | None:
    """The full run's choice; a model that stands in for another is the conversation's once it has answered."""
    if choice is None or choice.instead_of is None or not (history := since()):
        return choice
    picked = Session().picked_model
    return visit.services.chat.choice(visit.actor, visit.preferences, picked=picked, history=history)
