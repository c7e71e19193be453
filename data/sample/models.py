"""The models of the sample data: names and prices like real ones, everything else made up.

Prices are whole numbers of 10^-15 US dollars for a token (or for a picture, a character), so that costs are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.values.tasks import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Strings = NDArray[Any]

_PER_MILLION = 10**9  # one US dollar for a million tokens


@dataclass(frozen=True, slots=True)
class SampleModel:
    """A model that chats.

    Args:
        provider, name: as in its id.
        price: US dollars for a million tokens in and out; None: not priced.
        first_ms: median time to the first token; `speed` in tokens a second.
        quality: share of answers that people find good.
        share: of what people pick by themselves.
    """

    provider: str
    name: str
    price: tuple[float, float] | None
    first_ms: float
    speed: float
    quality: float
    share: float

    @property
    def id(self) -> str:
        """`provider/name`."""
        return f"{self.provider}/{self.name}"


MODELS = (
    SampleModel("anthropic", "claude-sonnet-4-5", (3.0, 15.0), 900, 70, 0.90, 0.26),
    SampleModel("openai", "gpt-4.1", (2.0, 8.0), 620, 90, 0.84, 0.32),
    SampleModel("openai", "gpt-4o-mini", (0.15, 0.60), 420, 120, 0.70, 0.20),
    SampleModel("mistral", "mistral-large-latest", (2.0, 6.0), 540, 80, 0.76, 0.10),
    SampleModel("ollama", "llama3.3:70b", None, 1300, 24, 0.66, 0.06),
    SampleModel("gemini", "gemini-2.5-flash", (0.30, 2.50), 360, 170, 0.82, 0.24),
)
OUT = 0
"""Of this model's provider nearly nothing is answered during the outage."""
CHEAPER = 1
"""This model costs half from the day of the price change on."""
DEFAULT = 2
"""Where nothing is learned yet."""
NEW = 5
"""There only from some day on, and liked more and more."""

PICTURE, VOICE, VECTORS = len(MODELS), len(MODELS) + 1, len(MODELS) + 2
"""Places of what does not chat, behind the others."""

PROVIDERS = np.array([*(each.provider for each in MODELS), "openai", "openai", "openai"])
NAMES = np.array([*(each.name for each in MODELS), "gpt-image-1", "tts-1", "text-embedding-3-small"])
MODALITIES = np.array([*("text" for _ in MODELS), "image", "speech", "embedding"])
FIRST_MS = np.array([*(each.first_ms for each in MODELS), 0.0, 450.0, 0.0])
SPEED = np.array([*(each.speed for each in MODELS), 1.0, 1.0, 1.0])
WORK_MS = np.array([*(120.0 for _ in MODELS), 11_000.0, 900.0, 90.0])
"""What a call takes besides its tokens."""
IS_PRICED = np.array([*(each.price is not None for each in MODELS), True, True, True])
UNIT_PRICE = np.array([*(0 for _ in MODELS), 42 * 10**12, 15 * 10**9, 0])
"""Of a picture (4.2 cents) and of a character that is spoken."""

SHARES = np.array([each.share for each in MODELS])
TASKS = tuple(Task)

# How much easier a task is for all models, and how much better or worse some model is at it than at others.
_EASE = {Task.MATH: -0.10, Task.CODE: -0.02, Task.WRITING: 0.03, Task.TRANSLATE: 0.04, Task.SUMMARIZE: 0.05}
_GIFTS = {(0, Task.CODE): 0.05, (1, Task.WRITING): 0.05, (3, Task.TRANSLATE): 0.09, (5, Task.MATH): 0.09}


def quality(progress: float) -> Floats:
    """Share of good answers by task and chatting model, at a moment of the period (0 to 1).

    The first model gets worse at summarizing in the last third, as models do whose provider changes them.
    """
    of = np.array([[each.quality + _EASE.get(task, 0.0) for each in MODELS] for task in TASKS])
    for (model, task), more in _GIFTS.items():
        of[TASKS.index(task), model] += more
    if progress > 2 / 3:
        of[TASKS.index(Task.SUMMARIZE), OUT] -= 0.35
    clipped: Floats = np.clip(of, 0.05, 0.97)
    return clipped


def prices(*, cheaper: bool) -> tuple[Ints, Ints]:
    """For a token in and out, by model, before the price change or after it; 0 where none is known."""
    tokens = [each.price or (0.0, 0.0) for each in MODELS]
    if cheaper:
        tokens[CHEAPER] = (tokens[CHEAPER][0] / 2, tokens[CHEAPER][1] / 2)
    tokens += [(10.0, 0.0), (0.0, 0.0), (0.02, 0.0)]
    both = np.array([[round(price * _PER_MILLION) for price in pair] for pair in tokens], dtype=np.int64)
    return both[:, 0], both[:, 1]
