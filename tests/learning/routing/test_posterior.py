"""What is known of models for a person: what closed forms say, and that no level counts twice."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from data.learning.routing.posterior import Expected, Posterior, Settings
from data.learning.routing.shrinkage import Outlook, blended, evidence, expected, levels, seen, uninformed, updated
from data.learning.routing.statistics import Evidence, increments, merged
from data.values.routing import Tallies
from data.values.tasks import Task

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CODE = {Task.CODE: 1.0}


def told(
    model: str, good: int, bad: int, task: Task = Task.CODE, *, user: str = "", teams: tuple[str, ...] = ()
) -> Tallies:
    events = [Evidence(model, {task: 1.0}, NOW, user, teams, quality=value) for value in [1.0] * good + [0.0] * bad]
    return merged(map(increments, events))


def test_the_posterior_of_a_model_alone_at_a_task_is_the_closed_form() -> None:
    """Two models, one task, no prior: means and variances of the random effects model, worked out by hand."""
    variance, noise = 0.01, 0.2
    counts, means = np.array([[10.0], [30.0]]), np.array([[0.8], [0.5]])
    flat = expected(np.zeros((2, 1)), np.zeros((2, 1)), np.array([[variance]]), noise)
    found = seen(flat, counts, means, noise)
    level, spread = levels(found, precision=1e-9)
    precisions = 1 / (variance + noise / counts[:, 0])
    by_hand = (precisions * means[:, 0]).sum() / precisions.sum()
    assert level == pytest.approx(by_hand, rel=1e-6)
    assert spread[0, 0] == pytest.approx(1 / precisions.sum(), rel=1e-6)
    kept = variance / (variance + noise / counts[:, 0])
    now = updated(flat, found, level)
    assert now.means[:, 0] == pytest.approx(kept * (means[:, 0] - by_hand))
    assert now.covariances[:, 0, 0] == pytest.approx(variance * (1 - kept))


def test_the_levels_of_a_prior_say_nothing() -> None:
    low = {("a/one", Task.CODE): Expected(0.3, 6.0), ("b/two", Task.CODE): Expected(0.1, 6.0)}
    high = {("a/one", Task.CODE): Expected(0.9, 6.0), ("b/two", Task.CODE): Expected(0.7, 6.0)}
    tallies = told("a/one", 5, 5)
    of_low, of_high = (Posterior.of(tallies, prior, NOW).belief(["a/one", "b/two"], CODE) for prior in (low, high))
    assert of_low.mean[0] - of_low.mean[1] == pytest.approx(of_high.mean[0] - of_high.mean[1], abs=0.01)


def test_a_hard_task_does_not_look_like_a_bad_model() -> None:
    tallies = merged(
        [
            told("a/one", 20, 80, Task.MATH),  # tried where it is hard
            told("b/two", 80, 20, Task.WRITING),  # tried where it is easy
            told("c/three", 10, 40, Task.MATH),
            told("c/three", 40, 10, Task.WRITING),
        ]
    )
    belief = Posterior.of(tallies, {}, NOW).belief(["a/one", "b/two"], {Task.QUESTION: 1.0})
    assert belief.mean[0] == pytest.approx(belief.mean[1], abs=0.02)


def test_a_wrong_prior_washes_out() -> None:
    prior = {("a/one", Task.CODE): Expected(0.9, 500.0), ("b/two", Task.CODE): Expected(0.2, 500.0)}
    before = Posterior.of({}, prior, NOW).belief(["a/one", "b/two"], CODE)
    assert before.mean[0] > before.mean[1]
    tallies = merged([told("a/one", 16, 24), told("b/two", 28, 12)])
    after = Posterior.of(tallies, prior, NOW).belief(["a/one", "b/two"], CODE)
    assert after.mean[1] > after.mean[0]


def test_a_person_and_a_team_differ_from_everybody_as_far_as_they_showed() -> None:
    tallies = merged(
        [
            told("a/one", 60, 20),
            told("b/two", 40, 40),
            told("a/one", 4, 16, user="ann", teams=("red",)),
            told("b/two", 17, 3, user="ann", teams=("red",)),
        ]
    )
    posterior = Posterior.of(tallies, {}, NOW)
    ann = posterior.belief(["a/one", "b/two"], CODE, ["red"], "ann").mean
    red = posterior.belief(["a/one", "b/two"], CODE, ["red"], "bob").mean
    others = posterior.belief(["a/one", "b/two"], CODE).mean
    assert ann[1] > ann[0]
    assert others[0] > others[1]
    assert ann[1] - ann[0] > red[1] - red[0] > others[1] - others[0]


def test_what_one_person_showed_counts_once_for_them() -> None:
    """Where everybody is one person, there is nobody else: their interval is not made narrow by counting thrice."""
    tallies = told("a/one", 15, 5, user="ann", teams=("red",))
    posterior = Posterior.of(tallies, {}, NOW, models=["b/two"])
    alone = posterior.belief(["a/one"], CODE, ["red"], "ann")
    everybody = posterior.belief(["a/one"], CODE)
    assert alone.deviation[0] >= everybody.deviation[0] - 1e-9


def test_who_showed_nothing_is_like_everybody() -> None:
    posterior = Posterior.of(told("a/one", 9, 3, user="ann", teams=("red",)), {}, NOW)
    one, other = posterior.belief(["a/one"], CODE, ["blue"], "bob"), posterior.belief(["a/one"], CODE)
    assert one.mean == other.mean


def test_an_unknown_model_is_new_and_uncertain() -> None:
    belief = Posterior.of(told("a/one", 30, 10), {}, NOW).belief(["a/one", "z/new"], CODE)
    assert belief.is_new.tolist() == [False, True]
    assert belief.deviation[1] > belief.deviation[0]
    assert belief.n.tolist() == [pytest.approx(40, rel=0.01), 0]


def test_with_time_what_was_seen_gives_way_to_the_prior() -> None:
    prior = {("a/one", Task.CODE): Expected(0.4, 6.0), ("b/two", Task.CODE): Expected(0.6, 6.0)}
    tallies = merged([told("a/one", 20, 0), told("b/two", 8, 12)])
    now, later = (
        Posterior.of(tallies, prior, NOW + timedelta(days=days)).belief(["a/one", "b/two"], CODE)
        for days in (0, 3 * 365)
    )
    assert now.mean[0] > now.mean[1]
    assert later.mean[1] > later.mean[0]
    assert later.deviation[0] > now.deviation[0]


def test_a_probable_task_counts_more() -> None:
    tallies = merged([told("a/one", 40, 5), told("a/one", 5, 40, Task.WRITING), told("b/two", 20, 20),
                      told("b/two", 20, 20, Task.WRITING)])  # fmt: skip
    posterior = Posterior.of(tallies, {}, NOW)
    means = [
        posterior.belief(["a/one"], {Task.CODE: share, Task.WRITING: 1 - share}).mean[0] for share in (0.1, 0.5, 0.9)
    ]
    assert means == sorted(means)


def test_costs_and_times_are_those_that_were_seen() -> None:
    events = [Evidence("a/one", CODE, NOW, cost=None, seconds=seconds) for seconds in (2.0, 4.0)]
    belief = Posterior.of(merged(map(increments, events)), {}, NOW).belief(["a/one"], CODE)
    assert np.isnan(belief.cost[0])
    assert belief.seconds[0] == pytest.approx(3.0)


def test_the_same_statistics_say_the_same() -> None:
    tallies = merged([told("a/one", 7, 3, user="ann", teams=("red",)), told("b/two", 3, 7, Task.MATH)])
    backwards = dict(reversed(list(tallies.items())))
    one, other = (Posterior.of(each, {}, NOW, settings=Settings()) for each in (tallies, backwards))
    args = (["b/two", "a/one"], {Task.MATH: 0.6, Task.CODE: 0.4}, ["red"], "ann")
    assert one.belief(*args).mean.tobytes() == other.belief(*args).mean.tobytes()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Qualities drawn as the model has it, then thumbs at an unknown level: nine of ten intervals hold."""
    rng, held = np.random.default_rng(11), []
    for _ in range(60):
        truth = np.clip(rng.uniform(0.35, 0.8) + rng.normal(0, 0.1, 4), 0.02, 0.98)
        ups = rng.binomial((8, 20, 40, 5), truth)
        tallies = merged(
            told(f"m/{place}", int(up), count - int(up))
            for place, (up, count) in enumerate(zip(ups, (8, 20, 40, 5), strict=True))
        )
        belief = Posterior.of(tallies, {}, NOW).belief([f"m/{place}" for place in range(4)], CODE)
        held += (np.abs(belief.mean - truth) < 1.645 * belief.doubt).tolist()
    assert 0.85 < np.mean(held) < 0.98


