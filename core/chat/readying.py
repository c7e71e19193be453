"""What is done between a prompt and its first call: pictures and sounds are put into words for who needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.chat import notices
from core.chat.asking import Asking
from core.chat.describing import Describing, Task, with_descriptions
from core.chat.live import LiveTurn
from core.chat.plan import TurnPlan
from core.chat.selection import Choice
from core.clock import utc_now
from data.values.events import BeingReadied


def readied(
    asking: Asking, choices: Sequence[Choice], describing: Describing, tasks: Sequence[Task]
) -> Callable[[TurnPlan, LiveTurn], Awaitable[TurnPlan]]:
    """See `TurnPlan.readied`.

    Args:
        choices: who may answer, in the order of the plan's candidates.
        tasks: what is to be put into words first.
    """

    async def ready(plan: TurnPlan, turn: LiveTurn) -> TurnPlan:
        turn.append(BeingReadied(notices.being_described([task.part for task in tasks], tasks[0].by.model.id)))
        made = await describing.describe(asking.actor, turn.begun.conversation_id, tasks, asking.files)
        turn.append(BeingReadied(""))
        if not made:
            return plan
        told = replace(asking, files=with_descriptions(asking.files, made))
        now = utc_now()
        asked_of = await asyncio.to_thread(lambda: [told.of(each, now) for each in choices])
        described = [task.part for task in tasks if task.part.blob.digest in made]
        said = tuple(notices.just_described(part, made[part.blob.digest]) for part in described)
        return replace(
            plan,
            candidates=tuple(
                replace(meant, request=asked.candidate.request)
                for meant, asked in zip(plan.candidates, asked_of, strict=True)
            ),
            notices={asked.candidate.request.model.id: (*asked.notices, *said) for asked in asked_of},
        )

    return ready
