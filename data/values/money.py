"""Money: decimal, with its currency, how sure we are of it, and by which price list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class CostBasis(StrEnum):
    """How an amount came about."""

    PRICED = "priced"  # provider's own token counts times a listed price
    ESTIMATED = "estimated"  # a listed price, but token counts we had to estimate
    UNPRICED = "unpriced"  # no listed price: the amount is unknown, never zero


@dataclass(frozen=True, slots=True)
class Cost:
    """What one model call cost. `amount` is None exactly when the basis is UNPRICED."""

    amount: Decimal | None
    basis: CostBasis
    currency: str = "USD"
    price_version: str = ""

    def __post_init__(self) -> None:
        if (self.amount is None) != (self.basis is CostBasis.UNPRICED):
            raise ValueError("an amount is missing exactly when a cost is unpriced")


UNPRICED = Cost(amount=None, basis=CostBasis.UNPRICED)


def total(costs: Sequence[Cost]) -> Cost:
    """What all of it cost: unknown when a part of it is, or when it was paid in more than one currency."""
    amounts = [cost.amount for cost in costs if cost.amount is not None]
    if not amounts or len(amounts) < len(costs) or len({cost.currency for cost in costs}) > 1:
        return UNPRICED
    is_estimated = any(cost.basis is CostBasis.ESTIMATED for cost in costs)
    basis = CostBasis.ESTIMATED if is_estimated else CostBasis.PRICED
    return Cost(sum(amounts, Decimal(0)), basis, costs[-1].currency, costs[-1].price_version)


def dollars(costs: Iterable[Cost]) -> Decimal:
    """US dollars of those whose amount is known and in US dollars: at least so much was spent."""
    return sum((cost.amount for cost in costs if cost.amount is not None and cost.currency == "USD"), Decimal())


@dataclass(frozen=True, slots=True)
class LongPrompt:
    """What each token of a call costs whose prompt has more than `above` tokens; `cache_write` as in `TokenPrice`."""

    above: int
    input: Decimal
    output: Decimal
    cached_input: Decimal
    cache_write: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """Price of one model in `currency` per single token, from the price list `version`.

    `cached_input` is `input` where the list has no separate price for cached tokens; a `cache_write` of None stands for
    the same. `long` are the prices of calls with long prompts: the whole call is priced by the highest that it reaches.
    """

    input: Decimal
    output: Decimal
    cached_input: Decimal
    version: str
    currency: str = "USD"
    cache_write: Decimal | None = None
    long: tuple[LongPrompt, ...] = ()

    def of_prompt(self, tokens: int) -> TokenPrice:
        """The price of a call whose prompt has so many tokens."""
        reached = [tier for tier in self.long if tokens > tier.above]
        if not reached:
            return self
        tier = max(reached, key=lambda each: each.above)
        return TokenPrice(tier.input, tier.output, tier.cached_input, self.version, self.currency, tier.cache_write)
