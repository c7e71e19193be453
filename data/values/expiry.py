"""Expiry dates of keys as warnings: 30, 7 and 1 days before, and from the moment on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


class ExpiryLevel(StrEnum):
    """How near a date is."""

    MONTH = "month"  # 30 days or less
    WEEK = "week"  # 7 days or less
    DAY = "day"  # 24 hours or less
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ExpiryWarning:
    """A key whose date is near, or was. `label` names its connection; `days_left` counts begun days, 0 once expired.

    `may_change` says whether the reader can do something about it, or has to ask an admin.
    """

    label: str
    days_left: int
    level: ExpiryLevel
    may_change: bool = True


def expiry_warning(
    label: str, expires_at: datetime | None, now: datetime, *, may_change: bool = True
) -> ExpiryWarning | None:
    """What to warn of at `now`; None while there is time, and for a key without a date."""
    if expires_at is None:
        return None
    left = expires_at - now
    if left <= timedelta(0):
        return ExpiryWarning(label, 0, ExpiryLevel.EXPIRED, may_change)
    days = math.ceil(left / _DAY)
    for within, level in ((1, ExpiryLevel.DAY), (7, ExpiryLevel.WEEK), (30, ExpiryLevel.MONTH)):
        if days <= within:
            return ExpiryWarning(label, days, level, may_change)
    return None
