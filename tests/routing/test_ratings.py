"""Whose word it is how good a model is: what is told as a team's is the team's, whoever of it asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.routing.eligible import Fit
from core.routing.knowledge import Known
from core.routing.policy import Asker, weighed
from core.routing.words import explained
from data.learning.routing.posterior import Posterior
from data.learning.routing.statistics import Evidence, increments, merged
from data.values.counting import Learned
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.routing import Arm, Chooser, Decision, Level, Weights
from data.values.tasks import Task

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MODEL = "studio/one"
TEAM = "team"
ENDPOINT = Endpoint("e", "studio", "Studio", EndpointKind.CUSTOM, Wire.OPENAI)
WRITING = {Task.WRITING: 1.0}


def thumbs(user_id: str, task: Task, quality: float, times: int, model: str = MODEL) -> list[Evidence]:
    return [Evidence(model, {task: 1.0}, NOW, user_id, (TEAM,), quality)] * times


def seen_by(user_id: str, shown: list[Evidence]) -> Arm:
    """How the model stands with a person of the team at writing."""
    posterior = Posterior.of(merged(increments(each) for each in shown), {}, NOW, models=[MODEL])
    known = Known(Learned(1, {}), posterior, frozenset({MODEL}), frozenset(), 0.0)
    fits = [Fit(ENDPOINT, Model("studio", name, name), None) for name in ("one", "two")]
    arms = weighed(fits, known, WRITING, Asker(user_id, (TEAM,), (TEAM,), Weights()))
    return next(arm for arm in arms if arm.model_id == MODEL)


def line(arm: Arm, user_id: str) -> str:
    decision = Decision("d", user_id, Task.WRITING, MODEL, Chooser.POLICY, NOW, tasks=WRITING, arms=(arm,))
    return explained(decision, {MODEL: "One"}).line


@pytest.fixture
def shown() -> list[Evidence]:
    """Bob, Cat and Eve like it for writing; Ann found it bad at code, and has said next to nothing of its writing."""
    liked = [each for who in ("bob", "cat", "eve") for each in thumbs(who, Task.WRITING, 1.0, 30)]
    others = [each for who in ("ann", "bob", "cat") for each in thumbs(who, Task.CODE, 1.0, 8, "studio/two")]
    return [*liked, *others, *thumbs("ann", Task.CODE, 0.0, 12), *thumbs("ann", Task.WRITING, 1.0, 1)]


def test_the_team_s_word_is_the_same_for_each_of_it(shown: list[Evidence]) -> None:
    of_ann, of_dan = seen_by("ann", shown), seen_by("dan", shown)
    assert (of_ann.seen_by, of_dan.seen_by) == (Level.TEAM, Level.TEAM)
    assert of_ann.quality < of_dan.quality - 0.02, "what is expected for her is another thing"
    assert of_ann.rated == of_dan.rated
    assert line(of_ann, "ann") == line(of_dan, "dan")
    assert line(of_ann, "ann").startswith("One for writing: your team rates it A")


def test_one_s_own_word_is_of_all_that_is_known_for_one(shown: list[Evidence]) -> None:
    of_bob = seen_by("bob", shown)
    assert of_bob.seen_by is Level.USER
    assert of_bob.rated is not None and of_bob.rated[0] == of_bob.quality
    assert line(of_bob, "bob").startswith("One for writing: you rate it A")


def test_a_choice_that_was_kept_without_it_is_told_by_what_was_expected(shown: list[Evidence]) -> None:
    arm = replace(seen_by("bob", shown), quality=0.82, low=0.78, high=0.86, rated=None)
    assert "you rate it B" in line(arm, "bob")
