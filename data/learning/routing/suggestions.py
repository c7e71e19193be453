"""What a person and their team mostly used for prompts like this one: counts of picks, not of what was good.

Of prompts alike, where there are enough, else of the same task. What the policy or a fixed default chose is nobody's
use: it would be suggested because it was suggested. Decayed weights decide which model is named, the numbers beside it
are of real picks; it is named only where it has the most of both, and more than half of them, so that "mostly" is true.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.learning.fingerprint import likeness
from data.values.counting import Used
from data.values.routing import Chooser
from data.values.tasks import Task

AT_LEAST = 5
"""Choices; below it nothing is said."""
PEOPLE_AT_LEAST = 3
"""Of a team; below it what the team used is what one colleague used."""

_HALF_LIFE = timedelta(days=45)
_ALIKE = 0.35  # likeness is exact to 0.07 and about 0 between strangers: five deviations
_NEAREST = 50
_PICKED = frozenset({Chooser.PERSON, Chooser.PIN})


@dataclass(frozen=True, slots=True)
class Habit:
    """The model that was used most for prompts like this: `times` of `n`; `people` is how many they are.

    `alike`: these are prompts alike, not only of the same task.
    """

    model_id: str
    times: int
    n: int
    people: int
    alike: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Of the person, and of others in each of their teams by the team's id. None or missing: too few to say."""

    own: Habit | None
    teams: Mapping[str, Habit]


def suggest(
    uses: Iterable[Used],
    *,
    user_id: str,
    teams: Mapping[str, Sequence[str]],
    task: Task,
    fingerprint: str,
    now: datetime,
    models: Iterable[str] | None = None,
) -> Suggestion:
    """What is mostly used for prompts like this.

    Args:
        uses: of the person and of the people in their teams; only what they picked or pinned counts.
        user_id: the person who is told.
        teams: the members of each of the person's teams, by its id.
        task: of the prompt at hand.
        fingerprint: of the prompt at hand; empty: only the task counts.
        now: up to when choices have decayed.
        models: only these may be named, as others can't answer; None: any.
    """
    allowed = None if models is None else frozenset(models)
    picked = (use for use in uses if use.chooser in _PICKED)
    known = [use for use in picked if use.at <= now and (allowed is None or use.model_id in allowed)]
    own = _habit([use for use in known if use.user_id == user_id], task, fingerprint, now)
    habits = {
        team: _habit([use for use in known if use.user_id in frozenset(members)], task, fingerprint, now)
        for team, members in teams.items()
    }
    return Suggestion(own, {team: each for team, each in habits.items() if each and each.people >= PEOPLE_AT_LEAST})


def _habit(uses: Sequence[Used], task: Task, fingerprint: str, now: datetime) -> Habit | None:
    near = _nearest(uses, fingerprint)
    alike = len(near) >= AT_LEAST
    if not alike:
        near = [use for use in uses if use.task is task]
    if len(near) < AT_LEAST:
        return None
    weights: dict[str, float] = defaultdict(float)
    for use in near:
        weights[use.model_id] += 0.5 ** ((now - use.at) / _HALF_LIFE)
    times = Counter(use.model_id for use in near)
    model = max(weights, key=lambda each: (weights[each], each))
    if times[model] < max(times.values()) or 2 * times[model] <= len(near):
        return None
    return Habit(model, times[model], len(near), len({use.user_id for use in near}), alike)


def _nearest(uses: Sequence[Used], fingerprint: str) -> list[Used]:
    """Those of prompts alike, the most alike first, the later ones first among equals."""
    found = [(likeness(use.fingerprint, fingerprint), use.at, use) for use in uses if use.fingerprint]
    found.sort(key=lambda each: (-each[0], -each[1].timestamp()))
    return [use for near, _, use in found[:_NEAREST] if near >= _ALIKE]
