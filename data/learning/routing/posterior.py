"""What is known of models by task for a person: everybody's experience, then the teams', then the person's own.

Each level is drawn towards the one above it and leaves out what it shares with those below, so that nothing counts
twice. Built once for a state of the statistics; what a person's part of it comes to is kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from data.learning.routing.shrinkage import (
    Outlook,
    blended,
    borne_out,
    evidence,
    expected,
    levels,
    seen,
    uninformed,
    updated,
)
from data.learning.routing.sums import TASKS, Sums, mean_of, scopes_of, without
from data.values.routing import Level, Tallies
from data.values.tasks import Task


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a model at a task before anything is seen: `weight` observations of `quality` on average."""

    quality: float
    weight: float


Prior = Mapping[tuple[str, Task], Expected]


@dataclass(frozen=True, slots=True)
class Belief:
    """What is known of some models for one prompt, in the order they were asked for; all arrays (models,).

    Args:
        model_ids: the models.
        mean: of the quality, in [0, 1].
        deviation: the posterior's standard deviation of it, next to other models: how high all stand is left out.
        doubt: the same with that in it, for an interval that is to be shown as it is.
        n: effective number of observations at the prompt's tasks, the prior's not among them.
        cost: of an answer as it was seen, US dollars; NaN where none was priced.
        seconds: of an answer as it was seen; NaN where none was timed.
        is_new: so little is known of the model at all that its share of the traffic is capped.
    """

    model_ids: tuple[str, ...]
    mean: Any
    deviation: Any
    doubt: Any
    n: Any
    cost: Any
    seconds: Any
    is_new: Any


@dataclass(frozen=True, slots=True)
class Settings:
    """How the levels hang together; see ADR 48 for how the numbers were found.

    Args:
        noise: variance of one observation: that of a thumb is at most 0.25.
        everywhere: variance of what models differ by at all tasks.
        alike: variance of what they differ by at tasks that are of one kind, see `_KINDS`.
        apart: variance of what they differ by at a single task.
        narrower: variances of how a team differs from everybody, and a person from the team, as a share of those.
        strict: observations that the level of a team or person is worth where it is as usual: a first thumb down says
            as much of the person as of the model.
        prior_cap: the most observations that a prior counts for at one task.
        new_below: with fewer observations at all tasks, the prior's included, a model is new.
    """

    noise: float = 0.2
    everywhere: float = 0.006
    alike: float = 0.006
    apart: float = 0.006
    narrower: float = 0.5
    strict: float = 6.0
    prior_cap: float = 8.0
    new_below: float = 10.0


_UNKNOWN = 0.5
"""Quality of what nothing is known of."""

_ANYTHING = 1 / 12
"""Variance of a quality of which nothing is known: it is anywhere between 0 and 1."""

_HINT = 0.2
"""Observations that the level of a prior is worth: shown while nothing else is known, and given up at once."""

_KINDS = (
    {Task.CODE, Task.MATH, Task.ANALYSIS, Task.EXTRACT, Task.CHART},
    {Task.WRITING, Task.REWRITE, Task.SUMMARIZE, Task.TRANSLATE, Task.CHAT},
    {Task.QUESTION, Task.ANALYSIS, Task.CHAT, Task.OTHER},
)
"""Tasks at which the same models tend to be good: exactness, a way with words, knowledge.

Pictures, speech and films are made by models of their own.
"""


@dataclass(frozen=True, slots=True)
class _Whole:
    """What is known for a person: the models' effects, the tasks' levels (tasks,), and what of each model's quality is
    unknown because the levels are, (models, tasks, tasks).
    """

    outlook: Outlook
    level: Any
    doubts: Any


