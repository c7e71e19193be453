"""The sandbox's embeddings: no model, but texts with words in common do lie near each other."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from functools import lru_cache

DIMENSIONS = 64
MAX_DIMENSIONS = 3_072
_WORD = re.compile(r"\w+")


def embed(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector of length 1: the sum of one pseudo-random direction for each word. The same text gets the same one."""
    return _sum(tuple(_WORD.findall(text.casefold())) or ("",), dimensions)


def embed_tokens(tokens: Iterable[int], dimensions: int = DIMENSIONS) -> list[float]:
    """The same for a text that came as token ids."""
    return _sum(tuple(f"#{token}" for token in tokens) or ("",), dimensions)


def closeness(query: str, document: str) -> float:
    """How well a document answers a query, from 0 to 1: the cosine of their vectors."""
    cosine = sum(a * b for a, b in zip(embed(query), embed(document), strict=True))
    return round(min(max(cosine, 0.0), 1.0), 6)


def _sum(words: tuple[str, ...], dimensions: int) -> list[float]:
    total = [0.0] * dimensions
    for word in words:
        for place, sign in enumerate(_direction(word, dimensions)):
            total[place] += sign
    length = math.sqrt(sum(value * value for value in total)) or 1.0
    return [round(value / length, 7) for value in total]


@lru_cache(maxsize=1024)
def _direction(word: str, dimensions: int) -> tuple[int, ...]:
    """Ones and minus ones, by the bits of the word's hash."""
    bits = hashlib.shake_256(word.encode("utf-8", "replace")).digest(math.ceil(dimensions / 8))
    return tuple(1 if bits[place >> 3] >> (place & 7) & 1 else -1 for place in range(dimensions))
