"""The replay of the model choice, on tables of a few prompts that are made up here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bench.routing.figures import rounds_of, shares, taken
from bench.routing.libraries import Mabwiser, VowpalWabbit
from bench.routing.ours import Gearbox
from bench.routing.replay import Prior, Told, replay
from bench.routing.runs import PERMUTED, QUARTER, SHUFFLED, SWAPPED, Job, play, set_up, single_of
from bench.routing.table import Ints, read_table
from bench.routing.ways import WAYS
from bench.routing.world import World, world
from data.learning.routing.tuning import tuned
from data.values.errors import GearboxError

ROWS = 480
GOOD = np.array([[0.8, 0.3, 0.4], [0.3, 0.7, 0.5], [0.4, 0.5, 0.9], [0.2, 0.2, 0.3]])  # (models, tasks)


def columns(**more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    tasks = rng.integers(0, 3, ROWS)
    scores = np.clip(GOOD[:, tasks] + rng.normal(0, 0.1, (4, ROWS)), 0, 1)
    found: dict[str, Any] = {"prompt": [f"p{row}" for row in range(ROWS)], "task": [f"t{task}" for task in tasks]}
    return found | {f"score|m{arm}": each.tolist() for arm, each in enumerate(scores)} | more


def written(tmp_path: Path, of: Mapping[str, Any]) -> Path:
    path = tmp_path / "table.parquet"
    pl.DataFrame(of, strict=False).write_parquet(path)
    return path


@pytest.fixture
def here(tmp_path: Path) -> World:
    return world(read_table(written(tmp_path, columns())), 0.1)


class TakesTurns:
    """Takes arms in turn and keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, float]] = []
        self.rounds = 0
        self.known_at: list[int] = []

    def choose(self, task: int, allowed: Ints) -> int:
        self.rounds += 1
        return int(allowed[self.rounds % len(allowed)])

    def learn(self, task: int, arm: int, reward: float) -> None:
        self.told.append((task, arm, reward))
        self.known_at.append(self.rounds)


def test_only_the_chosen_models_reward_is_told() -> None:
    rewards = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, np.nan]])
    policy = TakesTurns()
    arms = replay(policy, np.array([0, 1, 0]), rewards, np.random.default_rng(0))
    assert arms.tolist() == [1, 0, 0]  # the third has one model that can answer
    assert policy.told == [(0, 1, 0.2), (1, 0, 0.3)]  # the last one's comes after the last choice


def test_thumbs_come_late_and_of_some_only() -> None:
    policy = TakesTurns()
    replay(policy, np.zeros(400, int), np.full((400, 2), 0.7), np.random.default_rng(0), Told(0.25, 50, thumbs=True))
    assert 60 < len(policy.told) < 120
    assert {reward for _, _, reward in policy.told} == {0.0, 1.0}
    assert min(policy.known_at) >= 50


def test_the_quarter_is_never_replayed_and_the_prior_is_of_it(here: World) -> None:
    setups = [set_up(here, seed) for seed in (0, 1)]
    for setup in setups:
        assert len(set(setup.rows.tolist())) == len(here.replayed) == ROWS * 3 // 4
        assert not set(setup.rows.tolist()) & set(here.held.tolist())
        assert len(setup.prior.rewards) <= ROWS * 0.005
    assert setups[0].rows.tolist() != setups[1].rows.tolist()
    assert sorted(setups[0].rows.tolist()) == sorted(setups[1].rows.tolist())
    prior, rows = here.prior(0)
    assert set(rows.tolist()) <= set(here.held.tolist())
    assert not set(set_up(here, 0, QUARTER).rows.tolist()) & set(rows.tolist())
    assert (prior.rewards == here.rewards[rows]).all()


def test_changes_of_the_table_are_what_they_are_called(here: World) -> None:
    plain, shuffled, swapped = (set_up(here, 0, run) for run in ("plain", SHUFFLED, SWAPPED))
    assert (np.sort(shuffled.rewards) == np.sort(plain.rewards)).all()
    assert (shuffled.rewards != plain.rewards).any()
    half = len(plain.rows) // 2
    assert (swapped.rewards[:half] == plain.rewards[:half]).all()
    order = np.argsort(plain.rewards.mean(axis=0))
    assert (swapped.rewards[half:, order] == plain.rewards[half:, order[[3, 1, 2, 0]]]).all()
    permuted = set_up(here, 0, PERMUTED).prior.rewards
    assert (np.sort(permuted) == np.sort(plain.prior.rewards)).all()


