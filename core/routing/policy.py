"""From what is known of models to the one that answers: weighed, drawn, and how likely that was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from core.routing.eligible import Fit
from core.routing.knowledge import Known
from data.values.routing import Arm, Decision, Level, Weights
from data.values.tasks import Task

if TYPE_CHECKING:
    import numpy as np

    from data.learning.routing.posterior import Belief, Posterior

POLICY: Final = "thompson-1"
GREEDY: Final = "best-1"
"""Names and versions: the first now and then tries a model that may turn out better, the second never does."""

CANDIDATES: Final = 12
"""Models that are weighed at most: an aggregator has hundreds, and whoever asks wants an answer, not a lottery."""

ENOUGH: Final = 5.0
"""Observations from which on it is said whose they are."""

OWN_ENOUGH: Final = 1.5
"""The same of the person's own, where nobody else's are enough; effective, and one answer says nothing."""

_NEW_BELOW: Final = 10.0
_CREDIBLE: Final = 1.6448536269514722  # standard deviations on either side that hold 90 % of a normal distribution
_OPTIMISM: Final = 1.0


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: for whom it is weighed. `teams` are those that are large enough for their experience to be told."""

    user_id: str
    team_ids: tuple[str, ...]
    teams: tuple[str, ...]
    weights: Weights


def weighed(
    fits: Sequence[Fit], known: Known, tasks: Mapping[Task, float], asker: Asker, *, keep: Collection[str] = ()
) -> tuple[Arm, ...]:
    """What is known of each model, the highest expected reward first; at least one model is needed.

    The most promising `CANDIDATES` of them are weighed, and those of `keep`.
    """
    import numpy as np

    from data.learning.routing.reward import rewards

    ids = [fit.model.id for fit in fits]
    posterior = known.posterior
    belief = posterior.belief(ids, tasks, asker.team_ids, asker.user_id)
    costs = np.array([np.nan if fit.cost is None else float(fit.cost) for fit in fits])
    reward = rewards(belief.mean, costs, belief.seconds, asker.weights)
    promising = np.argsort(-(reward + _OPTIMISM * belief.deviation), kind="stable")
    order = [place for rank, place in enumerate(promising) if rank < CANDIDATES or ids[place] in keep]
    everywhere = posterior.seen(ids, dict.fromkeys(Task, 1.0), Level.ALL)
    experiences = _experiences(posterior, ids, tasks, asker, belief)
    arms = []
    for place in order:
        told = _whose(experiences, place)
        mean, low, high = _interval(float(belief.mean[place]), float(belief.deviation[place]))
        is_new = ids[place] in known.relatives and everywhere[place] < _NEW_BELOW
        arms.append(
            Arm(
                ids[place],
                quality=mean,
                low=low,
                high=high,
                n=float(belief.n[place]),
                cost=fits[place].cost,
                seconds=None if np.isnan(belief.seconds[place]) else float(belief.seconds[place]),
                reward=float(reward[place]),
                is_new=bool(is_new or belief.is_new[place]),
                seen_by=told.level,
                seen=float(told.counts[place]),
                rated=_interval(float(told.belief.mean[place]), float(told.belief.doubt[place])),
            )
        )
    return tuple(sorted(arms, key=lambda arm: -arm.reward))


@dataclass(frozen=True, slots=True)
class _Experience:
    """Somebody's experience: how many observations of each model it is, and what follows from it; arrays (models,)."""

    level: Level
    counts: np.ndarray
    belief: Belief


def _experiences(
    posterior: Posterior, ids: Sequence[str], tasks: Mapping[Task, float], asker: Asker, own: Belief
) -> tuple[_Experience, ...]:
    """The person's, their teams', everybody's. Of a team it is the team's alone: what its person thinks of a model at
    other tasks is not what the team says."""
    return (
        _Experience(Level.USER, posterior.seen(ids, tasks, Level.USER, asker.user_id), own),
        *(
            _Experience(Level.TEAM, posterior.seen(ids, tasks, Level.TEAM, team), posterior.belief(ids, tasks, (team,)))
            for team in asker.teams
        ),
        _Experience(Level.ALL, own.n, posterior.belief(ids, tasks)),
    )


def _whose(experiences: Sequence[_Experience], place: int) -> _Experience:
    """Whose experience is spoken of; a little only where it is the person's own, who come first."""
    found = next((each for each in experiences if each.counts[place] >= ENOUGH), None)
    return found or (experiences[0] if experiences[0].counts[place] >= OWN_ENOUGH else experiences[-1])


def _interval(mean: float, deviation: float) -> tuple[float, float, float]:
    """The mean with its credible interval."""
    return mean, max(0.0, mean - _CREDIBLE * deviation), min(1.0, mean + _CREDIBLE * deviation)


def within(arms: Sequence[Arm], limit: Decimal | None) -> tuple[tuple[Arm, ...], tuple[Arm, ...]]:
    """The models that may be tried, and those that are not, as they would cost too much to be more than tried.

    Too dear is what people are asked about first and costs more than the best one. That one stays whatever it costs,
    and with it all that are no dearer: they can be taken instead. Who is asked about every answer is told of all.

    Args:
        arms: the best first.
        limit: US dollars from which on people are asked; 0: always, None: never.
    """
    if not limit or not arms:
        return tuple(arms), ()
    best = arms[0].cost
    dear = tuple(
        arm for arm in arms if arm.cost is not None and arm.cost >= limit and (best is None or arm.cost > best)
    )
    return tuple(arm for arm in arms if arm not in dear), dear


def drawn(arms: Sequence[Arm], rng: np.random.Generator, *, explores: bool) -> tuple[Arm, bool]:
    """The model that answers, and whether another one was expected to be better; at least one arm is needed."""
    from data.learning.routing.propensity import draw

    if not explores:
        return next((arm for arm in arms if not arm.is_new), arms[0]), False
    # By name: what is drawn for a model is the same while a prompt is written, wherever the model comes to stand.
    named = sorted(arms, key=lambda arm: arm.model_id)
    found = draw(*_beliefs(named), rng)
    return named[found.place], named[found.place].model_id != arms[0].model_id


def propensity_of(decision: Decision, rng: np.random.Generator) -> float | None:
    """How likely the policy was to choose as it did; None where it did not choose. A few milliseconds."""
    from data.learning.routing.propensity import propensities

    place = next((at for at, arm in enumerate(decision.arms) if arm.model_id == decision.chosen), None)
    if place is None:
        return None
    if decision.policy == GREEDY:
        return 1.0
    if decision.policy != POLICY:
        return None
    return float(propensities(*_beliefs(decision.arms), rng)[place])


def _beliefs(arms: Sequence[Arm]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    import numpy as np

    reward = np.array([arm.reward for arm in arms])
    # Where the interval ends at 0 or 1 its other side says how wide it is.
    deviation = np.array([max(arm.high - arm.quality, arm.quality - arm.low) / _CREDIBLE for arm in arms])
    return reward, deviation, np.array([arm.is_new for arm in arms])
