"""Shows a planned reply while it is made: each part in its place from the beginning, so that nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import streamlit as st

from core.chat.live import LiveTurn
from data.values.events import InStep, PlanAnswered, PlanAsked, StepChanged, StepProgress, TurnEvent
from data.values.parts import Part, StepPart
from data.values.plans import Action, Plan, StepState
from pages import messages, step_parts
from pages.attached import Beside

_WRITTEN = frozenset({Action.WRITE, Action.CHART})


class Painter(Protocol):
    """Paints what is written in one part; see `pages.live_answer`."""

    def paint(self, events: Iterable[TurnEvent]) -> None:
        """Paint what came."""
        ...

    def close(self, parts: Sequence[Part]) -> None:
        """It has ended."""
        ...

    @property
    def waits(self) -> bool:
        """Whether it waits for the person."""
        ...


class PlannedReply:
    """One reply on the page.

    Args:
        turn: the reply.
        beside: what stands beside parts of it.
        painter: makes what paints a part that is written, where it is called.
        ask: draws the question whether a plan is to be made.
    """

    def __init__(
        self,
        turn: LiveTurn,
        beside: Callable[[Sequence[Part]], Beside],
        painter: Callable[[], Painter],
        ask: Callable[[str, Plan], None],
    ) -> None:
        self._message_id = turn.begun.reply.id
        self._beside = beside
        self._painter = painter
        self._ask = ask
        self._plan = st.empty()
        self._open_plan = ""
        self._box = st.container()
        self._parts: dict[str, _Place] = {}

    def paint(self, events: Iterable[TurnEvent]) -> None:
        """Paint what came. Also nothing: drawing is when Streamlit tells this thread that its reader has gone."""
        events = list(events)
        over = {event.key for event in events if isinstance(event, PlanAnswered)}
        within: dict[str, list[TurnEvent]] = {}
        for event in events:
            match event:
                case StepChanged(part):
                    place = self._place(part)
                    # What was written before it ended: who comes late gets both at once.
                    place.paint(within.pop(part.step.id, []))
                    place.change(part)
                case InStep(step_id, inner):
                    within.setdefault(step_id, []).append(inner)
                case StepProgress(step_id, line):
                    self._parts[step_id].say(line)
                case PlanAsked(key, plan) if key not in over:
                    self._open_plan = key
                    with self._plan.container():
                        self._ask(key, plan)
                case PlanAnswered():
                    self._open_plan = ""
                    self._plan.empty()
        for step_id, place in self._parts.items():
            place.paint(within.get(step_id, []))

    @property
    def waits(self) -> bool:
        """Whether the plan or a part waits for the person."""
        return bool(self._open_plan) or any(place.waits for place in self._parts.values())

    def close(self, parts: Sequence[Part]) -> None:
        """The reply has ended: what did not come to its end stands as its parts say."""
        for part in parts:
            if isinstance(part, StepPart):
                self._place(part).end(part)

    def _place(self, part: StepPart) -> _Place:
        if part.step.id not in self._parts:
            with self._box:
                self._parts[part.step.id] = _Place(self._message_id, self._beside, self._painter)
        return self._parts[part.step.id]


class _Place:
    """Where one part stands: held by a skeleton first, then filled once."""

    def __init__(
        self, message_id: str, beside: Callable[[Sequence[Part]], Beside], painter: Callable[[], Painter]
    ) -> None:
        self._message_id = message_id
        self._beside = beside
        self._make_painter = painter
        self._skeleton, self._notices = st.empty(), st.empty()
        self._says = self._skeleton
        self._body = st.container()
        self._problem = st.empty()
        self._painter: Painter | None = None
        self._part: StepPart | None = None
        self._line = ""
        self._is_over = False

    @property
    def waits(self) -> bool:
        return self._painter is not None and self._painter.waits and not self._is_over

    def change(self, part: StepPart) -> None:
        if self._part is None and not part.state.is_final:
            with self._skeleton.container():
                self._says = step_parts.draw_skeleton(part.step, self._message_id)
        self._part = part
        if part.state.is_final:
            self.end(part)
        elif part.state is StepState.RUNNING and part.step.action in _WRITTEN:
            self._skeleton.empty()
            if self._painter is None:
                with self._body:
                    self._painter = self._make_painter()

    def say(self, line: str) -> None:
        self._line = line

    def paint(self, events: Sequence[TurnEvent]) -> None:
        if self._is_over or self._part is None:
            return
        if self._painter is not None:
            self._painter.paint(events)
        else:
            self._says.caption(step_parts.how_it_stands(self._part, self._line))

    def end(self, part: StepPart) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._skeleton.empty()
        beside = self._beside(part.parts)
        with self._body:
            if self._painter is not None:
                self._painter.close(part.parts)
                key = f"{self._message_id}-{part.step.id}"
                messages.draw_around_text(part.parts, notices=self._notices, beside=beside, message_id=key)
            else:
                messages.draw_parts(part.parts, beside, message_id=f"{self._message_id}-{part.step.id}")
        with self._problem.container():
            step_parts.draw_problem(part, self._message_id, None)
