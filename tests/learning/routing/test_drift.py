"""Drift is marked where recent answers differ by more than chance, and hardly ever where they don't."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.learning.routing.drift import SEEN_AT_LEAST, drifts
from data.learning.routing.statistics import Evidence, increments, merged
from data.values.routing import Tallies
from data.values.tasks import Task

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECENT, EARLIER = timedelta(days=5), timedelta(days=100)


def answers(rng: np.random.Generator, model: str, quality: float, ago: timedelta, number: int) -> list[Evidence]:
    return [
        Evidence(model, {Task.CODE: 1.0}, NOW - ago, f"u{i % 5}", quality=float(rng.random() < quality))
        for i in range(number)
    ]


def tallies(*several: list[Evidence]) -> Tallies:
    return merged(increments(each) for some in several for each in some)


def test_a_model_that_got_worse_is_marked_with_how_much() -> None:
    rng = np.random.default_rng(1)
    seen = tallies(
        answers(rng, "a/worse", 0.9, EARLIER, 120), answers(rng, "a/worse", 0.5, RECENT, 60),
        answers(rng, "a/same", 0.8, EARLIER, 120), answers(rng, "a/same", 0.8, RECENT, 60),
    )  # fmt: skip
    found = drifts(seen, NOW)
    assert list(found) == [("a/worse", Task.CODE)]
    assert found["a/worse", Task.CODE] == pytest.approx(-0.27, abs=0.08), "recent against all, not against earlier"


def test_chance_is_hardly_ever_marked() -> None:
    rng = np.random.default_rng(2)
    marked = 0
    for _ in range(12):
        seen = tallies(*(
            answers(rng, f"a/{i}", 0.8, ago, number)
            for i in range(10)
            for ago, number in ((EARLIER, 40), (RECENT, 25))
        ))  # fmt: skip
        marked += bool(drifts(seen, NOW))
    assert marked <= 2, "of 12 quiet days, each with ten models, one or two may have a mark"


def test_too_little_on_either_side_says_nothing() -> None:
    rng = np.random.default_rng(3)
    few = int(SEEN_AT_LEAST) - 1
    seen = tallies(answers(rng, "a/x", 1.0, EARLIER, 500), answers(rng, "a/x", 0.0, RECENT, few))
    assert drifts(seen, NOW) == {}
    assert drifts({}, NOW) == {}


def test_a_row_of_good_ones_is_no_certainty() -> None:
    rng = np.random.default_rng(4)
    seen = tallies(answers(rng, "a/x", 1.0, EARLIER, 40), answers(rng, "a/x", 1.0, RECENT, 18),
                   answers(rng, "a/x", 0.0, RECENT, 2))  # fmt: skip
    assert drifts(seen, NOW) == {}
