"""What the benchmark prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.routing.figures import Figure, Rounds, difference, marks, shares
from bench.routing.table import Floats
from bench.routing.ways import OURS, SINGLE, Settings
from bench.routing.world import World

LAST = 1000
"""Rounds over which the level at the end is taken."""

_NAME = 36


@dataclass(frozen=True, slots=True)
class Played:
    """What each way earned, (seeds, rounds), what was there to earn, and the mean score and cost of an answer."""

    got: Mapping[str, Floats]
    rounds: Rounds
    scores: Mapping[str, float]
    costs: Mapping[str, float]

    @property
    def marks(self) -> list[int]:
        return marks(self.rounds.chance.shape[1])

    def per_task(self, way: str) -> list[Figure]:
        return shares(self.got[way], self.rounds.chance, self.rounds.per_task, self.marks)

    def last(self, way: str) -> Figure:
        """Of the gap from chance to the best per task, in the last rounds alone."""
        end = self.marks[-1]
        return shares(self.got[way], self.rounds.chance, self.rounds.per_task, [end], since=max(0, end - LAST))[0]

    def oracle(self, way: str) -> list[Figure]:
        return shares(self.got[way], self.rounds.chance, self.rounds.oracle, self.marks)


def print_head(world: World, played: Played, seeds: int, cost_weight: float) -> None:
    table, rounds = world.table, played.rounds
    for note in table.notes:
        print(note)
    priced = f"cost counts {cost_weight:g} of a usual answer's" if world.costs is not None else "no costs"
    print(f"{len(world.rewards)} prompts, {len(table.task_names)} tasks, {len(table.models)} models, {priced}.")
    count = rounds.chance.shape[1]
    print(f"{count} of {len(world.replayed)} prompts replayed, once each, in {seeds} orders, the same for all;")
    print(f"{world.prior_rows} known before, of the {len(world.held)} never replayed, which settings come from.")
    levels = (rounds.chance, played.got[SINGLE], rounds.per_task, rounds.oracle)
    chance, single, per_task, oracle = (f"{level.mean():.4f}" for level in levels)
    print(f"Mean reward: by chance {chance}, best single {single}, best per task {per_task}, oracle {oracle}.")


def print_shares(title: str, rows: Mapping[str, Sequence[Figure]], columns: Sequence[int | str]) -> None:
    print(f"\n{title}")
    print(" " * _NAME + "".join(f"{column!s:>16}" for column in columns))
    for name, figures in rows.items():
        print(f"{name:{_NAME}}" + "".join(f"{figure!s:>16}" for figure in figures))


def print_main(played: Played) -> None:
    names = sorted(played.got, key=lambda name: -played.per_task(name)[-1].value)
    per_task = {name: [*played.per_task(name), played.last(name)] for name in names}
    print_shares(
        "PT: share of the gap from chance to the best model of each task in hindsight, over all rounds up to",
        per_task,
        [*played.marks, f"last {LAST}"],
    )
    oracle = {name: played.oracle(name) for name in names}
    print_shares("Share of the gap from chance to an oracle, over all rounds up to", oracle, played.marks)
    costs = played.costs
    print(
        f"\n{'Mean of an answer':{_NAME}}{'score':>16}"
        + ("            cost" if costs else "")
        + "   reward, of best per task's"
    )
    for name in names:
        ratio = played.got[name].mean() / played.rounds.per_task.mean()
        cost = f"{costs[name]:16.6g}" if costs else ""
        print(f"{name:{_NAME}}{played.scores[name]:16.4f}{cost}{ratio:16.1%}")


def print_differences(played: Played) -> None:
    rows = {
        f"minus {name}": [difference(played.got[OURS], got, played.rounds, mark) for mark in played.marks]
        for name, got in played.got.items()
        if name != OURS
    }
    print_shares(f"{OURS} minus the other in the same rounds, in points of PT", rows, played.marks)


def print_settings(settings: Mapping[str, Settings]) -> None:
    print("\nSettings, chosen on the quarter")
    for name, chosen in settings.items():
        if chosen:
            print(f"{name:{_NAME}}" + ", ".join(f"{key}={value}" for key, value in chosen.items()))


def print_aims(aims: Sequence[tuple[str, str, bool | None]]) -> None:
    print("\nAims")
    for aim, figure, met in aims:
        print(f"{'not measured' if met is None else 'met' if met else 'NOT MET':14}{aim}: {figure}")
