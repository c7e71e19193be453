"""What the routes of feature flags answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from typing_extensions import TypedDict

from data.values.flag_evaluation import Arm, Why
from data.values.flags import FlagKind, FlagState, Prerequisite, Rule, Unit


class FlagShape(TypedDict):
    """A flag. Shares are in thousandths of a percent: 100000 is all."""

    key: str
    kind: FlagKind
    variants: dict[str, Any]
    default: str
    off: str
    state: FlagState
    unit: Unit
    salt: str
    rules: list[Rule]
    prerequisites: list[Prerequisite]
    description: str
    owner: str
    created_at: datetime | None
    expires_on: date | None
    version: int


class FlagList(TypedDict):
    """Flags."""

    flags: list[FlagShape]


class Change(TypedDict):
    """One change: who made it, when and why, and what was there before it."""

    version: int
    at: datetime
    by: str
    why: str
    before: FlagShape | None
    after: FlagShape


class History(TypedDict):
    """Changes, the newest first."""

    changes: list[Change]


class Evaluated(TypedDict):
    """What a flag comes to for somebody."""

    variant: str
    value: Any
    reason: Why
    rule: str | None
    arm: Arm | None
    unmet: str | None
