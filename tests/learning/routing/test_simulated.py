"""SIMULATIONS, not measurements: invented people whose likings are known, so that what is learned can be held to them.

Each prompt goes the way that it goes in the product: statistics, what they say, a draw, an answer, sometimes a thumb,
whose increments are counted. What is real is all of `data.learning.routing`; what people like is made up here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.learning.routing.counting import COUNTING
from data.learning.routing.posterior import Posterior
from data.learning.routing.priors import prior_of
from data.learning.routing.propensity import draw
from data.learning.routing.statistics import merged
from data.values.routing import Chooser, Decision, Feedback, Signal, Tallies
from data.values.tasks import Task

START = datetime(2026, 9, 1, tzinfo=UTC)
THUMBS = 0.4
"""Share of the answers that people say anything of."""

Liked = Mapping[tuple[str, Task], float]
"""How likely a model's answer is good for somebody."""


class Simulation:
    """Some models, a clock, and what was learned so far."""

    def __init__(self, models: tuple[str, ...], seed: int) -> None:
        self.models = models
        self.rng = np.random.default_rng(seed)
        self._tallies: Tallies = {}
        self._now = START
        self._number = 0
        self._learned = self._read()

    def _read(self) -> Posterior:
        return Posterior.of(self._tallies, prior_of(self.models), self._now, models=self.models)

    def prompt(self, person: str, task: Task, liked: Liked, *, team: str = "team") -> str:
        """The person sends a prompt, and may say what they think; returns the model that answered."""
        known = self._learned.belief(self.models, {task: 1.0}, (team,), person)
        chosen = self.models[draw(known.mean, known.deviation, known.is_new, self.rng).place]
        self._number += 1
        self._now += timedelta(hours=1)
        if self.rng.random() < THUMBS:
            good = self.rng.random() < liked[chosen, task]
            decision = Decision(
                f"d{self._number}", person, task, chosen, Chooser.POLICY, self._now, {task: 1.0}, team_ids=(team,)
            )
            signal = Signal.THUMB_UP if good else Signal.THUMB_DOWN
            shown = Feedback(f"f{self._number}", person, f"t{self._number}", chosen, task, signal, self._now)
            self._tallies = merged([self._tallies, COUNTING.feedback(shown, decision)])
            self._learned = self._read()
        return chosen

    def favourite(self, person: str, task: Task) -> str:
        """The model that is believed to be the best for somebody."""
        known = self._learned.belief(self.models, {task: 1.0}, ("team",), person)
        return self.models[int(np.argmax(known.mean))]


@pytest.mark.parametrize("seed", range(3))
def test_a_persons_own_liking_is_recovered(seed: int) -> None:
    """Everybody likes one model's writing; Ann likes another's. She gets hers, the others and newcomers keep theirs."""
    models = ("local/alpha", "local/beta", "local/gamma")
    usual = {(model, task): good for model, good in zip(models, (0.9, 0.55, 0.5), strict=True) for task in Task}
    anns = usual | {("local/alpha", Task.WRITING): 0.2, ("local/beta", Task.WRITING): 0.95}
    simulated = Simulation(models, seed)
    others = [f"person-{number}" for number in range(5)]
    late: Counter[str] = Counter()
    for step in range(500):
        if step % 4 == 0:
            answered = simulated.prompt("ann", Task.WRITING, anns)
            late[answered] += step >= 350
        else:
            simulated.prompt(others[step % len(others)], Task.WRITING, usual)
    assert simulated.favourite("ann", Task.WRITING) == "local/beta"
    assert late["local/beta"] >= 0.75 * late.total()
    assert simulated.favourite("newcomer", Task.WRITING) == "local/alpha"
    theirs = [simulated.favourite(each, Task.WRITING) for each in others]  # one may have had bad luck
    assert theirs.count("local/alpha") >= len(others) - 1


def test_what_one_likes_at_one_task_says_little_of_another() -> None:
    models = ("local/alpha", "local/beta")
    usual = {(model, task): good for model, good in zip(models, (0.85, 0.6), strict=True) for task in Task}
    anns = usual | {("local/alpha", Task.WRITING): 0.2, ("local/beta", Task.WRITING): 0.95}
    simulated = Simulation(models, 5)
    for step in range(300):
        person = "ann" if step % 2 else "bob"
        simulated.prompt(person, (Task.WRITING, Task.CODE)[step // 2 % 2], anns if person == "ann" else usual)
    assert simulated.favourite("ann", Task.WRITING) == "local/beta"
    assert simulated.favourite("ann", Task.CODE) == simulated.favourite("bob", Task.CODE) == "local/alpha"


PUBLISHED = ("openai/gpt-5", "anthropic/claude-sonnet-4-5", "google/gemini-2.5-flash", "mistral/mistral-large")
TASKS = (Task.CODE, Task.MATH, Task.WRITING, Task.SUMMARIZE)


def test_a_cold_start_is_never_worse_than_the_default() -> None:
    """Nothing learned yet, and worlds in which the published figures are right on average and off by chance.

    The fixed default is one model for everything. Whichever it is, the first 30 prompts of each world must not be
    answered significantly worse than by it; against the very best one, which nobody can know beforehand, what it costs
    to try others is bounded, and the prompts after the first 150 must be answered better.
    """
    prior = prior_of(PUBLISHED)
    cold, warm = slice(0, 30), slice(150, 220)
    gains: dict[str, list[tuple[float, float]]] = {model: [] for model in PUBLISHED}
    for seed in range(8):
        world = np.random.default_rng(1000 + seed)
        true = {
            (model, task): float(np.clip(prior[model, task].quality + world.normal(0, 0.15), 0.02, 0.98))
            for model in PUBLISHED
            for task in TASKS
        }
        simulated = Simulation(PUBLISHED, seed)
        asked = [TASKS[int(place)] for place in world.integers(len(TASKS), size=warm.stop)]
        ours = np.array([true[simulated.prompt("ann", task, true), task] for task in asked])
        for model, gained in gains.items():
            theirs = np.array([true[model, task] for task in asked])
            gained.append((float((ours - theirs)[cold].mean()), float((ours - theirs)[warm].mean())))
    best = max(PUBLISHED, key=lambda model: sum(prior[model, task].quality for task in TASKS))
    for model, gained in gains.items():
        first, later = np.array(gained).T
        error = 1.96 * first.std(ddof=1) / np.sqrt(len(first))
        assert first.mean() + error >= 0, f"significantly worse than always {model}: {first.mean():+.3f}"
        assert later.mean() > 0, f"not better than always {model} after a while: {later.mean():+.3f}"
        if model == best:
            assert first.mean() >= -0.03


def test_without_anything_known_the_best_published_model_of_each_task_is_expected_to_be_the_best() -> None:
    simulated = Simulation(PUBLISHED, 0)
    prior = prior_of(PUBLISHED)
    for task in TASKS:
        best = max(PUBLISHED, key=lambda model: prior[model, task].quality)
        found = simulated.favourite("ann", task)
        assert prior[found, task].quality >= prior[best, task].quality - 0.02, (task, found, best)
