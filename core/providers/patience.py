"""How long a failing provider is given: which trouble may pass, and the pauses between calls."""

from __future__ import annotations

import random
from dataclasses import dataclass

from core.errors import GearboxError, ProviderError
from core.providers.circuits import CircuitOpen
from data.values.calls import ErrorKind

PASSING = {ErrorKind.RATE_LIMIT, ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.STREAM_CUT, ErrorKind.PROVIDER}
"""Trouble that may pass: the same call may go well in a moment."""

# Trouble that another model has not. A bad request, a locked key, and what is wrong with ourselves, a person must see.
ELSEWHERE = PASSING | {
    ErrorKind.BAD_RESPONSE,
    ErrorKind.AUTH,
    ErrorKind.NOT_FOUND,
    ErrorKind.KEY_EXPIRED,
    ErrorKind.KEY_UNUSABLE,
    ErrorKind.ADDRESS_REFUSED,
}
"""Trouble that is worth asking another model."""

ANEW = PASSING | {ErrorKind.BAD_RESPONSE}
"""Trouble in the middle of an answer that is worth beginning it anew."""

# Payment required, not implemented: server errors by their number, but waiting does not help.
_FINAL = {402, 501}


def may_pass(error: GearboxError, kind: ErrorKind, *, begun: bool) -> bool:
    """Whether the same call may go well in a moment; `begun` when its answer had begun to come."""
    passing = kind in PASSING or (begun and kind in ANEW)
    made = isinstance(error, ProviderError) and not isinstance(error, CircuitOpen)
    return passing and made and getattr(error, "status", None) not in _FINAL


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long, in seconds.

    Args:
        tries: calls of one candidate at most.
        first_pause: mean pause before the second call; doubles with each further one.
        longest: a provider that asks for more time than this is not waited for.
        longest_beside: the same while another candidate could answer at once.
        again_within: after this long no candidate is called a second time; another one still is.
    """

    tries: int = 3
    first_pause: float = 0.5
    longest: float = 20.0
    longest_beside: float = 3.0
    again_within: float = 60.0

    def pause(self, error: GearboxError, tries: int, rng: random.Random, *, beside: bool) -> float | None:
        """Seconds before a call that failed is made again; None when that takes too long.

        Args:
            error: why it failed, perhaps with the time the provider asked for: it is never undercut.
            tries: calls made so far; 0 counts as one.
            rng: spreads the pauses, so that callers refused together don't come back together.
            beside: whether another candidate could answer at once.
        """
        asked = error.retry_after if isinstance(error, ProviderError) else None
        if asked is None:
            return self.first_pause * 2.0 ** (max(tries, 1) - 1) * rng.uniform(0.5, 1.5)
        if asked > (self.longest_beside if beside else self.longest):
            return None
        return asked + rng.uniform(0.0, 0.25) * max(asked, 1.0)
