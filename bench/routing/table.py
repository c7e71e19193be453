"""The table that is replayed: what each model's answer to each prompt was worth, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data.values.errors import GearboxError

SCORE, COST = "score|", "cost|"
FEWEST_ROWS = 40
_SHAPE = "It needs the columns `prompt`, `task` and `score|MODEL` of at least two models; `cost|MODEL` is optional."

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """One prompt a row.

    Args:
        tasks: of each prompt, an index into `task_names`.
        scores: (prompts, models), in [0, 1]; NaN: that model was not asked.
        costs: (prompts, models) as the table has them, NaN: not known; None: it has no costs.
        notes: what was done to the table so that it could be used.
    """

    prompts: Sequence[str]
    tasks: Ints
    task_names: tuple[str, ...]
    models: tuple[str, ...]
    scores: Floats
    costs: Floats | None
    notes: tuple[str, ...] = ()


def read_table(path: Path) -> Table:
    """The table in a parquet or CSV file.

    Raises:
        GearboxError: there is no such file, it can't be read, or it is no table of outcomes.
    """
    frame = _frame(path)
    missing = [name for name in ("prompt", "task") if name not in frame.columns]
    models = tuple(name.removeprefix(SCORE) for name in frame.columns if name.startswith(SCORE))
    if missing or len(models) < 2:
        lacking = f"no column {' and no column '.join(missing)}" if missing else f"scores of {len(models)} models"
        raise GearboxError(f"{path.name} has {lacking}.", _SHAPE)
    notes = []
    rows = frame.height
    frame = frame.with_columns(pl.col("prompt").cast(pl.String), pl.col("task").cast(pl.String).fill_null("none"))
    frame = frame.filter(pl.col("prompt").is_not_null()).unique("prompt", keep="first", maintain_order=True)
    scores = _numbers(frame, [SCORE + model for model in models], path)
    known = np.isfinite(scores).any(axis=1)
    frame, scores = frame.filter(pl.Series(known)), scores[known]
    if frame.height < rows:
        notes.append(f"{rows - frame.height} rows left out: prompts that are there twice or empty, or without a score")
    if frame.height < FEWEST_ROWS:
        raise GearboxError(f"{path.name} has {frame.height} usable rows.", f"At least {FEWEST_ROWS} are needed.")
    scores, note = _in_unit(scores)
    names, tasks = np.unique(np.array(frame["task"].to_list(), dtype=object).astype(str), return_inverse=True)
    return Table(
        prompts=frame["prompt"].to_list(),
        tasks=tasks.astype(np.int64),
        task_names=tuple(map(str, names)),
        models=models,
        scores=scores,
        costs=_costs(frame, models, path),
        notes=(*notes, *note),
    )


def _frame(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise GearboxError(f"There is no file {path}.", "Name a table of outcomes: --table FILE.")
    try:
        return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise GearboxError(f"{path.name} can't be read: {str(error).splitlines()[0]}", "Name a parquet file.") from None


def _numbers(frame: pl.DataFrame, columns: Sequence[str], path: Path) -> Floats:
    """The columns as floats, (rows, columns), NaN where there is nothing."""
    wrong = [
        name for name in columns if not (frame[name].dtype.is_numeric() or frame[name].dtype in (pl.Boolean, pl.Null))
    ]
    if wrong:
        raise GearboxError(
            f"The column {wrong[0]} of {path.name} holds {frame[wrong[0]].dtype}.", "Numbers are needed."
        )
    values = frame.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan"))).to_numpy().astype(np.float64)
    if np.isinf(values).any():
        raise GearboxError(f"{path.name} has infinite numbers.", "Scores lie in [0, 1], costs are finite.")
    return values


def _in_unit(scores: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Scores in [0, 1]. Others are moved there by one line for all of them, which no share of a gap is changed by."""
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    if low >= 0 and high <= 1:
        return scores, ()
    return (scores - low) / (high - low), (f"scores lie in {low:g} to {high:g}: moved to 0 to 1",)


def _costs(frame: pl.DataFrame, models: Sequence[str], path: Path) -> Floats | None:
    """NaN also where a model has no column: unpriced is never free."""
    priced = [model for model in models if COST + model in frame.columns]
    if not priced:
        return None
    costs = np.full((frame.height, len(models)), np.nan)
    costs[:, [models.index(model) for model in priced]] = _numbers(frame, [COST + model for model in priced], path)
    if (costs < 0).any():
        raise GearboxError(f"{path.name} has costs below zero.", "Costs are amounts of money, at least 0.")
    return None if np.isnan(costs).all() else costs
