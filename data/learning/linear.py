"""The trained parameters, and how they make probabilities of features. Needs NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

_STEPS = 127
"""Of a weight on each side of zero: one byte each is as good as eight."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Logistic regressions over the same features.

    Args:
        names: of the columns, "image" or "task:code".
        weights: int8, (columns, places).
        scales: of a column's weights, (columns,).
        offsets: (columns,).
    """

    names: tuple[str, ...]
    weights: Any
    scales: Any
    offsets: Any

    @classmethod
    def of(cls, names: Sequence[str], weights: Any, offsets: Any) -> Linear:
        """Rounded to what is kept."""
        scales = np.abs(weights).max(axis=1) / _STEPS
        scales[scales == 0] = 1.0
        return cls(tuple(names), np.rint(weights / scales[:, None]).astype(np.int8), scales, np.asarray(offsets))

    @classmethod
    def load(cls, path: Path) -> Linear:
        """Read what `save` wrote. Nothing in it is code.

        Raises:
            OSError: it can't be read.
            ValueError: it is no such file.
        """
        with np.load(path, allow_pickle=False) as kept:
            names = tuple(str(name) for name in kept["names"])
            return cls(names, kept["weights"], kept["scales"], kept["offsets"])

    def save(self, path: Path) -> None:
        """Write them; the same parameters make the same arrays."""
        np.savez_compressed(
            path, names=np.array(self.names), weights=self.weights, scales=self.scales, offsets=self.offsets
        )

    def probabilities(self, found: Mapping[int, float]) -> dict[str, float]:
        """Of each column by its name."""
        places = np.fromiter(found.keys(), dtype=np.int64, count=len(found))
        values = np.fromiter(found.values(), dtype=np.float64, count=len(found))
        scores = (self.weights[:, places] @ values) * self.scales + self.offsets
        return {
            name: 1 / (1 + math.exp(-min(30.0, max(-30.0, score))))
            for name, score in zip(self.names, scores, strict=True)
        }


@lru_cache(maxsize=1)
def packaged() -> Linear:
    """The parameters that come with Gearbox, read once."""
    with as_file(files("data.learning").joinpath("parameters.npz")) as path:
        return Linear.load(path)
