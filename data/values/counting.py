"""What choices of models are learned from, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from data.values.calls import CallStatus, ErrorKind
from data.values.routing import Chooser, Decision, Feedback, Tallies
from data.values.tasks import Task


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """What a chat call took: evidence of its model's cost and time, and of whether it answers at all.

    Args:
        id: of the call.
        tasks, team_ids: as its decision had them; without one its own task, surely, and no teams.
        at: when it was begun.
        cost: US dollars; None: unpriced, which is never zero.
        seconds: until it ended.
    """

    id: str
    user_id: str
    model_id: str
    at: datetime
    status: CallStatus
    tasks: Mapping[Task, float]
    team_ids: tuple[str, ...] = ()
    error_kind: ErrorKind | None = None
    cost: Decimal | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """What events add to the statistics: pure functions of the event, so that a rebuild comes to what was live.

    Args:
        call: of a finished chat call.
        feedback: of what a person showed, and the decision that it is about.
    """

    call: Callable[[FinishedCall], Tallies]
    feedback: Callable[[Feedback, Decision | None], Tallies]


@dataclass(frozen=True, slots=True)
class Learned:
    """All statistics at one moment. `version` grows with each change of them; see `Decision.snapshot`."""

    version: int
    tallies: Tallies


@dataclass(frozen=True, slots=True)
class Used:
    """A model that was used for a prompt of which nothing but its fingerprint is known."""

    user_id: str
    task: Task
    fingerprint: str
    model_id: str
    chooser: Chooser
    at: datetime
