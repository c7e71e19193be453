"""What rolls a rollout back: the test by betting, against everything that it may be asked."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import comb

import pytest

from bench.guardrails import World, found_after
from data.analytics.evidence import LIFTS, NumberEvidence, RateEvidence, block_factors
from data.analytics.guardrails import MOST_OF_ONE, RolloutEvidence
from data.values.guardrails import Guardrail, Metric, Outcome, Watched, usual

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ERRORS = Guardrail((Watched(Metric.ERROR_RATE, 0.01),))


def failed(person: str, *, treated: bool, bad: bool = True, days: int = 0) -> Outcome:
    return Outcome(Metric.ERROR_RATE, NOW + timedelta(days=days), person, treated, float(bad))


@pytest.mark.parametrize("sizes", [(1, 1), (1, 4), (4, 1), (2, 3)])
@pytest.mark.parametrize(("rate", "harm"), [(0.002, 0.0), (0.02, 0.01), (0.1, 0.05), (0.5, 0.0), (0.95, 0.3)])
def test_no_bet_gains_while_the_treated_are_not_worse_off(sizes: tuple[int, int], rate: float, harm: float) -> None:
    treated, control = sizes
    factors = {
        bad: block_factors((bad[0], treated), (bad[1], control), rate, harm)
        for bad in itertools.product(range(treated + 1), range(control + 1))
    }

    def chance(bad: int, of: int, p: float) -> float:
        return comb(of, bad) * p**bad * (1 - p) ** (of - bad)

    for step, below in itertools.product(range(101), (0.0, 0.05, 0.2)):
        at_control = (1 - harm) * step / 100
        at_treated = max(0.0, at_control + harm - below)
        for lift in range(len(LIFTS)):
            mean = sum(
                chance(bad[0], treated, at_treated) * chance(bad[1], control, at_control) * factor[lift]
                for bad, factor in factors.items()
            )
            assert mean <= 1 + 1e-9, (at_control, at_treated, lift)


@pytest.mark.parametrize("control", [0.0, 0.01, 0.02])
def test_a_bad_rollout_is_found_within_200_exposures(control: float) -> None:
    found = [found_after(World(control, 0.3, 40), 200, seed) for seed in range(40)]
    assert sum(each is not None for each in found) >= 38


@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_what_does_no_harm_goes_on(rate: float) -> None:
    assert [found_after(World(rate, rate), 5_000, seed) for seed in range(3)] == [None] * 3


@pytest.mark.campaign
@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_what_does_no_harm_goes_on_in_100_runs(rate: float) -> None:
    found = [found_after(World(rate, rate), 5_000, seed) for seed in range(100)]
    assert sum(each is not None for each in found) <= 5


@pytest.mark.campaign
@pytest.mark.parametrize("control", [0.0, 0.01, 0.02])
def test_a_bad_rollout_is_found_in_100_runs(control: float) -> None:
    found = [found_after(World(control, 0.3, 40), 200, seed) for seed in range(100)]
    assert sum(each is not None for each in found) >= 95


Draw = Callable[[random.Random], float]


def numbers(treated: Draw, control: Draw, count: int = 1_500) -> float:
    rng, evidence = random.Random(5), NumberEvidence(0.25)
    for _ in range(count):
        arm = rng.random() < 0.3
        evidence.add(treated(rng) if arm else control(rng), is_treated=arm)
    return evidence.peak


def test_numbers_are_compared_by_their_middle_and_their_end() -> None:
    def usual_time(rng: random.Random) -> float:
        return rng.lognormvariate(7, 0.8)

    assert numbers(lambda rng: 2 * usual_time(rng), usual_time) > 1e6
    assert numbers(lambda rng: usual_time(rng) * (30 if rng.random() < 0.15 else 1), usual_time) > 120
    assert numbers(usual_time, usual_time) < 20
    assert numbers(lambda rng: 1.2 * usual_time(rng), usual_time) < 20
    assert numbers(lambda rng: usual_time(rng) / 2, usual_time) < 20
    assert numbers(lambda rng: 1e9 if rng.random() < 0.01 else usual_time(rng), usual_time) < 20
    assert numbers(lambda _: 0.0, lambda _: 0.0) == 1.0


def test_fewer_bad_outcomes_are_no_harm() -> None:
    rng, evidence = random.Random(1), RateEvidence(0.01)
    for _ in range(3_000):
        arm = rng.random() < 0.5
        evidence.add(float(rng.random() < (0.02 if arm else 0.3)), is_treated=arm)
    assert evidence.peak < 3
    assert evidence.now < 0.01


def one_by_one(*, treated_people: int, failing: int, days: int = 4) -> Metric | None:
    """Everybody asks often every day; of the treated so many people fail always, and nobody else does."""
    told = [
        failed(f"{arm}{person}", treated=arm, bad=arm and person < failing, days=day)
        for day in range(days)
        for _ in range(10)
        for person in range(treated_people)
        for arm in (True, False)
    ]
    return RolloutEvidence(ERRORS).add(told)


def test_one_person_alone_rolls_nothing_back_among_several() -> None:
    assert one_by_one(treated_people=4, failing=1) is None
    assert one_by_one(treated_people=4, failing=2) is Metric.ERROR_RATE
    assert one_by_one(treated_people=1, failing=1) is Metric.ERROR_RATE


def test_of_one_person_so_many_count_a_day() -> None:
    evidence = RolloutEvidence(ERRORS)
    for day in range(2):
        for _ in range(MOST_OF_ONE + 5):
            evidence.add([failed("ann", treated=True, bad=False, days=day)])
    [seen] = evidence.seen()
    assert (seen.treated.outcomes, seen.treated.units, seen.treated.level) == (2 * MOST_OF_ONE, 1, 0.0)
    assert (seen.control.outcomes, seen.control.level, seen.evidence) == (0, None, 1.0)


def test_metrics_share_the_chance_of_an_error() -> None:
    for guardrail in (usual(), usual(Metric.LATENCY, Metric.COST), usual(Metric.ERROR_RATE, Metric.COST), ERRORS):
        spent = sum(1 / guardrail.limit(each.metric) for each in guardrail.watched)
        assert spent == pytest.approx(guardrail.alpha)
    assert (usual().limit(Metric.ERROR_RATE), usual().limit(Metric.COST)) == (40, 120)
    assert RolloutEvidence(ERRORS).add([Outcome(Metric.COST, NOW, "ann", True, 1.0)]) is None
