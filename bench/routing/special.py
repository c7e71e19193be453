"""The harder runs of Gearbox's policy: a wrong prior, a change midway, thumbs that come late, and nothing to learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from bench.routing.figures import Figure, Rounds, marks, rounds_of, shares, taken
from bench.routing.replay import EVERYTHING, Told
from bench.routing.report import LAST, print_shares
from bench.routing.runs import PERMUTED, PLAIN, SHUFFLED, SWAPPED, Job, Setup, played, set_up
from bench.routing.table import Floats
from bench.routing.ways import OURS, STATIC, Settings
from bench.routing.world import World

LATE = Told(share=0.25, delay=50, thumbs=True)
CONTROLS = 3
"""Orders of the control for each of the others: what is nothing takes more of them to be told from luck."""

WITHIN = 500
STEP = 100

PERMUTED_PRIOR = "prior permuted on half of the tasks"
LATE_THUMBS = "a quarter told, as thumbs, 50 late"
NOTHING = "rewards shuffled among models"
_CASES = (
    (PERMUTED_PRIOR, OURS, PERMUTED, EVERYTHING),
    ("  the static prior then", STATIC, PERMUTED, EVERYTHING),
    (LATE_THUMBS, OURS, PLAIN, LATE),
    (NOTHING, OURS, SHUFFLED, EVERYTHING),
    ("best and worst swapped midway", OURS, SWAPPED, EVERYTHING),
)


@dataclass(frozen=True, slots=True)
class Special:
    """PT up to each mark of each run, and in its last rounds; and around the swap: before it, and by hundreds after."""

    marks: list[int]
    shares: dict[str, list[Figure]]
    last: dict[str, Figure]
    before: Figure
    after: list[Figure]


def special_runs(
    pool: Executor, here: World, settings: Mapping[str, Settings], seeds: int, rounds: int | None
) -> Special:
    """Of our policy with the settings that it has everywhere, and of the static prior where that is the wrong one."""
    orders = {run: seeds * CONTROLS if run == SHUFFLED else seeds for run in (PLAIN, PERMUTED, SHUFFLED, SWAPPED)}
    setups = {run: [set_up(here, seed, run, rounds) for seed in range(count)] for run, count in orders.items()}
    jobs = [
        Job(way, settings[way], seed, run, told, rounds) for _, way, run, told in _CASES for seed in range(orders[run])
    ]
    arms = iter(played(pool, jobs))
    found: dict[str, list[Figure]] = {}
    last: dict[str, Figure] = {}
    around: tuple[Figure, list[Figure]] | None = None
    until = marks(len(setups[PLAIN][0].rows))
    for name, _, run, _ in _CASES:
        mine = setups[run]
        got = np.array([taken(setup.rewards, next(arms)) for setup in mine])
        # With shuffled rewards there is no best model: the gap is that of the table as it is.
        gap = _rounds(setups[PLAIN] * CONTROLS if run == SHUFFLED else mine, halves=run == SWAPPED)
        chance = _rounds(mine).chance
        top = chance + gap.per_task - gap.chance
        found[name] = shares(got, chance, top, until)
        last[name] = shares(got, chance, top, until[-1:], since=max(0, until[-1] - LAST))[0]
        if run == SWAPPED:
            around = _around(got, gap)
    assert around is not None
    return Special(until, found, last, *around)


def _rounds(setups: Sequence[Setup], halves: bool = False) -> Rounds:
    """With `halves`, the best of each task is that of the half that a round is in."""
    there = []
    for setup in setups:
        cut = len(setup.rows) // 2 if halves else 0
        parts = [rounds_of(setup.tasks[part], setup.rewards[part]) for part in _parts(cut)]
        there.append([np.concatenate(each) for each in zip(*parts, strict=True)])
    return Rounds(*(np.array(each) for each in zip(*there, strict=True)))


def _parts(cut: int) -> list[slice]:
    return [slice(None, cut), slice(cut, None)] if cut else [slice(None)]


def _around(got: Floats, gap: Rounds) -> tuple[Figure, list[Figure]]:
    half, rounds = got.shape[1] // 2, got.shape[1]
    before = shares(got, gap.chance, gap.per_task, [half], since=max(0, half - WITHIN))[0]
    ends = [half + after for after in range(STEP, WITHIN + STEP + 1, STEP) if half + after <= rounds]
    return before, [shares(got, gap.chance, gap.per_task, [end], since=end - STEP)[0] for end in ends]


def print_special(special: Special) -> None:
    rows = {name: [*figures, special.last[name]] for name, figures in special.shares.items()}
    print_shares("PT in harder runs, over all rounds up to", rows, [*special.marks, f"last {LAST}"])
    print(f"\nBest and worst model swapped: PT in the {WITHIN} rounds before it {special.before}, then by hundreds")
    print("  " + "  ".join(str(each) for each in special.after))
