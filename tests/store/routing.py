"""Decisions, feedback, and a way of counting them, for tests of what is kept."""

from __future__ import annotations

import itertools
from datetime import datetime
from decimal import Decimal

from data.values.calls import CallStatus
from data.values.counting import Counting, FinishedCall
from data.values.routing import (
    Arm,
    Chooser,
    Decision,
    Feedback,
    Level,
    Signal,
    Tallies,
    Tally,
    TallyKey,
    Unfit,
    Weights,
)
from data.values.tasks import Task
from tests.store.conftest import ANN

CODE = {Task.CODE: 0.7000000000000001, Task.MATH: 0.3}

_GOOD = {Signal.THUMB_UP: 1000, Signal.WON: 1000, Signal.TIED: 500, Signal.COPIED: 700}
_SAYS_NOTHING = frozenset({Signal.THUMB_TAKEN_BACK})
_ids = itertools.count(1)


def decision(at: datetime, user_id: str = ANN, chosen: str = "sandbox/echo", **changes: object) -> Decision:
    """One of the policy, between two models."""
    fields: dict[str, object] = {
        "id": f"decision-{next(_ids)}",
        "user_id": user_id,
        "task": Task.CODE,
        "chosen": chosen,
        "chooser": Chooser.POLICY,
        "decided_at": at,
        "tasks": CODE,
        "arms": (
            Arm(
                chosen,
                0.8,
                0.61,
                0.9,
                12.25,
                Decimal("0.0123"),
                4.5,
                0.7712345678901234,
                seen_by=Level.TEAM,
                seen=7.5,
                rated=(0.87, 0.83, 0.91),
            ),
            Arm("local/other", 0.5, 0.1, 0.9, 0.0, None, None, 0.5, is_new=True),
        ),
        "unfit": (Unfit("local/blind", "it sees no pictures"),),
        "team_ids": ("team-1",),
        "weights": Weights(0.2, 0.1),
        "policy": "thompson-1",
        "snapshot": "41",
        "fingerprint": "1:abcd",
    }
    return Decision(**{**fields, **changes})  # type: ignore[arg-type]


def feedback(turn_id: str, signal: Signal, at: datetime, **changes: object) -> Feedback:
    """Of the answer of a turn."""
    fields: dict[str, object] = {"user_id": ANN, "model_id": "sandbox/echo", "task": Task.CODE}
    fields |= {"id": f"feedback-{next(_ids)}", "turn_id": turn_id, "signal": signal, "at": at}
    return Feedback(**{**fields, **changes})  # type: ignore[arg-type]


def _spread(event: FinishedCall | Feedback, decided: FinishedCall | Decision | None, tally: Tally) -> Tallies:
    tasks = decided.tasks if decided else {Task.OTHER: 1.0}
    teams = decided.team_ids if decided else ()
    scopes = [(Level.ALL, ""), (Level.USER, event.user_id), *((Level.TEAM, each) for each in teams)]
    days = event.at.toordinal()
    return {
        TallyKey(level, scope, task, event.model_id, days // 28): Tally(
            *(
                round(share * each * (1 + days % 28))
                for each in (tally.weight, tally.quality, tally.square, tally.priced, tally.cost)
            ),
            *(round(share * each * (1 + days % 28)) for each in (tally.timed, tally.seconds)),
        )
        for level, scope in scopes
        for task, share in tasks.items()
    }


def _of_call(call: FinishedCall) -> Tallies:
    if call.status is not CallStatus.OK:
        return {}
    cost = Tally() if call.cost is None else Tally(priced=1000, cost=int(call.cost * 10**9))
    time = Tally() if call.seconds is None else Tally(timed=1000, seconds=round(call.seconds * 1000))
    return _spread(call, call, cost + time)


def _of_feedback(shown: Feedback, decided: Decision | None) -> Tallies:
    if shown.signal in _SAYS_NOTHING:
        return {}
    good = _GOOD.get(shown.signal, 0)
    return _spread(shown, decided, Tally(weight=1000, quality=good, square=good * good // 1000))


SIMPLY = Counting(_of_call, _of_feedback)
"""Counts as simply as can be; `data.learning.routing.statistics` weighs what it counts."""
