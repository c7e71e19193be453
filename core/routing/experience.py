"""What a person's choices of models were, and what was learned from them: to look at, and to begin anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.errors import NotFound
from core.providers.connections import Connections
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.routing import Decision, Grade
from data.values.tasks import Task

if TYPE_CHECKING:
    from core.routing.knowledge import Knowledge
    from data.store import Store
    from data.values.actor import Actor

SEEN_AT_LEAST = 1.0
"""Effective observations of a model at a task from which it is listed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model stands with a person at a task, by what they, their teams and everybody showed.

    `grade` is None while too little is known; `n` is the effective number of observations.
    """

    task: Task
    model_id: str
    model: str
    grade: Grade | None
    n: float


class Experience:
    """Of the person who acts. Blocks for some milliseconds."""

    def __init__(self, access: Access, store: Store, connections: Connections, knowledge: Knowledge) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._knowledge = knowledge

    def decision(self, actor: Actor, decision_id: str) -> Decision:
        """A choice that was made for the person. Raises NotFound."""
        self._access.require(actor, Permission.CHAT)
        found = self._store.routing.decision(actor.user_id, decision_id)
        if found is None:
            self._access.note_refusal(actor, target=f"decision:{decision_id}", reason=NotFound.__name__)
            raise NotFound("This choice of a model is not there.", "It may have been deleted with its conversation.")
        return found

    def standings(self, actor: Actor) -> Sequence[Standing]:
        """The models that the person can use, by task, the best first; nothing while it is being made ready."""
        self._access.require(actor, Permission.CHAT)
        models = {model.id: model.label for model in self._connections.models(actor)}
        known = self._knowledge.now(tuple(models))
        if known is None or not models:
            return ()
        from data.learning.routing.grades import grades

        found = grades(known.posterior, models, team_ids=actor.team_ids, user_id=actor.user_id)
        seen = sorted((each for each in found if each.n >= SEEN_AT_LEAST), key=lambda each: -each.quality)
        order = list(Task)
        return sorted(
            (Standing(each.task, each.model_id, models[each.model_id], each.grade, each.n) for each in seen),
            key=lambda standing: order.index(standing.task),
        )

    def reset(self, actor: Actor) -> None:
        """Begin anew with the person: what they showed so far counts for nobody in particular any more."""
        self._access.require(actor, Permission.CHAT)
        target = f"preferences:{actor.user_id}"
        told = AuditEvent.by(actor, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=target, fields="learned_models")
        self._store.routing.forget(actor.user_id, told)
