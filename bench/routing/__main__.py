"""The model choice in replay, beside the ways that others choose by.

    uv run python -m bench.routing --table FILE [--seeds 20]

The table has a prompt a row: `prompt`, `task`, `score|MODEL` for each model, `cost|MODEL` if there are costs. Each
prompt is seen once, in random order; of a round only the chosen model's reward is told. What is known before is at
most 0.5 % of the prompts; settings come from a quarter that is never replayed. All ways start from the same rows, know
the same of a prompt (its task) and see the same prompts in the same order, seed by seed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np

from bench.routing.aims import aims
from bench.routing.figures import Rounds, rounds_of, taken
from bench.routing.latency import decision_times
from bench.routing.report import (
    Played,
    print_aims,
    print_differences,
    print_head,
    print_main,
    print_settings,
)
from bench.routing.runs import Job, played, processes, set_up, single_of, tuned
from bench.routing.special import print_special, special_runs
from bench.routing.table import read_table
from bench.routing.ways import SINGLE, WAYS, Settings
from bench.routing.world import World, world
from data.values.errors import GearboxError
from data.values.routing import Weights

ROUNDS = 10_000


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    began = time.monotonic()
    here = world(read_table(options.table), options.cost_weight)
    rounds = options.rounds or None
    plain_ms, analysed_ms = decision_times(here.table.prompts[:500])  # before the others keep all cores busy
    with processes(here, options.processes) as pool:
        settings = tuned(pool, here, WAYS)
        all_ways = main_run(pool, here, settings, options.seeds, rounds)
        special = special_runs(pool, here, settings, options.seeds, rounds)
    print_head(here, all_ways, options.seeds, options.cost_weight)
    print_main(all_ways)
    print_differences(all_ways)
    print_special(special)
    print_settings(settings)
    print_aims(aims(all_ways, special, plain_ms, analysed_ms))
    print(f"\n{time.monotonic() - began:.0f} s")


def main_run(pool: Executor, here: World, settings: Mapping[str, Settings], seeds: int, rounds: int | None) -> Played:
    """All ways on the table as it is, and the best single model in hindsight."""
    jobs = [Job(name, chosen, seed, rounds=rounds) for seed in range(seeds) for name, chosen in settings.items()]
    setups = [set_up(here, seed, rounds=rounds) for seed in range(seeds)]
    there = [rounds_of(setup.tasks, setup.rewards) for setup in setups]
    took = [(job.way, job.seed, arms) for job, arms in zip(jobs, played(pool, jobs), strict=True)]
    took += [(SINGLE, seed, single_of(setup)) for seed, setup in enumerate(setups)]
    got, scores, costs = defaultdict(list), defaultdict(list), defaultdict(list)
    for name, seed, arms in took:
        rows = setups[seed].rows
        got[name].append(taken(setups[seed].rewards, arms))
        scores[name].append(np.mean(taken(here.table.scores[rows], arms)))
        if here.table.costs is not None:
            costs[name].append(np.nanmean(taken(here.table.costs[rows], arms)))
    return Played(
        {name: np.array(each) for name, each in got.items()},
        Rounds(*(np.array(each) for each in zip(*there, strict=True))),
        {name: float(np.mean(each)) for name, each in scores.items()},
        {name: float(np.mean(each)) for name, each in costs.items()},
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.routing", description="Replay the model choice on a table of outcomes."
    )
    parser.add_argument(
        "--table", type=Path, required=True, help="parquet or CSV: prompt, task, score|MODEL, cost|MODEL"
    )
    parser.add_argument("--seeds", type=int, default=20, help="orders that all ways are replayed in (20)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"prompts of each order, 0 for all ({ROUNDS})")
    parser.add_argument("--cost-weight", type=float, default=Weights().cost, help="what a usual answer's cost counts")
    parser.add_argument("--processes", type=int, help="replays at the same time (as many as there are cores)")
    options = parser.parse_args(arguments)
    if options.seeds < 2:
        parser.error("--seeds: at least 2, for intervals")
    return options


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except GearboxError as error:
        sys.exit(error.explain())
