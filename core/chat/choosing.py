"""The model of the next prompt, as the chat page and the service that sends it see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.chat.attachments import Attachment, Received, Taken
from core.chat.selection import Choice, choose
from core.preferences import Preferences
from core.providers.connections import Connections
from core.routing.asked import Wishes
from core.routing.matter import of_parts
from core.routing.routing import Routing
from data.values.actor import Actor
from data.values.calls import ChosenBy


class Choosing:
    """Chooses models for prompts. Blocks for a few milliseconds.

    Args:
        routing: decides where people leave it to Gearbox; without it nobody can.
    """

    def __init__(self, connections: Connections, routing: Routing | None = None) -> None:
        self._connections = connections
        self._routing = routing

    def before_typing(self, actor: Actor, preferences: Preferences, wished: Wishes) -> Choice | None:
        """The model that is likely to be asked next, when nobody knows what."""
        default = wished.default(preferences)
        found = choose(self._connections, actor, picked=wished.picked, last=wished.last, default=default)
        if found is None or self._routing is None:
            return found
        if wished.is_own(found.model.id, preferences):
            # Also the conversation's last one, picked for that.
            return replace(found, chosen_by=ChosenBy.PERSON, overrules=wished.overrules)
        return replace(found, chosen_by=ChosenBy.AUTO) if self._routing.is_on(actor) else found

    def of_draft(
        self,
        actor: Actor,
        preferences: Preferences,
        wished: Wishes,
        *,
        prompt: str | None,
        files: Sequence[Attachment | Taken],
        conversation_id: str | None,
    ) -> Choice | None:
        """The model that a prompt goes to that is being written; see `ChatService.choice`."""
        if self._routing is None or (not (prompt or "").strip() and not files):
            return self.before_typing(actor, preferences, wished)
        return self._routing.draft(actor, prompt or "", conversation_id, wished, preferences, files=files)

    def to_send(
        self,
        actor: Actor,
        conversation_id: str | None,
        said: Received | None,
        choice: Choice | None,
        preferences: Preferences,
    ) -> Choice:
        """The model that is asked now; `said` None answers the last prompt again.

        Raises:
            NotFound: there is none, or the one that the page showed is gone.
        """
        if choice is not None and self._routing is not None:
            matter = None if said is None else of_parts(said)
            choice = self._routing.to_send(actor, conversation_id, matter, choice, preferences)
        elif choice is not None:  # again: what was usable when the page was drawn may be gone
            choice = Choice(*self._connections.resolve(actor, choice.model.id), choice.chosen_by, choice.instead_of)
        if choice is None:
            raise self._connections.nothing_usable(actor)
        return choice

    def needs_yes(self, choice: Choice, preferences: Preferences) -> bool:
        """Whether the person is asked before the model is."""
        decision = choice.decision
        return self._routing is not None and decision is not None and self._routing.needs_yes(decision, preferences)

    def instead(self, actor: Actor, choice: Choice, model_id: str) -> Choice:
        """Another model that the person named where they were asked. Raises NotFound where it can't be used."""
        assert self._routing is not None, "somebody chose before"
        return self._routing.instead(actor, choice, model_id)
