"""How soon guardrails find harm, and how often they find some where there is none: `uv run python -m bench.guardrails`.

Simulated rollouts, seeded; it is looked after every exposure, with all four metrics watched at their usual settings.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from data.analytics.guardrails import RolloutEvidence
from data.values.guardrails import Metric, Outcome, usual

_BEGAN = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """Who is there, and how often calls fail.

    Args:
        share: chance of a person to be treated.
        alike: how alike people of a group are, as the sum of a beta distribution's parameters; 0 for the same rate.
            People who differ also ask differently often (a Pareto distribution of 1.2).
        days: that the exposures are spread over.
    """

    control: float
    treated: float
    people: int = 400
    share: float = 0.5
    alike: float = 0.0
    days: int = 1


def found_after(world: World, exposures: int, seed: int) -> int | None:
    """After how many exposures a simulated rollout was rolled back; None where it was not."""
    rng, evidence = random.Random(seed), RolloutEvidence(usual())
    arms = [rng.random() < world.share for _ in range(world.people)]
    arms[0], arms[1] = True, False
    rates = [_rate(rng, world.treated if arm else world.control, world.alike) for arm in arms]
    weights = [rng.paretovariate(1.2) if world.alike else 1.0 for _ in arms]
    people = rng.choices(range(world.people), weights, k=exposures)
    step = timedelta(days=world.days) / exposures
    for number, person in enumerate(people):
        bad = float(rng.random() < rates[person])
        outcome = Outcome(Metric.ERROR_RATE, _BEGAN + number * step, str(person), arms[person], bad)
        if evidence.add([outcome]) is not None:
            return number + 1
    return None


def _rate(rng: random.Random, mean: float, alike: float) -> float:
    return rng.betavariate(mean * alike, (1 - mean) * alike) if alike else mean


def main() -> None:
    """Print a row for each world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    runs = parser.parse_args().runs
    worlds = [
        *((f"30% fail, control {pc:.0%}, half treated", World(pc, 0.3, 40), 200) for pc in (0.0, 0.01, 0.02)),
        ("30% fail, control 1%, a fifth treated", World(0.01, 0.3, 40, share=0.2), 400),
        *((f"both {p:.0%}", World(p, p), 5_000) for p in (0.05, 0.075, 0.1)),
        ("both 7%, a tenth treated", World(0.07, 0.07, share=0.1), 5_000),
        ("10% to 15%", World(0.1, 0.15, 1_500), 15_000),
        ("both 7%, 20 people, very different", World(0.07, 0.07, 20, alike=5, days=5), 5_000),
        ("both 7%, 100 people, very different", World(0.07, 0.07, 100, alike=5, days=5), 5_000),
        ("both 7%, 100 people, rather alike", World(0.07, 0.07, 100, alike=20, days=5), 5_000),
    ]
    print(f"{'world':<40}{'exposures':>10}{'rolled back':>14}{'median':>8}{'9 of 10':>9}")
    for name, world, exposures in worlds:
        began = time.perf_counter()
        found = [found_after(world, exposures, seed) for seed in range(runs)]
        after = sorted(exposures + 1 if each is None else each for each in found)
        done = sum(each is not None for each in found)
        middle, late = (str(each) if each <= exposures else "-" for each in (after[runs // 2], after[runs * 9 // 10]))
        took = time.perf_counter() - began
        print(f"{name:<40}{exposures:>10,}{done:>8} of {runs:<4}{middle:>7}{late:>9}   {took:.0f} s", flush=True)


if __name__ == "__main__":
    main()
