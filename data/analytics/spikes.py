"""Calls that fail, or answer late, more often than in the same hour of past weeks; and endpoints that answer nobody.

What is usual is the median over the weeks, so that one bad week is no excuse for the next. Shares are compared by the
root's arcsine, whose chance is the same whatever is usual (see `data.analytics.failing`); times by their logarithms.
Sample data counts nowhere, nor do answers from Gearbox's own cache: no provider was asked.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from data.analytics.asking import rows
from data.values.calls import ErrorKind
from data.values.sample import SAMPLE_PREFIX

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECENT = timedelta(minutes=15)
STREAK_WINDOW = timedelta(minutes=30)
WEEKS = 4
_HALF_AN_HOUR = timedelta(minutes=30)
_MAD = 1.4826
_FEW_CALLS, _FEW_FAILURES = 10, 5
_TWICE = 2.0
_UNKNOWN_SHARE = 0.05  # what is taken for usual where there are no past weeks to ask
_LEAST_SPREAD = 0.15  # of logarithms: nobody wants to hear of a sixth more, however even the weeks were
_LEAST_LATER, _LEAST_MS = 1.5, 200.0
TROUBLE = (
    ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.STREAM_CUT, ErrorKind.BAD_RESPONSE, ErrorKind.PROVIDER
)  # fmt: skip
"""What says that a provider is in trouble; a refused key or request says that it works."""
_FAULTS = (*TROUBLE, ErrorKind.RATE_LIMIT, ErrorKind.AUTH, ErrorKind.NOT_FOUND, ErrorKind.INTERNAL)

_REAL = f"NOT starts_with(user_id, '{SAMPLE_PREFIX}') AND cache IS DISTINCT FROM 'hit'"
_STREAKS = f"""WITH seen AS (
    SELECT endpoint_id, provider, ts, status, error_kind,
           max(ts) FILTER (status IN ('ok', 'stopped')) OVER (PARTITION BY endpoint_id) AS answered
    FROM model_calls WHERE ts >= $since AND {_REAL}
)
SELECT endpoint_id, any_value(provider) AS provider,
       count(*) FILTER (
           status = 'failed' AND list_contains($trouble::VARCHAR[], error_kind) AND ts > coalesce(answered, $since)
       ) AS failures
FROM seen GROUP BY endpoint_id"""  # noqa: S608  # constants of ours
_HOURS = f"""SELECT provider, w.week,
       count(*) FILTER (status IN ('ok', 'failed')) AS calls,
       count(*) FILTER (status = 'failed' AND list_contains($faults::VARCHAR[], error_kind)) AS failed,
       count(ttft_ms) FILTER (status = 'ok') AS timed,
       median(ttft_ms) FILTER (status = 'ok') AS ttft
FROM model_calls JOIN (
    SELECT unnest($weeks::INTEGER[]) AS week, unnest($starts::TIMESTAMP[]) AS start, unnest($ends::TIMESTAMP[]) AS stop
) AS w ON ts >= w.start AND ts < w.stop
WHERE ts >= $oldest AND {_REAL}
GROUP BY ALL"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Streak:
    """An endpoint, and how many calls of it failed since the last that was answered."""

    endpoint_id: str
    provider: str
    failures: int


@dataclass(frozen=True, slots=True)
class Spike:
    """How far something of a provider is from what is usual, in spreads; 0 where it is not worth telling.

    `now` and `usual` are shares of calls, or milliseconds. Where `is_known` is false too few past weeks could be asked,
    and what is usual is taken from nowhere here.
    """

    provider: str
    spreads: float
    now: float
    usual: float
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Hour:
    """The calls of a provider in the same stretch of time of one week; `ttft` is their median in milliseconds."""

    calls: int
    failed: int
    timed: int = 0
    ttft: float | None = None


def streaks(con: DuckDBPyConnection, now: datetime) -> list[Streak]:
    """Endpoints that were called within the last half hour."""
    asked = {"since": _naive(now - STREAK_WINDOW), "trouble": [kind.value for kind in TROUBLE]}
    return [
        Streak(row["endpoint_id"], row["provider"], int(row["failures"] or 0)) for row in rows(con, _STREAKS, asked)
    ]


