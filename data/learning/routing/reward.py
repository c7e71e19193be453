"""What an answer is worth: its quality, less what it costs and how long it takes; and what people's acts say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from data.values.routing import Signal, Weights

USUAL_COST = 0.01
"""US dollars of a usual answer: one as dear as that counts half of `Weights.cost`, a far dearer one nearly all."""
USUAL_SECONDS = 10.0
"""Until a usual answer is whole."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a signal says of an answer: the quality it is taken for, and how much that counts. `why` is for people."""

    quality: float
    weight: float
    why: str


WORTH: Mapping[Signal, Worth | None] = MappingProxyType(
    {
        Signal.THUMB_UP: Worth(1.0, 1.0, "somebody said that it is good"),
        Signal.THUMB_DOWN: Worth(0.0, 1.0, "somebody said that it is bad"),
        Signal.THUMB_TAKEN_BACK: None,  # what the thumb said is taken back; nothing takes its place
        Signal.REGENERATED: Worth(0.2, 0.3, "asked again: often bad, sometimes only to see another"),
        Signal.SWITCHED: Worth(0.1, 0.5, "another model was asked instead: mostly as this one's answer did not do"),
        Signal.EDITED: Worth(0.3, 0.15, "the prompt was changed: as often the prompt's fault as the model's"),
        Signal.COPIED: Worth(0.9, 0.2, "it was taken along: mostly good, and many copy what they check first"),
        Signal.WON: Worth(1.0, 1.0, "it was the better one, side by side"),
        Signal.LOST: Worth(0.0, 1.0, "another one was better, side by side"),
        Signal.TIED: Worth(0.5, 1.0, "as good as the other, side by side"),
        Signal.FAILED: Worth(0.0, 0.5, "no answer came: bad for whoever waited, and soon over"),
    }
)
"""Of each signal; None: it adds nothing. That nothing was done is no signal and has no place here.

The order (a thumb more than a switch, a switch more than asking again, both more than an edit) follows how far
implicit signs agreed with what people said in Joachims et al. (SIGIR 2005) and Fox et al. (TOIS 23, 2005): they
agree in direction, and far less than surely. The weights are cautious: twenty copies do not outvote four thumbs.
"""


def rewards(quality: Any, cost: Any, seconds: Any, weights: Weights) -> Any:
    """`quality - cost_weight * cost - speed_weight * latency` of each model, for choosing among them.

    Args:
        quality: of each model, in [0, 1]; the last axis is the models.
        cost: of this answer by each, US dollars, (models,); NaN: unpriced, which counts as a usual one, never as free.
        seconds: until the whole answer, (models,); NaN: not known, counts as a usual one.
        weights: what counts for the person.
    """
    return quality - weights.cost * share(cost, USUAL_COST) - weights.speed * share(seconds, USUAL_SECONDS)


def share(amount: Any, usual: float) -> Any:
    """From 0 for nothing, one half for the usual amount, towards 1 for any more: a dear answer isn't infinitely bad."""
    known = np.where(np.isnan(amount), usual, np.maximum(amount, 0.0))
    return known / (known + usual) if usual > 0 else np.zeros_like(known)