def test_shares_of_gaps() -> None:
    chance, best, got = np.full((3, 10), 0.4), np.full((3, 10), 0.8), np.full((3, 10), 0.7)
    (found,) = shares(got, chance, best, [10])
    assert (round(found.value, 6), round(found.half, 6)) == (0.75, 0)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_every_way_plays_the_same_again(here: World, way: Any) -> None:
    job = Job(way.name, way.tried[-1], 3, rounds=40)
    arms = play(here, job)
    assert len(arms) == 40 and set(arms.tolist()) <= {0, 1, 2, 3}
    assert arms.tolist() == play(here, job).tolist()


def test_ours_finds_the_best_of_each_task_and_nothing_where_nothing_is(here: World) -> None:
    settings = {"spread": 1.0, "floor": 0.005, "new_below": 0}
    plain = set_up(here, 0)
    chance, per_task, _ = rounds_of(plain.tasks, plain.rewards)
    single = taken(plain.rewards, single_of(plain))
    found = {}
    for run in ("plain", SHUFFLED):
        rewards = set_up(here, 0, run).rewards
        arms = play(here, Job("Gearbox", settings, 0, run))
        found[run] = (taken(rewards, arms) - chance).sum() / (per_task - chance).sum()
    assert found["plain"] > max(0.75, (single - chance).sum() / (per_task - chance).sum())
    assert abs(found[SHUFFLED]) < 0.15


@pytest.mark.parametrize("make", [Gearbox, Mabwiser, VowpalWabbit])
def test_no_way_takes_a_model_that_can_not_answer_or_needs_a_prior(make: Any) -> None:
    rng = np.random.default_rng(0)
    nothing = Prior(np.empty(0, int), np.empty((0, 3)), tuned(np.empty(0, int), np.empty((0, 3)), 2))
    rewards = rng.random((40, 3))
    rewards[rng.random((40, 3)) < 0.4] = np.nan
    rewards[:, 0] = np.where(np.isnan(rewards).all(axis=1), 0.5, rewards[:, 0])
    arms = replay(make(nothing, rng), rng.integers(0, 2, 40), rewards, rng)
    assert np.isfinite(taken(rewards, arms)).all()


def test_costs_count_and_unknown_ones_are_not_free(tmp_path: Path) -> None:
    costs: dict[str, Any] = {"cost|m0": [0.01] * ROWS, "cost|m1": [0.1] * (ROWS - 1) + [None]}
    read = world(read_table(written(tmp_path, columns(**costs))), 0.3)
    assert read.costs is not None
    assert read.costs[:, 1] == pytest.approx(read.costs[0, 1])  # the unknown one is taken for the model's mean
    assert read.costs[0, 1] > read.costs[0, 0]
    assert (read.costs[:, 2] > 0).all()  # of a model without a column
    assert np.nanmin(read.rewards) >= 0 and np.nanmax(read.rewards) <= 1


def test_what_is_odd_in_a_table_is_mended_and_said(tmp_path: Path) -> None:
    odd = columns(split="dev")
    odd["prompt"][1] = odd["prompt"][0]
    odd["task"][5] = None
    for arm in range(4):
        odd[f"score|m{arm}"] = [None if row == 7 else 100 * each for row, each in enumerate(odd[f"score|m{arm}"])]
    table = read_table(written(tmp_path, odd))
    assert len(table.scores) == ROWS - 2
    assert table.scores.max() == 1 and "none" in table.task_names
    assert [note.split(":")[0] for note in table.notes] == ["2 rows left out", "scores lie in 0 to 100"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"task": None}, "no column task"),
        ({"score|m1": None, "score|m2": None, "score|m3": None}, "scores of 1 models"),
        ({"score|m1": ["good"] * ROWS}, "score|m1"),
        ({"score|m1": [float("inf")] * ROWS}, "infinite"),
        ({"cost|m1": [-1.0] * ROWS}, "below zero"),
        ({"prompt": ["the same"] * ROWS}, "1 usable rows"),
    ],
    ids=["no task", "one model", "words", "infinite", "negative cost", "one prompt"],
)
def test_what_is_no_table_of_outcomes_is_said(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    whole = {name: values for name, values in columns(**changed).items() if values is not None}
    with pytest.raises(GearboxError, match=said.replace("|", r"\|")):
        read_table(written(tmp_path, whole))


def test_a_file_that_is_not_there_or_no_parquet(tmp_path: Path) -> None:
    with pytest.raises(GearboxError, match="There is no file"):
        read_table(tmp_path / "none.parquet")
    (tmp_path / "words.parquet").write_text("words")
    with pytest.raises(GearboxError, match=r"words\.parquet can't be read"):
        read_table(tmp_path / "words.parquet")