def test_a_prior_that_is_wrong_of_some_models_says_less_of_the_others() -> None:
    """All that speaks for the untried model is that the prior was wrong of those that it praised."""
    prior = {(model, Task.CODE): Expected(quality, 8.0) for model, quality in
             (("a/one", 0.9), ("b/two", 0.1), ("c/three", 0.9), ("d/four", 0.1))}  # fmt: skip
    right = [told("a/one", 90, 10), told("b/two", 10, 90), told("c/three", 90, 10)]
    wrong = [told("a/one", 10, 90), told("b/two", 90, 10), told("c/three", 10, 90)]
    borne, contradicted = (
        Posterior.of(merged(tallies), prior, NOW).belief(["d/four", "a/one"], CODE) for tallies in (right, wrong)
    )
    assert borne.mean[0] < borne.mean[1] - 0.3
    assert contradicted.mean[0] > contradicted.mean[1] + 0.1
    assert contradicted.deviation[0] > borne.deviation[0]


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_blend_has_the_moments_of_the_mixture(share: float) -> None:
    one = Outlook(np.array([[0.3, 0.1]]), np.array([[[0.02, 0.01], [0.01, 0.03]]]))
    other = uninformed(1, np.array([[0.05, 0.02], [0.02, 0.05]]))
    found = blended(one, other, share)
    rng = np.random.default_rng(1)
    drawn = np.where(
        rng.random((400_000, 1)) < share,
        rng.multivariate_normal(one.means[0], one.covariances[0], 400_000),
        rng.multivariate_normal(other.means[0], other.covariances[0], 400_000),
    )
    assert found.means[0] == pytest.approx(drawn.mean(axis=0), abs=2e-3)
    assert found.covariances[0] == pytest.approx(np.cov(drawn.T), abs=1e-3)


