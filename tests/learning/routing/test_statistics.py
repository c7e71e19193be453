"""What events add: whole numbers that come to the same in any order, and that decay by when the event was."""

from dataclasses import astuple, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.learning.routing.statistics import (
    EPOCH,
    HALF_LIFE,
    SCALE,
    Evidence,
    epoch_of,
    increments,
    merged,
    remaining,
)
from data.values.routing import Level, Tally
from data.values.tasks import Task

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)

events = st.builds(
    Evidence,
    model_id=st.sampled_from(["a/one", "b/two"]),
    tasks=st.dictionaries(st.sampled_from(list(Task)), st.floats(0.01, 1.0), min_size=1, max_size=3),
    at=st.integers(0, 200).map(lambda days: NOON - timedelta(days=days)),
    user_id=st.sampled_from(["", "ann"]),
    team_ids=st.sampled_from([(), ("red",), ("red", "blue")]),
    quality=st.none() | st.floats(0, 1),
    weight=st.floats(0.1, 1.0),
    cost=st.none() | st.decimals(0, 1, places=6),
    seconds=st.none() | st.floats(0, 100),
)


@settings(derandomize=True, max_examples=50)
@given(st.lists(events, max_size=8), st.randoms(use_true_random=False))
def test_any_order_comes_to_the_same(found: list[Evidence], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(map(increments, found)) == merged(map(increments, shuffled))


@settings(derandomize=True, max_examples=50)
@given(events)
def test_what_is_taken_back_leaves_nothing(event: Evidence) -> None:
    adds = increments(event)
    assert merged([adds, {key: -tally for key, tally in adds.items()}]) == {}


def test_each_number_is_added_for_itself() -> None:
    numbers = range(1, len(fields(Tally)) + 1)
    ones, tens = Tally(*numbers), Tally(*(10 * each for each in numbers))
    assert astuple(ones + tens) == tuple(11 * each for each in numbers)
    assert astuple(-ones) == tuple(-each for each in numbers)


def test_an_event_counts_for_everybody_its_teams_and_its_person() -> None:
    adds = increments(Evidence("a/one", {Task.CODE: 1.0}, NOON, "ann", ("red", "blue"), quality=1.0))
    assert {(key.level, key.scope_id) for key in adds} == {
        (Level.ALL, ""),
        (Level.TEAM, "blue"),
        (Level.TEAM, "red"),
        (Level.USER, "ann"),
    }
    assert len(set(adds.values())) == 1


def test_an_event_is_shared_out_by_the_probability_of_each_task() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)  # the first moment of an epoch, so that weights are as given
    adds = increments(
        Evidence("a/one", {Task.CODE: 0.6, Task.MATH: 0.2, Task.CHAT: 0.001}, at, quality=0.5, cost=Decimal("0.02"))
    )
    code, math = (next(tally for key, tally in adds.items() if key.task is task) for task in (Task.CODE, Task.MATH))
    assert len(adds) == 2
    assert code == Tally(weight=round(0.75 * SCALE), quality=round(0.375 * SCALE), square=round(0.1875 * SCALE),
                         priced=round(0.75 * SCALE), cost=15_000_000)  # fmt: skip
    assert math.weight + code.weight == SCALE


def test_without_quality_price_or_time_nothing_is_added() -> None:
    assert increments(Evidence("a/one", {Task.CODE: 1.0}, NOON)) == {}
    only_time = increments(Evidence("a/one", {Task.CODE: 1.0}, NOON, seconds=3.0))
    assert all(tally.weight == 0 and tally.timed > 0 for tally in only_time.values())


@pytest.mark.parametrize("days", [0, 5, 27, 28, 40, 200])
def test_an_event_decays_by_its_own_age_wherever_in_an_epoch_it_was(days: int) -> None:
    then = NOON - timedelta(days=days)
    (key, tally), *_ = increments(Evidence("a/one", {Task.CODE: 1.0}, then, quality=1.0)).items()
    assert key.epoch == epoch_of(then)
    left = tally.weight / SCALE * remaining(key.epoch, NOON)
    assert left == pytest.approx(2 ** -(timedelta(days=days) / HALF_LIFE), rel=1e-5)


def test_epochs_are_of_equal_length() -> None:
    assert epoch_of(NOON + EPOCH) == epoch_of(NOON) + 1
