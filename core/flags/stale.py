"""Flags that have done their work, or that nobody asks for: kept, they only make the code and the list longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from data.values.flags import PARTS, Flag, FlagState, Rule

SAME_DAYS = 30
"""A flag that has said the same to everybody for so long decides nothing any more."""
UNUSED_DAYS = 30


class Staleness(StrEnum):
    """Why a flag should be looked at."""

    SAME_FOR_ALL = "same_for_all"
    UNUSED = "unused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class StaleFlag:
    """A flag with one reason, and since when it holds."""

    flag: Flag
    why: Staleness
    since: datetime


def stale(
    flags: Mapping[str, Flag], changed: Mapping[str, datetime], used: Mapping[str, datetime], now: datetime
) -> list[StaleFlag]:
    """Flags that somebody made and that are worth a look, by key.

    Args:
        flags: those that can be removed: Gearbox's own are for ever.
        changed: when each was changed last.
        used: when each was evaluated last, as far as that is known.
    """
    found = []
    for key in sorted(flags):
        flag, last = flags[key], changed.get(key)
        if flag.state is FlagState.REMOVED or last is None:
            continue
        if flag.expires_on is not None and flag.expires_on < now.date():
            end = datetime(flag.expires_on.year, flag.expires_on.month, flag.expires_on.day, tzinfo=now.tzinfo)
            found.append(StaleFlag(flag, Staleness.EXPIRED, end))
        since = _same_since(flag, last, now)
        if since is not None and now - since >= timedelta(days=SAME_DAYS):
            found.append(StaleFlag(flag, Staleness.SAME_FOR_ALL, since))
        seen = max(last, used.get(key, last))
        if now - seen >= timedelta(days=UNUSED_DAYS):
            found.append(StaleFlag(flag, Staleness.UNUSED, seen))
    return found


def _same_since(flag: Flag, changed: datetime, now: datetime) -> datetime | None:
    """Since when everybody has the same; None where people differ, or will."""
    if flag.state is not FlagState.ON or not flag.rules:
        return changed
    first = flag.rules[0]
    if first.conditions:
        return None
    return changed if first.rollout is None else _whole_since(first, changed, now)


def _whole_since(rule: Rule, changed: datetime, now: datetime) -> datetime | None:
    rollout = rule.rollout
    assert rollout is not None
    shares = {rollout.share_at(now), *(step.share for step in rollout.steps if step.at > now)}
    if shares not in ({0}, {PARTS}) or len(rollout.treated) > 1:
        return None
    return max([changed, *(step.at for step in rollout.steps if step.at <= now)])
