"""What a person and their teams mostly used for prompts like one that is being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.providers.connections import Connections
from core.routing.eligible import EXCLUDED
from core.routing.words import TASKS
from data.values.actor import Actor
from data.values.routing import Decision
from data.values.tasks import Task

if TYPE_CHECKING:
    from data.learning.routing.suggestions import Habit
    from data.store import Store

_SINCE = timedelta(days=180)
"""What is older has decayed to a sixteenth and less."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A model that was mostly used, and that in words: "For code you mostly used Sonnet (12 of 15)"."""

    model_id: str
    words: str


class Habits:
    """For the person who acts. Blocks for some milliseconds.

    Nothing is said below five choices, nor about a team of which fewer than three people made them: see
    `data.learning.routing.suggestions`. Models that the person can't use, or excluded, are not named.
    """

    def __init__(self, access: Access, store: Store, connections: Connections, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._store = store
        self._connections = connections
        self._clock = clock

    def suggested(self, actor: Actor, decision: Decision) -> tuple[Suggested, ...]:
        """What was mostly used for prompts like that of a decision: by the person, then by each of their teams."""
        self._access.require(actor, Permission.CHAT)
        from data.learning.routing.suggestions import suggest

        never = {each.model_id for each in decision.unfit if each.why == EXCLUDED}
        usable = [model for model in self._connections.models(actor) if model.id not in never]
        labels = {model.id: model.label for model in usable}
        teams = {team.id: team for team in self._store.teams.all() if team.id in actor.team_ids}
        members = {team.id: tuple(team.member_ids) for team in teams.values()}
        everybody = sorted({actor.user_id, *(each for those in members.values() for each in those)})
        now = self._clock()
        used = self._store.routing.used(everybody, now - _SINCE)
        found = suggest(
            used,
            user_id=actor.user_id,
            teams=members,
            task=decision.task,
            fingerprint=decision.fingerprint,
            now=now,
            models=labels,
        )
        said = [_said("you", found.own, decision.task, labels)] if found.own else []
        names = {team_id: f"your team {team.name}" for team_id, team in teams.items()}
        said += [_said(names[team_id], habit, decision.task, labels) for team_id, habit in found.teams.items()]
        return tuple(said)


def _said(who: str, habit: Habit, task: Task, labels: dict[str, str]) -> Suggested:
    what = "prompts like this" if habit.alike or task is Task.OTHER else TASKS[task]
    model = labels.get(habit.model_id, habit.model_id)
    return Suggested(habit.model_id, f"For {what} {who} mostly used {model} ({habit.times} of {habit.n})")