def spikes(con: DuckDBPyConnection, now: datetime) -> tuple[list[Spike], list[Spike]]:
    """Failures and late first tokens of the last quarter of an hour, of each provider that was called in it."""
    starts, ends = [now - RECENT], [now + timedelta(minutes=1)]
    for week in range(1, WEEKS + 1):
        then = now - timedelta(weeks=week)
        starts.append(then - _HALF_AN_HOUR)
        ends.append(then + _HALF_AN_HOUR)
    asked: dict[str, Any] = {
        "weeks": list(range(WEEKS + 1)),
        "starts": list(map(_naive, starts)),
        "ends": list(map(_naive, ends)),
        "oldest": _naive(starts[-1]),
        "faults": [kind.value for kind in _FAULTS],
    }
    found: dict[str, dict[int, Hour]] = {}
    for row in rows(con, _HOURS, asked):
        hour = Hour(int(row["calls"]), int(row["failed"]), int(row["timed"]), row["ttft"])
        found.setdefault(row["provider"], {})[row["week"]] = hour
    return _both(found)


def _both(found: Mapping[str, Mapping[int, Hour]]) -> tuple[list[Spike], list[Spike]]:
    failing, late = [], []
    for provider, hours in sorted(found.items()):
        if (recent := hours.get(0)) is None:
            continue
        past = [hour for week, hour in hours.items() if week]
        is_known = sum(hour.calls >= _FEW_CALLS for hour in past) > 1
        failing.append(Spike(provider, *error_spike(recent, past), is_known))
        late.append(Spike(provider, *latency_spike(recent, past)))
    return failing, late


def error_spike(recent: Hour, past: Sequence[Hour]) -> tuple[float, float, float]:
    """How many spreads the share of failures is above the usual one, that share, and the usual one. Pure."""
    share = recent.failed / recent.calls if recent.calls else 0.0
    weeks = [hour for hour in past if hour.calls >= _FEW_CALLS]
    angles = [_angle(hour.failed, hour.calls) for hour in weeks]
    usual = statistics.median(angles) if len(weeks) > 1 else math.asin(math.sqrt(_UNKNOWN_SHARE))
    expected = math.sin(usual) ** 2
    few = recent.calls < _FEW_CALLS or recent.failed < _FEW_FAILURES
    if few or share < _TWICE * expected:
        return 0.0, share, expected
    scores = [2 * math.sqrt(hour.calls + 0.5) * (angle - usual) for hour, angle in zip(weeks, angles, strict=True)]
    spread = max(1.0, _MAD * statistics.median(map(abs, scores))) if len(weeks) > 1 else 1.0
    away = 2 * math.sqrt(recent.calls + 0.5) * (_angle(recent.failed, recent.calls) - usual) / spread
    return max(0.0, away), share, expected


def latency_spike(recent: Hour, past: Sequence[Hour]) -> tuple[float, float, float]:
    """The same of the median time to the first token; 0 spreads where there are fewer than two weeks to ask. Pure."""
    times = [math.log(max(hour.ttft, 1.0)) for hour in past if hour.ttft is not None and hour.timed >= _FEW_CALLS]
    now = recent.ttft or 0.0
    if len(times) < 2 or recent.timed < _FEW_CALLS or now <= 0:
        return 0.0, now, 0.0
    usual = statistics.median(times)
    expected = math.exp(usual)
    if now < _LEAST_LATER * expected or now - expected < _LEAST_MS:
        return 0.0, now, expected
    spread = max(_LEAST_SPREAD, _MAD * statistics.median(abs(each - usual) for each in times))
    return (math.log(now) - usual) / spread, now, expected


def _angle(part: int, whole: int) -> float:
    return math.asin(math.sqrt((part + 0.375) / (whole + 0.75)))


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)  # the warehouse's TIMESTAMPs are UTC
