"""How a model is drawn: floors, capped shares, and chances that are those of the draws."""

import numpy as np
import pytest

from data.learning.routing.propensity import Manner, draw, propensities

NOBODY_NEW = np.zeros(4, dtype=bool)
MEAN, DEVIATION = np.array([0.7, 0.6, 0.3, 0.1]), np.array([0.1, 0.1, 0.05, 0.01])


def frequencies(is_new: np.ndarray, manner: Manner, rounds: int = 4000) -> np.ndarray:
    rng = np.random.default_rng(5)
    places = [draw(MEAN, DEVIATION, is_new, rng, manner=manner).place for _ in range(rounds)]
    return np.bincount(places, minlength=4) / rounds


def test_every_candidate_keeps_its_share_of_the_floor() -> None:
    manner = Manner(floor=0.2, spread=0.5)
    assert frequencies(NOBODY_NEW, manner).min() == pytest.approx(0.05, abs=0.012)
    assert propensities(MEAN, DEVIATION, NOBODY_NEW, np.random.default_rng(1), manner=manner).min() >= 0.05


@pytest.mark.parametrize("new", [[], [0], [0, 2]], ids=["none", "the best", "two"])
def test_chances_are_those_of_the_draws_and_sum_to_one(new: list[int]) -> None:
    is_new, manner = NOBODY_NEW.copy(), Manner(floor=0.04, new_share=0.2, spread=1.0)
    is_new[new] = True
    chances = propensities(MEAN, DEVIATION, is_new, np.random.default_rng(1), manner=manner)
    assert chances.sum() == pytest.approx(1)
    assert chances == pytest.approx(frequencies(is_new, manner), abs=0.03)


def test_new_models_have_no_more_than_their_share() -> None:
    is_new = np.array([True, False, True, False])
    manner = Manner(floor=0.02, new_share=0.1)
    assert frequencies(is_new, manner)[[0, 2]].sum() <= 0.12 + 0.02
    assert propensities(MEAN, DEVIATION, is_new, np.random.default_rng(1), manner=manner)[[0, 2]].sum() <= 0.12


def test_where_all_are_new_none_is_held_back() -> None:
    assert frequencies(~NOBODY_NEW, Manner(floor=0.0, spread=0.0))[0] == 1


def test_the_same_rng_draws_the_same() -> None:
    one, other = (
        [draw(MEAN, DEVIATION, NOBODY_NEW, rng).place for _ in range(50)]
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    assert one == other


def test_without_spread_or_floor_the_best_is_taken_and_nothing_explored() -> None:
    drawn = draw(MEAN, DEVIATION, NOBODY_NEW, np.random.default_rng(3), manner=Manner(floor=0, spread=0))
    assert (drawn.place, drawn.explored) == (0, False)
