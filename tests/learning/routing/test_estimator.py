"""The policy as an estimator: it learns what is there, nothing where nothing is, and goes on where it was kept."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.utils.estimator_checks import (
    check_do_not_raise_errors_in_init_or_set_params,
    check_estimator_cloneable,
    check_estimator_repr,
    check_get_params_invariance,
    check_no_attributes_set_in_init,
    check_parameters_default_constructible,
    check_set_params,
)

from data.learning.routing.estimator import RoutingBandit
from data.learning.routing.tuning import tuned

TASKS = np.eye(3)
TRUTH = np.array([[0.8, 0.3, 0.5], [0.4, 0.7, 0.4], [0.5, 0.5, 0.6], [0.2, 0.2, 0.2]])
TIMELESS: dict[str, Any] = {"decay": 1.0, "watch": 0.0}
"""Settings with which nothing is forgotten."""


def played(bandit: RoutingBandit, truth: np.ndarray, rounds: int, rng: np.random.Generator, delay: int = 0) -> float:
    """Mean expected reward of the last half of the rounds; rewards are thumbs."""
    earned, waiting = [], []
    for _ in range(rounds):
        task = int(rng.integers(3))
        arm = bandit.choose(TASKS[task], rng).place
        earned.append(truth[arm, task])
        waiting.append((TASKS[task], float(rng.random() < truth[arm, task]), arm))
        if len(waiting) > delay:
            shares, reward, taken = waiting.pop(0)
            bandit.partial_fit(shares, [reward], arms=[taken])
    return float(np.mean(earned[rounds // 2 :]))


@pytest.mark.parametrize(
    "check",
    [
        check_do_not_raise_errors_in_init_or_set_params,
        check_estimator_cloneable,
        check_estimator_repr,
        check_get_params_invariance,
        check_no_attributes_set_in_init,
        check_parameters_default_constructible,
        check_set_params,
    ],
    ids=lambda check: check.__name__,
)
def test_it_is_an_estimator(check: Any) -> None:
    check("RoutingBandit", RoutingBandit())


def test_a_clone_has_the_settings_and_nothing_learned() -> None:
    bandit = RoutingBandit(n_arms=4, floor=0.1).partial_fit(TASKS[:1], [1.0], arms=[0])
    copy = clone(bandit)
    assert copy.get_params() == bandit.get_params()
    assert not hasattr(copy, "sums_")


def test_it_finds_the_best_arm_of_each_task() -> None:
    bandit = RoutingBandit(n_arms=4, spread=1.0)
    played(bandit, TRUTH, 900, np.random.default_rng(7))
    assert bandit.predict(TASKS).argmax(axis=1).tolist() == [0, 1, 2]


def test_nothing_is_gained_from_shuffled_rewards() -> None:
    """The control: where the arm says nothing of the reward, what is chosen earns what chance does."""
    rng, gains = np.random.default_rng(3), []
    pool = (rng.random((3000, 4)) < TRUTH.mean()).astype(float)
    for seed in range(4):
        own, bandit = np.random.default_rng(seed), RoutingBandit(n_arms=4)
        rows = own.permutation(len(pool))[:400]
        got = []
        for row in rows:
            shares = TASKS[own.integers(3)]
            arm = bandit.choose(shares, own).place
            got.append(pool[row, arm])
            bandit.partial_fit(shares, [pool[row, arm]], arms=[arm])
        gains.append(np.mean(got) - pool[rows].mean())
    assert abs(np.mean(gains)) < 0.04  # three standard errors


def test_what_it_knows_is_the_closed_form() -> None:
    """One task, likeness as given, nothing forgotten: the random effects model by hand."""
    bandit = RoutingBandit(n_arms=2, likeness=np.array([[0.01]]), noise=0.2, **TIMELESS)
    bandit.partial_fit(np.ones((40, 1)), [1.0] * 8 + [0.0] * 2 + [1.0] * 15 + [0.0] * 15, arms=[0] * 10 + [1] * 30)
    means, precisions = np.array([0.8, 0.5]), 1 / (0.01 + 0.2 / np.array([10, 30]))
    level = (precisions * means).sum() / (precisions.sum() + 1e-3)
    assert bandit.predict([[1.0]])[0] == pytest.approx(level + 0.01 * precisions * (means - level))
    assert bandit.variances_[:, 0] == pytest.approx(0.01 * (1 - 0.01 * precisions))


@pytest.mark.parametrize("forgetting", [TIMELESS, {}], ids=["timeless", "as it comes"])
def test_what_is_kept_goes_on_bit_for_bit(forgetting: dict[str, Any]) -> None:
    prior = np.random.default_rng(1).random((4, 3))
    bandit = RoutingBandit(n_arms=4, prior=prior, prior_counts=np.full((4, 3), 3.0), watch=0.5 if not forgetting else 0)
    bandit.set_params(**forgetting)
    played(bandit, TRUTH, 80, np.random.default_rng(2))
    again = RoutingBandit.loads(bandit.dumps())
    assert again.dumps() == bandit.dumps()
    one, other = np.random.default_rng(5), np.random.default_rng(5)
    assert played(bandit, TRUTH, 60, one) == played(again, TRUTH, 60, other)
    assert again.dumps() == bandit.dumps()
    assert again.predict(TASKS).tobytes() == bandit.predict(TASKS).tobytes()


def test_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        RoutingBandit.loads('{"version": 99}')


plays = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.floats(0, 1), st.sampled_from([0.3, 1.0])),
    min_size=1,
    max_size=30,
)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(plays, st.randoms(use_true_random=False))
def test_any_order_learns_the_same_where_nothing_is_forgotten(found: list[Any], random: Any) -> None:
    """So late feedback is as good as early, and one by one as good as all at once."""
    shuffled = list(found)
    random.shuffle(shuffled)
    at_once, singly = RoutingBandit(n_arms=4, **TIMELESS), RoutingBandit(n_arms=4, **TIMELESS)
    arms, tasks, rewards, weights = zip(*found, strict=True)
    at_once.partial_fit(TASKS[list(tasks)], rewards, arms=arms, sample_weight=weights)
    for arm, task, reward, weight in shuffled:
        singly.partial_fit(TASKS[task], [reward], arms=[arm], sample_weight=[weight])
    assert at_once.predict(TASKS).tobytes() == singly.predict(TASKS).tobytes()
    assert at_once.dumps() == singly.dumps()


def test_late_feedback_still_teaches() -> None:
    assert played(RoutingBandit(n_arms=4), TRUTH, 700, np.random.default_rng(4), delay=50) > TRUTH.mean() + 0.12


def test_a_prior_of_other_arms_washes_out() -> None:
    wrong = TRUTH[[3, 2, 1, 0]]
    bandit = RoutingBandit(n_arms=4, prior=wrong, prior_counts=8.0, spread=1.0)
    before = bandit.predict(TASKS).argmax(axis=1).tolist()
    late = played(bandit, TRUTH, 1400, np.random.default_rng(6))
    assert before != [0, 1, 2]
    assert late > 0.9 * TRUTH.max(axis=0).mean()


def test_an_arm_that_changed_is_left() -> None:
    """The best arm and the worst answer as the other did: what was known of them fades in a few dozen plays."""
    watching, trusting = (RoutingBandit(n_arms=4, spread=1.0, watch=watch) for watch in (4.0, 0.0))
    swapped = TRUTH[[3, 1, 2, 0]]
    after = []
    for bandit in (watching, trusting):
        rng = np.random.default_rng(8)
        played(bandit, TRUTH, 1500, rng)
        after.append(played(bandit, swapped, 160, rng))
    assert after[0] > after[1]
    assert watching.trust_[0] < 1


def test_a_lasting_arm_is_trusted() -> None:
    bandit = RoutingBandit(n_arms=4)
    played(bandit, TRUTH, 1500, np.random.default_rng(9))
    assert bandit.trust_.min() > 0.5


def test_the_quarter_says_which_tasks_are_alike_and_not_which_arm_is_good() -> None:
    rng = np.random.default_rng(10)
    effects = rng.normal(0, 0.1, (16, 2))
    tasks = rng.integers(3, size=1500)  # the first two are of one kind
    hard = rng.normal(0, 0.3, (1500, 1))
    rewards = 0.5 + effects[:, np.array([0, 0, 1])][:, tasks].T + hard + rng.normal(0, 0.2, (1500, 16))
    found, mirrored = tuned(tasks, rewards, 4), tuned(tasks, rewards[:, ::-1], 4)
    assert found.likeness[0, 1] > 2 * abs(found.likeness[0, 2])
    assert np.linalg.eigvalsh(found.likeness).min() > 0
    assert found.likeness == pytest.approx(mirrored.likeness)
    assert found.noise == pytest.approx(0.13, abs=0.02)
    assert found.prior_noise == pytest.approx(0.04 / 0.13, abs=0.06)
