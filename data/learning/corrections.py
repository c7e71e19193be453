"""What a person corrected, used for prompts that are like the ones they corrected: at once, and for them alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from data.learning.fingerprint import likeness
from data.values.corrections import Correction
from data.values.plans import Output

MOST = 200
"""Corrections that are kept of one person, the newest; reading all of them takes a fraction of a millisecond."""

_ALIKE, _SAME = 0.45, 0.8
"""From the first one on a correction counts, from the second one on it counts in full: other wordings of one request
lie around 0.6, prompts that have only small words in common below 0.35."""

_FORCE = 8.0
"""Of a correction that counts in full, in logits: it turns what the model was sure of."""

_AS_NEAR = 0.8
"""Of the nearest one's weight: what is about as near is about the same prompt, and the newest of these is heard."""


def corrected(
    chances: Mapping[Output, float], fingerprint: str, corrections: Sequence[Correction]
) -> dict[Output, float]:
    """The chances with what the nearest correction says; as they were where none is near."""
    weighed = [(_weight(likeness(fingerprint, each.fingerprint)), each) for each in corrections]
    nearest = max((weight for weight, _ in weighed), default=0.0)
    if nearest == 0:
        return dict(chances)
    near = [(each.at, weight, each) for weight, each in weighed if weight >= nearest * _AS_NEAR]
    _, weight, newest = max(near, key=lambda found: found[:2])
    return {
        output: _moved(chance, weight if output in newest.outputs else -weight) for output, chance in chances.items()
    }


def _weight(alike: float) -> float:
    return min(1.0, max(0.0, (alike - _ALIKE) / (_SAME - _ALIKE)))


def _moved(chance: float, side: float) -> float:
    inside = min(1 - 1e-3, max(1e-3, chance))
    return 1 / (1 + math.exp(-(math.log(inside / (1 - inside)) + _FORCE * side)))
