"""Which of the aims of the model choice are met."""

from __future__ import annotations

import numpy as np

from bench.routing.figures import Figure, difference
from bench.routing.report import LAST, Played
from bench.routing.special import LATE_THUMBS, NOTHING, PERMUTED_PRIOR, STEP, WITHIN, Special
from bench.routing.ways import LIN_TS, LIN_UCB, OURS, SINGLE, STATIC, VOWPAL

Aim = tuple[str, str, bool | None]


def aims(played: Played, special: Special, plain_ms: list[float], analysed_ms: list[float]) -> list[Aim]:
    """What is wanted, what was measured, and whether that is enough; None: it can't be told from this table."""
    end = played.marks[-1]
    level = played.per_task(OURS)[-1]
    return [
        ("PT at the end at least 85%", str(level), level.value >= 0.85),
        _above(played, STATIC, end),
        _at_least(played, SINGLE, 1000),
        _above(played, LIN_TS, end),
        _above(played, LIN_UCB, end),
        _above(played, VOWPAL, end),
        _not_below(played, STATIC, 100),
        _permuted(special, played.last(OURS)),
        _regained(special),
        _nothing(special),
        _late(special),
        _p99("decision without features, p99 under 1 ms", plain_ms, 1),
        _p99("decision with features, p99 under 10 ms", analysed_ms, 10),
    ]


def _differs(played: Played, other: str, mark: int) -> Figure | None:
    """At a mark that is among the rounds."""
    return difference(played.got[OURS], played.got[other], played.rounds, mark) if mark <= played.marks[-1] else None


def _above(played: Played, other: str, mark: int) -> Aim:
    found = _differs(played, other, mark)
    return f"significantly above {other} at the end", str(found), found is not None and found.low > 0


def _at_least(played: Played, other: str, mark: int) -> Aim:
    found = _differs(played, other, mark)
    return f"at least {other} in hindsight by round {mark}", str(found), None if found is None else found.value >= 0


def _not_below(played: Played, other: str, mark: int) -> Aim:
    found = _differs(played, other, mark)
    return f"at {mark} rounds not significantly below {other}", str(found), None if found is None else found.high >= 0


def _permuted(special: Special, usual: Figure) -> Aim:
    found = special.last[PERMUTED_PRIOR]
    share = found.value / usual.value if usual.value > 0 else float("nan")
    whole = special.shares[PERMUTED_PRIOR][-1]
    said = f"{found} in the last {LAST} rounds, {share:.1%} of it; over all rounds {whole}"
    return "prior permuted on half of the tasks: 90% of the usual level at the end", said, share >= 0.9


def _regained(special: Special) -> Aim:
    aim = f"80% of the level regained within {WITHIN} rounds after best and worst are swapped"
    wanted = 0.8 * special.before.value
    by = next((STEP * (place + 1) for place, each in enumerate(special.after) if each.value >= wanted), None)
    said = f"regained in the hundred up to round {by}" if by else "not regained"
    return aim, f"{said}; before it {special.before}", by is not None and by <= WITHIN


def _nothing(special: Special) -> Aim:
    found = special.shares[NOTHING][-1]
    return "rewards shuffled: no gain", str(found), found.low <= 0


def _late(special: Special) -> Aim:
    places = [place for place, mark in enumerate(special.marks) if mark <= 1000]
    found = special.shares[LATE_THUMBS][places[-1] if places else 0]
    return "stretch: PT 95% by round 1,000 with 25% thumbs, 50 late", str(found), found.value >= 0.95


def _p99(aim: str, took: list[float], limit: float) -> Aim:
    middle, high = np.percentile(took, [50, 99])
    return aim, f"p50 {middle:.2f} ms, p99 {high:.2f} ms", bool(high < limit)
