"""What the routes of retention and legal holds answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from typing_extensions import TypedDict

from core.retention.receipts import Receipt
from data.values.holds import HoldScope


class Rule(TypedDict):
    """Rows of a kind are removed when they are older than so many days; of everybody where there is no team."""

    kind: str
    team_id: str | None
    days: int
    set_by: str
    set_at: datetime


class RuleList(TypedDict):
    """Rules, and the kinds of rows that there can be rules for, in words."""

    rules: list[Rule]
    kinds: Mapping[str, str]


class Expected(TypedDict):
    """How many rows would go at once, when the oldest is from, and how many more would go if they were not on hold."""

    rows: int
    oldest: datetime | None
    held: int


class HoldShape(TypedDict):
    """A legal hold. `people` counts whom it names one by one."""

    id: str
    scope: HoldScope
    subject_id: str
    name: str
    matter: str
    reason: str
    people: int
    placed_by: str
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None


class HoldList(TypedDict):
    """Holds."""

    holds: list[HoldShape]


class Released(TypedDict):
    """What only waited for the hold, and is gone now."""

    conversations: int
    earlier_versions: int


class ReceiptList(TypedDict):
    """Receipts; `trouble` says why those of the warehouse are missing."""

    receipts: list[Receipt]
    trouble: str | None
