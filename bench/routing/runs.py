"""Runs over seeds, side by side on the machine's cores: every way sees the same prompts in the same order."""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
from threadpoolctl import threadpool_limits

from bench.routing.figures import best_of, hindsight, taken
from bench.routing.replay import EVERYTHING, Prior, Told, replay
from bench.routing.table import Floats, Ints
from bench.routing.ways import BY_NAME, Settings, Way
from bench.routing.world import World

TUNING_SEEDS = 3
PLAIN, QUARTER, PERMUTED, SWAPPED, SHUFFLED = "plain", "quarter", "permuted", "swapped", "shuffled"


@dataclass(frozen=True, slots=True)
class Job:
    """One replay of one way. `run` is what is done to the table or to the prior; at most `rounds` prompts."""

    way: str
    settings: Settings
    seed: int
    run: str = PLAIN
    told: Told = EVERYTHING
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """What is replayed, in order (`rows` of the table), and what is known before."""

    rows: Ints
    tasks: Ints
    rewards: Floats
    prior: Prior


def set_up(world: World, seed: int, run: str = PLAIN, rounds: int | None = None) -> Setup:
    prior, prior_rows = world.prior(seed)
    pool = np.setdiff1d(world.held, prior_rows) if run == QUARTER else world.replayed
    rows = np.random.default_rng((seed, 0)).permutation(pool)[:rounds]
    plain = Setup(rows, world.table.tasks[rows], world.rewards[rows], prior)
    rng = np.random.default_rng((seed, 4))
    if run == PERMUTED:
        return replace(plain, prior=replace(prior, rewards=_permuted(prior, rng)))
    if run == SWAPPED:
        return replace(plain, rewards=_swapped(plain))
    if run == SHUFFLED:
        shuffled = replace(prior, rewards=rng.permuted(prior.rewards, axis=1))
        return replace(plain, rewards=rng.permuted(plain.rewards, axis=1), prior=shuffled)
    return plain


def _permuted(prior: Prior, rng: np.random.Generator) -> Floats:
    """The prior's rows of half of the tasks tell of other models than they are of."""
    rewards = prior.rewards.copy()
    tasks = rng.permutation(np.unique(prior.tasks))
    for task in tasks[: (len(tasks) + 1) // 2]:
        mine = prior.tasks == task
        rewards[mine] = rewards[mine][:, rng.permutation(prior.arms)]
    return rewards


def _swapped(plain: Setup) -> Floats:
    """From the middle on, the model that is best over all answers as the worst does, and the other way round."""
    _, of_all = hindsight(plain.tasks, plain.rewards)
    known = np.flatnonzero(np.isfinite(of_all))
    order = known[np.argsort(of_all[known])]
    rewards, half = plain.rewards.copy(), len(plain.rows) // 2
    rewards[half:, order[[0, -1]]] = rewards[half:, order[[-1, 0]]]
    return rewards


def play(world: World, job: Job) -> Ints:
    """The arms that were chosen, a round each."""
    setup = set_up(world, job.seed, job.run, job.rounds)
    way = BY_NAME[job.way]
    policy = way.make(setup.prior, np.random.default_rng((job.seed, 2, zlib.crc32(job.way.encode()))), **job.settings)
    return replay(policy, setup.tasks, setup.rewards, np.random.default_rng((job.seed, 3)), job.told)


def single_of(setup: Setup) -> Ints:
    """The best single model in hindsight in each round; where it can't answer, the next best does."""
    _, of_all = hindsight(setup.tasks, setup.rewards)
    return best_of(np.broadcast_to(of_all, setup.rewards.shape), setup.rewards)


_here: World | None = None


def _begin(world: World) -> None:
    global _here  # noqa: PLW0603 - each process is given the table once, not with every job
    _here = world
    threadpool_limits(1)  # small matrices: threads of two processes would only get in each other's way


def _play_here(job: Job) -> Ints:
    assert _here is not None
    return play(_here, job)


@contextmanager
def processes(world: World, count: int | None = None) -> Iterator[Executor]:
    """As many as the machine has cores, each made anew (spawn): what this one has loaded does not survive a fork."""
    workers = count or os.cpu_count() or 1
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (world,)) as pool:
        yield pool


def played(pool: Executor, jobs: Iterable[Job]) -> list[Ints]:
    """The chosen arms of each job, in the order of the jobs."""
    return list(pool.map(_play_here, jobs))


def tuned(pool: Executor, world: World, ways: Sequence[Way]) -> dict[str, Settings]:
    """For each way the settings that earned most on the quarter, whose prior rows are left out."""
    jobs = [
        Job(way.name, settings, seed, QUARTER)
        for way in ways
        if len(way.tried) > 1
        for settings in way.tried
        for seed in range(1000, 1000 + TUNING_SEEDS)
    ]
    earned: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    setups = {seed: set_up(world, seed, QUARTER) for seed in {job.seed for job in jobs}}
    for job, arms in zip(jobs, played(pool, jobs), strict=True):
        place = BY_NAME[job.way].tried.index(job.settings)
        earned[job.way][place] += float(taken(setups[job.seed].rewards, arms).mean())
    best = {name: max(sums, key=lambda place: sums[place]) for name, sums in earned.items()}
    return {way.name: way.tried[best.get(way.name, 0)] for way in ways}
