"""What is believed of a model at a task before anybody here has tried it: published figures, as pseudo-observations.

The figures, their sources and dates are the tables in `published/`; docs/model-priors.md says how they become these
numbers and which of them are derived. A prior is poor on purpose: it is worth at most `MEASURED` answers, so that a
wrong one is washed out by what people here see.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from statistics import fmean
from types import MappingProxyType

from data.learning.routing.families import Found, Known, find, known
from data.learning.routing.posterior import Expected, Prior
from data.values.tasks import Task

MEASURED = 8.0
"""How many observations a figure for the model itself at the task is worth. Nothing is worth more."""

DERIVED = 4.0
"""The same for a figure made of those of other tasks; half of either for a relative's."""

_FLOOR, _SPAN = 0.4, 0.55
# What is asked in benchmarks is harder than what is asked in a day's work: order and distances carry over, not levels.
_SCALE = "livebench-2025-05-30"  # the release that the figures of all others are put on the scale of
_CLIP = 0.02
_AVERAGE_RATING = 1030.0  # of the pictures' table

_MADE_OF: Mapping[Task, tuple[str, ...]] = {
    Task.CODE: ("code",),
    Task.MATH: ("math",),
    Task.WRITING: ("writing",),
    Task.REWRITE: ("rewrite",),
    Task.SUMMARIZE: ("summarize",),
    Task.EXTRACT: ("extract",),
    Task.TRANSLATE: ("language",),
    Task.ANALYSIS: ("extract", "reasoning"),
    Task.CHART: ("code", "extract"),
    Task.CHAT: ("writing", "rewrite", "summarize"),
    Task.QUESTION: ("reasoning", "language", "math", "summarize"),
    Task.OTHER: ("code", "math", "writing", "rewrite", "summarize", "extract", "reasoning", "language"),
}
_MEASURED = frozenset((Task.CODE, Task.MATH, Task.WRITING, Task.REWRITE, Task.SUMMARIZE, Task.EXTRACT))


NEUTRAL = Expected(0.6, 2.0)
"""Of a model or a task that nothing is published of here. An assumption, and hardly any weight."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures are from; `date` is that of the figures."""

    id: str
    name: str
    date: str
    address: str


@dataclass(frozen=True, slots=True)
class _Tables:
    """Log-odds by row and column, on one scale; what a doubling of the parameters adds to them; ratings of pictures."""

    odds: Mapping[str, Mapping[str, float]]
    names: tuple[Known, ...]
    doubling: Mapping[str, float]
    ratings: Mapping[str, float]
    picture_names: tuple[Known, ...]


@lru_cache(maxsize=4096)
def priors(model: str) -> Mapping[Task, Expected]:
    """For every task, of a model by its name, with or without a provider before it."""
    tables = _tables()
    found = dict.fromkeys(Task, NEUTRAL)
    drawer = find(model, tables.picture_names)
    if drawer:
        rating = tables.ratings[drawer.label]
        won = 1 / (1 + 10 ** ((_AVERAGE_RATING - rating) / 400))
        found[Task.IMAGE] = Expected(won, MEASURED if drawer.is_itself else MEASURED / 2)
        return MappingProxyType(found)
    writer = find(model, tables.names)
    if writer:
        found |= {task: _prior(writer, task, tables) for task in _MADE_OF}
    return MappingProxyType(found)


def prior_of(model_ids: Iterable[str]) -> Prior:
    """Of several models (`provider/name`), as `Posterior.of` takes it."""
    return {(model, task): expected for model in model_ids for task, expected in priors(model).items()}


def row_of(model: str) -> str | None:
    """The name of the published row that stands for a model; None where none does and its priors are neutral."""
    tables = _tables()
    found = find(model, tables.picture_names) or find(model, tables.names)
    return found.label if found else None


@cache
def sources() -> tuple[Source, ...]:
    """Of the packaged figures."""
    return tuple(Source(*row) for row in _rows("sources.tsv"))


def _prior(found: Found, task: Task, tables: _Tables) -> Expected:
    odds = tables.odds[found.label]
    levels = (odds[column] + found.doublings * tables.doubling[column] for column in _MADE_OF[task])
    count = MEASURED if task in _MEASURED else DERIVED
    return Expected(
        fmean(_FLOOR + _SPAN / (1 + math.exp(-level)) for level in levels), count if found.is_itself else count / 2
    )


@cache
def _tables() -> _Tables:
    columns = ("code", "math", "writing", "rewrite", "summarize", "extract", "reasoning", "language")
    releases: dict[str, dict[str, dict[str, float]]] = {}
    names: list[Known] = []
    for source, label, called, *figures in _rows("figures.tsv"):
        odds = {column: _log_odds(float(each) / 100) for column, each in zip(columns, figures, strict=True)}
        releases.setdefault(source, {})[label] = odds
        names += known(label, called)
    scaled = _on_one_scale(releases)
    pictures = _rows("pictures.tsv")
    return _Tables(
        scaled,
        tuple(names),
        _doubling(scaled, names, columns),
        {label: float(rating) for _, label, _, rating in pictures},
        tuple(each for _, label, called, _ in pictures for each in known(label, called)),
    )


def _on_one_scale(releases: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, float]]:
    """Log-odds of all releases on the scale of one: shifted by what models in two neighbours differ by on average.

    Mean equating with common items (Kolen and Brennan, Test Equating, Scaling, and Linking, chapter 4).
    """
    order = list(releases)
    shifts: dict[str, Mapping[str, float]] = {_SCALE: {}}
    at = order.index(_SCALE)
    for near, far in (*pairwise(order[at:]), *pairwise(order[at::-1])):
        both = releases[near].keys() & releases[far].keys()
        shifts[far] = {
            column: shifts[near].get(column, 0.0)
            + fmean(releases[near][label][column] - releases[far][label][column] for label in sorted(both))
            for column in next(iter(releases[far].values()))
        }
    # The newest release that has a model says what is believed of it: `order` is by time.
    return {
        label: {column: level + shifts[source].get(column, 0.0) for column, level in odds.items()}
        for source in order
        for label, odds in releases[source].items()
    }


def _doubling(
    odds: Mapping[str, Mapping[str, float]], names: list[Known], columns: tuple[str, ...]
) -> dict[str, float]:
    """What twice the parameters add, over all pairs of sizes of one generation in the table."""
    sized = [each for each in names if each.billions and not each.is_family]
    pairs = [
        (one, other, math.log2(other.billions / one.billions))
        for one in sized
        for other in sized
        if one.words == other.words and one.billions and other.billions and other.billions > one.billions
    ]
    return {
        column: sum(odds[other.label][column] - odds[one.label][column] for one, other, _ in pairs)
        / sum(doublings for *_, doublings in pairs)
        for column in columns
    }


def _log_odds(share: float) -> float:
    clipped = min(max(share, _CLIP), 1 - _CLIP)
    return math.log(clipped / (1 - clipped))


def _rows(name: str) -> list[list[str]]:
    text = files("data.learning.routing").joinpath("published", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
