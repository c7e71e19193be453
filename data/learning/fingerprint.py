"""Fingerprints of prompts: alike where the prompts are, and too short to read the words out of them.

512 bits, each the side of a random plane that the prompt's features lie on (Charikar, Similarity estimation techniques
from rounding algorithms, STOC 2002). How many bits two have in common says the angle between the features.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

_BITS = 512
_WORDS = _BITS // 64
_VERSION = "1:"
"""Of the features and of the planes. What was made with others is like nothing."""

_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # SplitMix64's
_STEP = 0x9E3779B97F4A7C15


def fingerprint(found: Mapping[int, float]) -> str:
    """Of the features of a prompt: the version, and 128 hexadecimal digits."""
    places = np.fromiter(found.keys(), dtype=np.uint64, count=len(found))
    weights = np.fromiter(found.values(), dtype=np.float64, count=len(found))
    sides = np.unpackbits(_mixed(places).view(np.uint8), axis=1).astype(np.float64) * 2 - 1
    return _VERSION + np.packbits(weights @ sides > 0).tobytes().hex()


def likeness(one: str, other: str) -> float:
    """The cosine between the features of two prompts, give or take 0.07; 0 where it can't be said."""
    if not (one.startswith(_VERSION) and other.startswith(_VERSION) and len(one) == len(other)):
        return 0.0
    differing = (int(one[len(_VERSION) :], 16) ^ int(other[len(_VERSION) :], 16)).bit_count()
    return math.cos(math.pi * differing / _BITS)


def _mixed(places: np.ndarray) -> np.ndarray:
    """Random bits of each place, the same ones every time: (places, 8) words of 64 bits."""
    words = np.arange(1, _WORDS + 1, dtype=np.uint64)
    seeds = (places[:, None] * np.uint64(_WORDS) + words[None, :]) * np.uint64(_STEP)
    seeds = (seeds ^ (seeds >> np.uint64(30))) * np.uint64(_MULTIPLIERS[0])
    seeds = (seeds ^ (seeds >> np.uint64(27))) * np.uint64(_MULTIPLIERS[1])
    return np.ascontiguousarray(seeds ^ (seeds >> np.uint64(31)))
