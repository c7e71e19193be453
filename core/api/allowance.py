"""Headers that tell a program how many more requests it may make."""

from __future__ import annotations

import math

from core.access.rate_limit import Allowance, Exhausted
from core.errors import GearboxError


def allowance_headers(allowance: Allowance | None) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and OpenAI's older names.

    The limit fills steadily, so `t` and the reset are when all of it can be had again. Empty where there is no limit.
    """
    if allowance is None:
        return {}
    reset = math.ceil(allowance.reset)
    return {
        "ratelimit-policy": f'"requests";q={allowance.limit};w=60',
        "ratelimit": f'"requests";r={allowance.remaining};t={reset}',
        "x-ratelimit-limit-requests": str(allowance.limit),
        "x-ratelimit-remaining-requests": str(allowance.remaining),
        "x-ratelimit-reset-requests": f"{reset}s",
    }


def refusal_headers(error: GearboxError) -> dict[str, str]:
    """The same of a request that was one too many; empty for other errors."""
    return allowance_headers(error.allowance) if isinstance(error, Exhausted) else {}
