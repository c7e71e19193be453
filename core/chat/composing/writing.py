"""Steps that chat models make: words, and charts that they say how to draw."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from core.chat.answer_files import AnswerFiles
from core.chat.asking import Asked, Asking
from core.chat.composing.composition import Resolve
from core.chat.composing.material import Material
from core.chat.composing.step_turn import StepBooking
from core.chat.planning.instructions import QUOTED
from core.chat.selection import Choice
from core.chat.tool_rounds import ToolRounds
from core.clock import utc_now
from core.errors import GearboxError
from core.providers.attempts import Attempts
from core.tools.toolbox import ToolUse
from data.values.actor import Actor
from data.values.parts import ChartPart, NoticePart, Part, TextPart, every, text_of
from data.values.plans import Action, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.store import Store

CHART_TOOLS = frozenset({"make_chart", "query_data"})

_MADE_BY_OTHERS = {
    Action.DRAW: "generate_image",
    Action.EDIT: "edit_image",
    Action.SPEAK: "speak_text",
    Action.CHART: "make_chart",
}
"""Tools whose work other steps of the same reply do."""

_WHOLE = "[The whole request, of which only the part above is yours:]"
_CHART = (
    "[Call make_chart for it, with the numbers that you were given or know, and say in one short sentence what it "
    "shows.]"
)
_NO_CHART = "You drew no chart. Call make_chart now, with `table` or `sql`, and nothing else."


@dataclass(frozen=True, slots=True)
class WordSteps:
    """Makes the steps of one reply that chat models make. On an event loop.

    Args:
        asking: the person's prompt, with the files of the conversation that the reply stands in.
        choices: who is asked, in order, where a step names nobody.
        resolve: finds whom a step names.
        others: how the other steps of the reply are made.
    """

    attempts: Attempts
    store: Store
    asking: Asking
    choices: Sequence[Choice]
    resolve: Resolve
    others: Collection[Action]

    async def make(self, step: Step, material: Material, booking: StepBooking) -> tuple[Part, ...]:
        """What a step gives.

        Raises:
            GearboxError: no model could be asked, or it failed, or drew no chart.
        """
        draws = step.action is Action.CHART
        tools = self._tools(only=CHART_TOOLS if draws else None)
        if draws and tools is None:
            raise GearboxError("Charts can't be drawn for you here.", "An admin has switched make_chart off for you.")
        said = self._prompt(step, material)
        notices = await self._ask(step, said, tools, booking)
        if draws and not _has_chart(booking):
            said = (*said, TextPart(f"[Before, you answered: {text_of(booking.turn.parts())[:2_000]}]\n\n{_NO_CHART}"))
            booking.next_round(2, tools or ToolUse({}))
            notices = await self._ask(step, said, tools, booking)
            if not _has_chart(booking):
                raise GearboxError(f"{booking.model} drew no chart.", "Try it with another model.")
        parts = booking.turn.parts()
        if not parts:
            raise GearboxError(f"{booking.model} ended its answer without a word.", "Try it again.")
        return (*notices, *booking.said(), *parts)

    async def _ask(
        self, step: Step, said: tuple[Part, ...], tools: ToolUse | None, booking: StepBooking
    ) -> tuple[NoticePart, ...]:
        """Ask, and have what came told to the step; what has to be said beside it."""
        asked_of = await asyncio.to_thread(self._asked_of, step, said, tools)
        candidates = [each.candidate for each in asked_of]
        if tools is None:
            async with contextlib.aclosing(self.attempts.stream(candidates, booking, counts=False)) as items:
                async for item in items:
                    await booking.take(item)
        else:
            files = partial(AnswerFiles, self.store)
            await ToolRounds(self.attempts, candidates, tools, booking, files=files, store=self.store).run()
        return next((each.notices for each in asked_of if each.candidate.request.model.id == booking.model), ())

    def _asked_of(self, step: Step, said: tuple[Part, ...], tools: ToolUse | None) -> list[Asked]:
        now = utc_now()
        asking = replace(self.asking, prompt=said, tools=tools)
        choices = list(self.choices)
        if step.model and step.model != choices[0].model.id:
            actor: Actor = asking.actor
            named = self.resolve(actor, step.model)
            choices = [named, *(each for each in choices if each.model.id != step.model)]
        return [asking.of(each, now) for each in choices]

    def _prompt(self, step: Step, material: Material) -> tuple[Part, ...]:
        request = text_of(self.asking.prompt)
        lines = [step.instruction]
        if len(request) > QUOTED:
            lines.append(f"{_WHOLE}\n\n{request}")
        if step.action is Action.CHART:
            lines.append(_CHART)
        attached = tuple(part for part in self.asking.prompt if not isinstance(part, TextPart))
        return (*attached, *material.for_words(), TextPart("\n\n".join(lines)))

    def _tools(self, only: Collection[str] | None) -> ToolUse | None:
        use = self.asking.tools
        if use is None:
            return None
        taken = {_MADE_BY_OTHERS[each] for each in self.others if each in _MADE_BY_OTHERS}
        left = {
            name: tool for name, tool in use.tools.items() if (name in only if only is not None else name not in taken)
        }
        if only is not None and "make_chart" not in left:
            return None
        return replace(use, tools=left) if left else None


def _has_chart(booking: StepBooking) -> bool:
    return any(isinstance(part, ChartPart) for part in every(booking.turn.parts()))