def test_evidence_is_the_density_with_the_levels_integrated_out() -> None:
    """Three models at two tasks, one cell empty: against the density of all means at once."""
    rng = np.random.default_rng(2)
    counts, means = np.array([[4.0, 2.0], [9.0, 0.0], [1.0, 5.0]]), rng.random((3, 2))
    known, precision, noise = np.array([0.4, 0.7]), np.array([3.0, 8.0]), 0.2
    likeness = np.array([[0.05, 0.02], [0.02, 0.04]])
    outlooks = [uninformed(3, likeness), expected(rng.random((3, 2)), np.full((3, 2), 4.0), likeness, noise)]
    cells = np.flatnonzero(counts.ravel())
    wanted, found = [], []
    for outlook in outlooks:
        covariance = np.kron(np.ones((3, 3)), np.diag(1 / precision))
        for model in range(3):
            covariance[2 * model : 2 * model + 2, 2 * model : 2 * model + 2] += outlook.covariances[model]
        covariance = covariance[np.ix_(cells, cells)] + np.diag(noise / counts.ravel()[cells])
        centre = (outlook.means + known).ravel()[cells]
        wanted.append(multivariate_normal(centre, covariance).logpdf(means.ravel()[cells]))
        found.append(evidence(seen(outlook, counts, means, noise), known, precision))
    assert found[1] - found[0] == pytest.approx(wanted[1] - wanted[0], abs=1e-9)
