"""What an answer is worth."""

import numpy as np
import pytest

from data.learning.routing.reward import USUAL_COST, WORTH, rewards, share
from data.values.routing import Signal, Weights


def test_cost_and_time_count_as_they_are_weighed() -> None:
    quality, cost, seconds = np.array([0.8, 0.8]), np.array([0.0, USUAL_COST]), np.array([0.0, 10.0])
    assert rewards(quality, cost, seconds, Weights(0.0, 0.0)).tolist() == [0.8, 0.8]
    assert rewards(quality, cost, seconds, Weights(0.2, 0.1)) == pytest.approx([0.8, 0.65])


def test_unpriced_is_usual_and_never_free() -> None:
    free, unpriced, dear = share(np.array([0.0, np.nan, 10.0]), USUAL_COST)
    assert free == 0
    assert unpriced == 0.5
    assert 0.99 < dear < 1


def test_every_signal_has_its_worth() -> None:
    assert set(WORTH) == set(Signal)
    assert all(0 <= worth.quality <= 1 and 0 < worth.weight <= 1 for worth in WORTH.values() if worth)
