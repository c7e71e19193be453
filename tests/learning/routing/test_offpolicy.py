"""IPS, SNIPS and the doubly robust estimator cover what a replay of the other way of choosing earns."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import pytest

from data.learning.routing.offpolicy import Judged, OffPolicy, Target, always, estimate, on_policy
from data.values.routing import Arm, Chooser, Decision
from data.values.tasks import Task

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MODELS = ("a/good-at-code", "a/good-at-math", "a/cheap")
QUALITY = {Task.CODE: (0.85, 0.6, 0.5), Task.MATH: (0.5, 0.9, 0.55)}
ROUNDS, SEEDS = 300, 40


def decision(task: Task, chosen: int, propensity: float | None, wrong: float = 0.0, **more: object) -> Decision:
    """With what was expected of the models off by `wrong`: the estimators must not need it to be right."""
    arms = tuple(
        Arm(model, min(1.0, quality + wrong), 0.0, 1.0, 10.0)
        for model, quality in sorted(zip(MODELS, QUALITY[task], strict=True), key=lambda pair: -pair[1])
    )
    return Decision("d", "u", task, MODELS[chosen], Chooser.POLICY, NOW, arms=arms, propensity=propensity)


def replay(rng: np.random.Generator, wrong: float) -> tuple[list[Judged], dict[str, float]]:
    """What the policy chose and earned, and what each other way would have earned on the same prompts."""
    tasks = rng.choice(np.array([Task.CODE, Task.MATH], dtype=object), ROUNDS, p=[0.7, 0.3])
    outcomes = np.array([[rng.random() < quality for quality in QUALITY[task]] for task in tasks], dtype=float)
    judged = []
    for task, outcome in zip(tasks, outcomes, strict=True):
        shares = np.exp(4 * np.array(QUALITY[task]))
        shares = 0.85 * shares / shares.sum() + 0.05
        chosen = int(rng.choice(3, p=shares))
        judged.append(Judged(decision(task, chosen, float(shares[chosen]), wrong), float(outcome[chosen])))
    best = np.array([int(np.argmax(QUALITY[task])) for task in tasks])
    truth = {model: float(outcomes[:, place].mean()) for place, model in enumerate(MODELS)}
    return judged, truth | {"best": float(outcomes[np.arange(ROUNDS), best].mean())}


def never_explores(decision: Decision) -> Mapping[str, float]:
    return {decision.arms[0].model_id: 1.0}


TARGETS: dict[str, Target] = {**{model: always(model) for model in MODELS}, "best": never_explores}


@pytest.mark.parametrize("wrong", [0.0, -0.4], ids=["expectations right", "expectations wrong"])
def test_the_intervals_cover_the_replay_truth(wrong: float) -> None:
    rng = np.random.default_rng(20261129)
    covered = {(name, kind): 0 for name in TARGETS for kind in ("ips", "snips", "dr")}
    sums = dict.fromkeys(covered, 0.0)
    for _ in range(SEEDS // 2 if wrong else SEEDS):
        judged, truth = replay(rng, wrong)
        for name, target in TARGETS.items():
            found = estimate(judged, target)
            assert found is not None and found.enough
            for kind in ("ips", "snips", "dr"):
                one = getattr(found, kind)
                covered[name, kind] += one.low <= truth[name] <= one.high
                sums[name, kind] += one.value - truth[name]
    seeds = SEEDS // 2 if wrong else SEEDS
    # 95 % intervals of the mean over prompts cover the replay's own truth, which shares the prompts, at least as often.
    assert min(covered.values()) >= 0.9 * seeds, covered
    assert max(abs(total) / seeds for total in sums.values()) < 0.02, sums


def test_the_doubly_robust_one_is_the_surest_where_expectations_are_right() -> None:
    judged, _ = replay(np.random.default_rng(7), 0.0)
    found = estimate(judged, always(MODELS[2]))
    assert found is not None
    assert found.dr.high - found.dr.low < found.ips.high - found.ips.low
    assert found.effective < found.n


def test_of_itself_the_policy_is_worth_all_its_decisions() -> None:
    sure = [Judged(decision(Task.CODE, 0, 1.0), float(i % 2)) for i in range(40)]
    found = estimate(sure, always(MODELS[0]))
    own = on_policy(sure)
    assert found is not None and own is not None
    assert found.effective == pytest.approx(40)
    assert found.ips == found.snips
    assert (found.ips.value, found.ips.low) == pytest.approx((own.value, own.low))


def test_what_a_few_showed_is_no_estimate_nor_what_many_hinted_at() -> None:
    one = decision(Task.CODE, 0, 1.0)
    assert on_policy([Judged(one, 1.0)] * 19) is None
    assert on_policy([Judged(one, 0.1, weight=0.25)] * 79) is None
    assert on_policy([Judged(one, 1.0)] * 20) is not None


def test_only_the_policys_own_decisions_with_a_propensity_count() -> None:
    own = Judged(decision(Task.CODE, 0, 0.5), 1.0)
    picked = Judged(Decision("p", "u", Task.CODE, MODELS[1], Chooser.PERSON, NOW), 0.0)
    pending = Judged(decision(Task.CODE, 0, None), 0.0)
    found = estimate([own, picked, pending], always(MODELS[0]))
    assert isinstance(found, OffPolicy)
    assert (found.n, found.left_out, found.snips.value) == (1, 2, 1.0)
    assert not found.enough
    assert estimate([picked, pending], always(MODELS[0])) is None
    assert estimate([own], always(MODELS[1])) is None, (
        "it never chose it: nothing is said, not that it is worth nothing"
    )


def test_where_the_other_ways_model_could_not_answer_the_choice_stands() -> None:
    found = estimate(
        [Judged(decision(Task.CODE, 0, 0.2), 0.7), Judged(decision(Task.CODE, 1, 0.9), 0.3)], always("x/y")
    )
    assert found is not None
    assert found.ips.value == found.dr.value == pytest.approx(0.5)


def test_what_a_model_did_not_answer_is_no_trial_of_it() -> None:
    judged = [Judged(decision(Task.CODE, 0, 0.5), 1.0) for _ in range(200)]
    elsewhere = Decision(
        "d", "u", Task.CODE, MODELS[0], Chooser.POLICY, NOW, arms=judged[0].decision.arms[:1], propensity=1.0
    )
    found = estimate([*judged, *(Judged(elsewhere, 1.0) for _ in range(200))], always(MODELS[2]))
    assert found is not None and found.n == 400
    assert found.effective == 0.0 and not found.enough, "it could have answered half of them, and answered none"


def test_where_not_all_candidates_are_known_nothing_is_said_of_others() -> None:
    judged = [Judged(decision(Task.CODE, 0, 0.2), 0.7, all_known=False)]
    assert estimate(judged, always("x/y")) is None
    assert estimate(judged, always(MODELS[0])) is not None


def test_what_counts_less_moves_the_estimate_less() -> None:
    thumb, copied = decision(Task.CODE, 0, 1.0), decision(Task.CODE, 0, 1.0)
    found = estimate([Judged(thumb, 0.0, 1.0), Judged(copied, 1.0, 0.25)], always(MODELS[0]))
    assert found is not None
    assert found.snips.value == pytest.approx(0.2)