@dataclass(frozen=True, slots=True)
class Posterior:
    """A state of the statistics, ready to be asked. Safe to share between threads."""

    models: dict[str, int]
    settings: Settings
    _scopes: dict[tuple[Level, str], Sums]
    _outlook: Outlook
    _levels: Any
    _is_new: Any
    _cache: dict[tuple[tuple[str, ...], str], _Whole] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        tallies: Tallies,
        prior: Prior,
        now: datetime,
        *,
        models: Sequence[str] = (),
        settings: Settings = Settings(),
    ) -> Posterior:
        """Of all statistics, as they count at a time.

        Args:
            tallies: of all levels, from the store or `statistics.merged`.
            prior: what is expected of models; a model it says nothing of starts with wide intervals.
            now: up to when observations have decayed.
            models: all that may be asked for, beside those that statistics or the prior know.
            settings: how the levels hang together.
        """
        known = sorted({*models, *(model for model, _ in prior), *(key.model_id for key in tallies)})
        places = {model: place for place, model in enumerate(known)}
        scopes = scopes_of(tallies, places, now)
        everybody = scopes[Level.ALL, ""]
        counts, means = np.zeros(everybody.weight.shape), np.zeros(everybody.weight.shape)
        for (model, task), guess in prior.items():
            cell = places[model], TASKS[task]
            counts[cell], means[cell] = min(guess.weight, settings.prior_cap), guess.quality
        likeness = _likeness(settings)
        outlook = expected(means, counts, likeness, settings.noise)
        usual = np.divide((counts * means).sum(axis=0), counts.sum(axis=0), out=np.full(len(TASKS), _UNKNOWN),
                          where=counts.sum(axis=0) > 0)  # fmt: skip
        if counts.any():
            outlook = _as_borne_out(outlook, uninformed(len(counts), likeness), everybody, usual, settings.noise)
        is_new = (counts + everybody.weight).sum(axis=1) < settings.new_below
        return cls(places, settings, scopes, outlook, usual, is_new)

    def belief(
        self, model_ids: Sequence[str], tasks: Mapping[Task, float], team_ids: Sequence[str] = (), user_id: str = ""
    ) -> Belief:
        """What is known of some models for a prompt of these tasks (probabilities) by this person.

        A model that nothing is known of is new, and as good as the average one.
        """
        whole = self._of(tuple(sorted(set(team_ids))), user_id)
        rows = np.array([self.models.get(model, -1) for model in model_ids], dtype=np.int64)
        shares = np.zeros(len(TASKS))
        for task, share in tasks.items():
            shares[TASKS[task]] = share
        shares /= shares.sum()
        everybody = self._scopes[Level.ALL, ""]
        variance = np.maximum(whole.outlook.covariances @ shares @ shares, 0.0)
        return Belief(
            tuple(model_ids),
            np.clip((whole.outlook.means + whole.level) @ shares, 0.0, 1.0)[rows],
            np.sqrt(variance)[rows],
            np.sqrt(np.minimum(variance + whole.doubts @ shares @ shares, _ANYTHING))[rows],
            (everybody.weight @ shares)[rows],
            mean_of(everybody.cost, everybody.priced, shares)[rows],
            mean_of(everybody.seconds, everybody.timed, shares)[rows],
            self._is_new[rows],
        )

    def seen(self, model_ids: Sequence[str], tasks: Mapping[Task, float], level: Level, scope_id: str = "") -> Any:
        """How many observations of each model somebody made at these tasks (probabilities), effectively; (models,)."""
        sums = self._scopes.get((level, scope_id))
        if sums is None:
            return np.zeros(len(model_ids))
        shares = np.zeros(len(TASKS))
        for task, share in tasks.items():
            shares[TASKS[task]] = share
        return (sums.weight @ shares)[[self.models.get(model, -1) for model in model_ids]]

    def _of(self, team_ids: tuple[str, ...], user_id: str) -> _Whole:
        """What is known for a person."""
        teams = tuple(team for team in team_ids if (Level.TEAM, team) in self._scopes)
        person = user_id if (Level.USER, user_id) in self._scopes else ""
        found = self._cache.get((teams, person))
        if found is None:
            found = self._cache[teams, person] = self._narrowed(teams, person)
        return found

    def _narrowed(self, team_ids: tuple[str, ...], user_id: str) -> _Whole:
        """From everybody's to the person's. What is seen on each level is that of those who are not on the next."""
        everybody = self._scopes[Level.ALL, ""]
        zero = np.zeros_like(everybody.weight)
        own = self._scopes.get((Level.USER, user_id)) if user_id else None
        mine, mine_good = (own.weight, own.quality) if own else (zero, zero)
        team, team_good = zero, zero
        for each in team_ids:
            scope = self._scopes[Level.TEAM, each]
            rest, good = without(scope.weight, scope.quality, mine, mine_good)
            team, team_good = team + rest, team_good + good
        others, others_good = without(everybody.weight, everybody.quality, mine + team, mine_good + team_good)
        whole = _Whole(self._outlook, self._levels, np.zeros_like(self._outlook.covariances))
        whole = self._with(whole, others, others_good, strict=_HINT)
        differs = self.settings.narrower * _likeness(self.settings)
        for steps, counts, sums in ((1, team, team_good), (1 if team.any() else 2, mine, mine_good)):
            if counts.any():
                wider = Outlook(whole.outlook.means, whole.outlook.covariances + steps * differs)
                whole = self._with(replace(whole, outlook=wider), counts, sums, strict=self.settings.strict)
        return whole

    def _with(self, whole: _Whole, counts: Any, sums: Any, *, strict: float) -> _Whole:
        """With what one level saw; its tasks' levels are as usual, as far as `strict` observations say."""
        shown = np.flatnonzero(counts.any(axis=1))  # the others' effects stay as they are, whatever the levels are
        counts, sums = counts[shown], sums[shown]
        means, covariances = np.array(whole.outlook.means), np.array(whole.outlook.covariances)
        part = Outlook(means[shown], covariances[shown])
        off = np.divide(sums - counts * whole.level, counts, out=np.zeros_like(counts), where=counts > 0)
        found = seen(part, counts, off, self.settings.noise)
        shift, spread = levels(found, precision=strict / self.settings.noise)
        now = updated(part, found, shift)
        means[shown], covariances[shown] = now.means, now.covariances
        kept = np.eye(len(TASKS)) - part.covariances @ found.precisions
        doubts = whole.doubts + spread
        doubts[shown] = kept @ doubts[shown] @ kept.transpose(0, 2, 1)
        return _Whole(Outlook(means, covariances), whole.level + shift, doubts)


def _as_borne_out(outlook: Outlook, without: Outlook, everybody: Sums, usual: Any, noise: float) -> Outlook:
    """What a prior says, as far as everybody's statistics leave it likely that it says anything."""
    counts, sums = everybody.weight, everybody.quality
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    found = (evidence(seen(each, counts, means, noise), usual, _HINT / noise) for each in (outlook, without))
    return blended(outlook, without, borne_out(*found))


def _likeness(settings: Settings) -> Any:
    """Covariance of a model's effects between tasks."""
    kinds = np.array([[task in kind for task in Task] for kind in _KINDS], dtype=float)
    # Tasks of two kinds are as much of either: so it remains a covariance.
    shares = kinds / np.maximum(kinds.sum(axis=0), 1.0)
    alike = np.sqrt(shares).T @ np.sqrt(shares)
    return settings.everywhere + settings.alike * alike + settings.apart * np.eye(len(TASKS))
