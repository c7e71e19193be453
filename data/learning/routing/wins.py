"""Who won against whom where people compared answers side by side."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from data.values.routing import Signal

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Comparison:
    """One side of a comparison, as its event has it. Every side has its event."""

    user_id: str
    model_id: str
    signal: Signal
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duel:
    """One model against another: of `n` comparisons it won `wins` and tied `ties`, told by `people`.

    `share` is wins and half the ties, of all; `low` to `high` its 95 % interval (Wilson, JASA 22, 1927).
    """

    model_id: str
    against: str
    wins: int
    ties: int
    n: int
    people: int
    share: float
    low: float
    high: float


@dataclass
class _Pair:
    wins: Counter[str] = field(default_factory=Counter)
    ties: int = 0
    people: set[str] = field(default_factory=set)


def duels(comparisons: Iterable[Comparison]) -> list[Duel]:
    """Both directions of every pair that was compared, by name."""
    pairs: dict[tuple[str, str], _Pair] = {}
    for each in comparisons:
        for other in set(each.against) - {each.model_id}:
            one, two = sorted((each.model_id, other))
            # A win has the loser's event beside it, and a tie one of each side: each is counted once.
            counts = each.signal is Signal.WON or (each.signal is Signal.TIED and each.model_id == one)
            if not counts:
                continue
            pair = pairs.setdefault((one, two), _Pair())
            pair.people.add(each.user_id)
            if each.signal is Signal.WON:
                pair.wins[each.model_id] += 1
            else:
                pair.ties += 1
    return sorted(
        (_duel(model, against, pair) for ends, pair in pairs.items() for model, against in (ends, ends[::-1])),
        key=lambda duel: (duel.model_id, duel.against),
    )


def ranked(found: Iterable[Duel]) -> list[str]:
    """The models, those that win the largest share of their comparisons first."""
    share: dict[str, float] = defaultdict(float)
    n: Counter[str] = Counter()
    for duel in found:
        share[duel.model_id] += duel.wins + duel.ties / 2
        n[duel.model_id] += duel.n
    return sorted(n, key=lambda model: (-share[model] / n[model], model))


def _duel(model: str, against: str, pair: _Pair) -> Duel:
    n = sum(pair.wins.values()) + pair.ties
    share = (pair.wins[model] + pair.ties / 2) / n
    low, high = _wilson(share, n)
    return Duel(model, against, pair.wins[model], pair.ties, n, len(pair.people), share, low, high)


def _wilson(share: float, n: int) -> tuple[float, float]:
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)
