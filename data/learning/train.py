"""Train the prompt analysis: `uv run python -m data.learning.train`. The same examples give the same parameters.

One linear model for each output and task over the same features, whose probabilities are calibrated (Platt) on
templates that it was not trained on. Only this module needs scikit-learn.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from data.learning.corpus import Example, examples
from data.learning.features import PLACES, features
from data.learning.linear import Linear
from data.learning.masking import masked
from data.values.plans import Output
from data.values.tasks import Task

FOLDS = 3
_STRENGTH, _TASK_STRENGTH = 6.0, 3.0
_USUAL = {f"task:{Task.WRITING.value}": 0.8}
"""Log odds on top of what the examples say: people have things written far more often than the examples do."""


def matrix(these: Sequence[Example]) -> csr_matrix:
    """The features of examples, one in a row."""
    rows = [features(masked(each.prompt), each.inputs, each.earlier) for each in these]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((place for row in rows for place in sorted(row)), dtype=np.int32)
    values = np.fromiter((row[place] for row in rows for place in sorted(row)), dtype=np.float64)
    return csr_matrix((values, columns, ends), shape=(len(rows), PLACES))


def trained(these: Sequence[Example], columns: Sequence[str] = ()) -> Linear:
    """The model of these examples; of the columns alone that are named, where any are."""
    whole = matrix(these)
    of_outputs = np.array([not each.tells_tasks_alone for each in these])
    names, weights, offsets, slopes = [], [], [], []
    for name, wanted, strength in _targets(these):
        if columns and name not in columns:
            continue
        is_task = name.startswith("task:")  # only the likeliest counts of them
        rows = np.flatnonzero(of_outputs | is_task)
        x, y = whole[rows], np.array(wanted)[rows]
        groups = np.array([these[int(row)].family for row in rows])
        slope, shift = (1.0, 0.0) if is_task else _calibration(x, y, groups, strength)
        model = _fitted(x, y, strength)
        names.append(name)
        weights.append(model.coef_[0])
        offsets.append(float(model.intercept_[0]) * slope + shift + _USUAL.get(name, 0.0))
        slopes.append(slope)
    return Linear.of(names, np.array(weights) * np.array(slopes)[:, None], np.array(offsets))


def _targets(these: Sequence[Example]) -> list[tuple[str, list[bool], float]]:
    outputs = [(output.value, [output in each.outputs for each in these], _STRENGTH) for output in Output]
    tasks = [(f"task:{task.value}", [task is each.task for each in these], _TASK_STRENGTH) for task in Task]
    return [*outputs, *(each for each in tasks if any(each[1]))]


def _fitted(x: csr_matrix, y: np.ndarray, strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, solver="liblinear", max_iter=200, random_state=0).fit(x, y)


def _calibration(x: csr_matrix, y: np.ndarray, groups: np.ndarray, strength: float) -> tuple[float, float]:
    scores = np.zeros(len(y))
    for inside, outside in GroupKFold(FOLDS).split(x, y, groups):
        scores[outside] = _fitted(x[inside], y[inside], strength).decision_function(x[outside])
    platt = LogisticRegression(C=1e3).fit(scores[:, None], y)
    return float(platt.coef_[0, 0]), float(platt.intercept_[0])


def main() -> None:
    """Train, and write the parameters where they are packaged."""
    these = examples()
    where = Path(__file__).parent / "parameters.npz"
    trained(these).save(where)
    sys.stdout.write(f"{len(these)} examples, {where.stat().st_size / 1024:.0f} KB\n")


if __name__ == "__main__":
    main()
