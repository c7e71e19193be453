"""Whether one group is worse off than another, asked after every outcome: tests by betting, for guardrails.

Evidence is an e-value: what a gambler has made of 1 who bets that the treated are worse off. While they are not, it
exceeds `1/alpha` at any time ever with a chance of at most `alpha` (Ville's inequality), so that one may look after
every outcome and stop whenever one likes.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

LIFTS = (0.04, 0.12, 0.3)
"""How much worse than the least harm the bets suppose: a third of the money is on each."""
QUANTILES = (0.5, 0.9)
"""Of numbers: the middle, and the slow or dear end. Half of the money is on each."""

_PRIOR_BAD, _PRIOR_ALL = 0.2, 10.0  # the control group's rate is supposed to be near 2% before anything is known
_KEPT = 400  # numbers that a quantile is taken of
_FEWEST = 20  # of the control group: below these there is no quantile worth betting on
_STEPS, _NEAR = 60, 1e-9


class Evidence(Protocol):
    """What takes outcomes one by one, in the order in which they came."""

    @property
    def now(self) -> float:
        """The e-value after the last outcome."""

    @property
    def peak(self) -> float:
        """The largest e-value that there ever was: what decides."""

    def add(self, value: float, *, is_treated: bool) -> None:
        """Take an outcome."""


def block_factors(treated: tuple[int, int], control: tuple[int, int], rate: float, least_harm: float) -> list[float]:
    """What one block of outcomes makes of the bet on each of `LIFTS`.

    The e-variable of Turner, Ly and Grünwald ("Generic E-Variables for Exact Sequential k-Sample Tests that allow for
    Optional Stopping", 2021) for a null hypothesis with a linear boundary (Turner and Grünwald, "Exact Anytime-valid
    Confidence Intervals for Contingency Tables and Beyond", 2022): the likelihood of the outcomes at the rates that
    the bet supposes, divided by that at those rates of the null hypothesis `treated <= control + least_harm` that lie
    nearest to them (by Kullback-Leibler). Its mean is at most 1 under all of that hypothesis: along the boundary its
    logarithm is a concave function of the rate, and the nearest point is where the slope of that is 0.

    Args:
        treated, control: bad ones, and all; how many there are may not depend on how they came out.
        rate: the control group's, as known before these outcomes.
        least_harm: 0 to 0.9.
    """
    (bad_t, all_t), (bad_c, all_c) = treated, control
    factors = []
    for lift in LIFTS:
        bet_c = min(rate, 0.98 - least_harm)
        bet_t = min(bet_c + least_harm + lift, 0.99)
        if bet_t - least_harm <= bet_c:
            factors.append(1.0)
            continue
        null_c = _nearest((bet_t - least_harm, all_t), (bet_c, all_c), least_harm)
        null_t = null_c + least_harm
        factors.append(
            (bet_t / null_t) ** bad_t
            * ((1 - bet_t) / (1 - null_t)) ** (all_t - bad_t)
            * (bet_c / null_c) ** bad_c
            * ((1 - bet_c) / (1 - null_c)) ** (all_c - bad_c)
        )
    return factors


def _nearest(treated: tuple[float, int], control: tuple[float, int], least_harm: float) -> float:
    """The control group's rate on the boundary where the slope is 0, by Newton's method kept between two bounds.

    Args:
        treated, control: the rate that is bet on, of the treated less the least harm, and how many outcomes.
    """
    (high, all_t), (low, all_c) = treated, control
    bet_t, bet_c = high + least_harm, low
    at = (all_t * high + all_c * low) / (all_t + all_c)
    for _ in range(_STEPS):
        spread_t, spread_c = (at + least_harm) * (1 - at - least_harm), at * (1 - at)
        off_t, off_c = bet_t - at - least_harm, bet_c - at
        slope = all_t * off_t / spread_t + all_c * off_c / spread_c
        bend = all_t * (spread_t + off_t * (1 - 2 * (at + least_harm))) / spread_t**2
        bend += all_c * (spread_c + off_c * (1 - 2 * at)) / spread_c**2
        if slope > 0:
            low = at
        else:
            high = at
        step = slope / bend if bend > 0 else math.inf
        before, at = at, at + step if low < at + step < high else (low + high) / 2
        if abs(at - before) < _NEAR:
            break
    return at


@dataclass(slots=True)
class RateEvidence:
    """Evidence that bad outcomes are more frequent among the treated, by more than the least harm.

    Outcomes are gathered until there are some of each group, so that a small group is set against all of a large one;
    when a block is full follows from the groups alone. Then each bet is settled.
    """

    least_harm: float
    peak: float = 1.0
    _bets: list[float] = field(default_factory=lambda: [1.0] * len(LIFTS))
    _block: list[int] = field(default_factory=lambda: [0, 0, 0, 0])  # treated: bad, all; control: bad, all
    _bad: float = _PRIOR_BAD
    _all: float = _PRIOR_ALL

    @property
    def now(self) -> float:
        """See `Evidence`."""
        return sum(self._bets) / len(self._bets)

    @property
    def is_between(self) -> bool:
        """Whether no block is begun: what the next one is asked may be chosen."""
        return not (self._block[1] or self._block[3])

    def add(self, value: float, *, is_treated: bool) -> None:
        """Take an outcome: anything but 0 is a bad one."""
        block, at = self._block, 0 if is_treated else 2
        block[at] += value != 0
        block[at + 1] += 1
        if not (block[1] and block[3]):
            return
        rate = self._bad / self._all
        factors = block_factors((block[0], block[1]), (block[2], block[3]), rate, self.least_harm)
        self._bets = [bet * factor for bet, factor in zip(self._bets, factors, strict=True)]
        self._bad += block[2]
        self._all += block[3]
        self._block = [0, 0, 0, 0]
        self.peak = max(self.peak, self.now)


class NumberEvidence:
    """Evidence that the treated's numbers are larger, by more than the least harm as a ratio.

    For each of `QUANTILES` it is asked how often a number is above what that quantile of the control group's last ones
    was, divided by 1 + least harm where it is one of the treated: if theirs, so divided, are not larger, that is no
    more frequent among them, whatever the shape of the numbers. Outliers count as one number each.
    """

    def __init__(self, least_harm: float) -> None:
        self._ratio = 1 + least_harm
        self._rates = [RateEvidence(0.0) for _ in QUANTILES]
        self._last: deque[float] = deque()
        self._sorted: list[float] = []
        self._waiting: list[float] = []
        self._limits: list[float] = []
        self.peak = 1.0

    @property
    def now(self) -> float:
        """See `Evidence`."""
        return sum(rate.now for rate in self._rates) / len(self._rates)

    def add(self, value: float, *, is_treated: bool) -> None:
        """Take an outcome, not below 0."""
        if not is_treated:
            self._waiting.append(value)
        if len(self._sorted) >= _FEWEST:
            if self._rates[0].is_between:
                self._limits = [self._sorted[int(share * (len(self._sorted) - 1))] for share in QUANTILES]
            for rate, limit in zip(self._rates, self._limits, strict=True):
                rate.add(value > (limit * self._ratio if is_treated else limit), is_treated=is_treated)
            self.peak = max(self.peak, self.now)
        if self._rates[0].is_between:  # what a block is asked may not depend on what is in it
            self._keep()

    def _keep(self) -> None:
        for value in self._waiting:
            self._last.append(value)
            insort(self._sorted, value)
            if len(self._last) > _KEPT:
                del self._sorted[bisect_left(self._sorted, self._last.popleft())]
        self._waiting.clear()
