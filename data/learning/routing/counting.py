"""What each event adds to the statistics: the one function of live counting and of a rebuild.

Change what it says of an event, and what is kept is no longer what the events come to: `python -m core routing verify`
tells, `rebuild` counts anew.
"""

from __future__ import annotations

from dataclasses import replace

from data.learning.routing.statistics import Evidence, increments
from data.values.calls import CallStatus, ErrorKind
from data.values.counting import Counting, FinishedCall
from data.values.routing import Decision, Feedback, Signal, Tallies

ITS_FAULT = frozenset(
    {
        ErrorKind.RATE_LIMIT,
        ErrorKind.UNREACHABLE,
        ErrorKind.TIMEOUT,
        ErrorKind.STREAM_CUT,
        ErrorKind.BAD_RESPONSE,
        ErrorKind.PROVIDER,
    }
)
"""A model that does not answer is bad for whoever waits. A wrong key, or a prompt too long, is no fault of its."""


def of_call(call: FinishedCall) -> Tallies:
    """What it cost and how long it took, where it was answered; that it was not, where that was the model's fault.

    A call that was stopped says nothing: neither is how long a whole answer would have taken.
    """
    about = Evidence(call.model_id, call.tasks, call.at, call.user_id, call.team_ids)
    if call.status is CallStatus.OK:
        return increments(replace(about, cost=call.cost, seconds=call.seconds))
    if call.status is CallStatus.FAILED and call.error_kind in ITS_FAULT:
        return increments(_worth(about, Signal.FAILED))
    return {}


def of_feedback(feedback: Feedback, decision: Decision | None) -> Tallies:
    """What a signal says of the model that answered; without a decision it is about the task that was said."""
    tasks = decision.tasks if decision and decision.tasks else {feedback.task: 1.0}
    team_ids = decision.team_ids if decision else ()
    about = Evidence(feedback.model_id, tasks, feedback.at, feedback.user_id, team_ids)
    return increments(_worth(about, feedback.signal))


def _worth(about: Evidence, signal: Signal) -> Evidence:
    from data.learning.routing.reward import WORTH  # numpy: a call that was answered needs none

    worth = WORTH[signal]
    if worth is None:
        return about  # of which nothing follows
    return replace(about, quality=worth.quality, weight=worth.weight)


COUNTING = Counting(of_call, of_feedback)
"""To open a store with."""
