"""Shows a running answer: a viewer of a turn's events that repaints as they come.

Streamlit sends an element's whole content with every repaint. So blocks that can't change any more are sealed into
elements of their own, and only the tail is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.live import LiveTurn
from core.chat.notices import now_happening
from data.values.events import (
    AnotherTry,
    ApprovalAsked,
    BeingReadied,
    ReasoningDelta,
    RoundBegun,
    TextDelta,
    TookOver,
    ToolAnswered,
    ToolAsks,
    ToolCallChanged,
    ToolCallDelta,
    ToolEnded,
    ToolProgress,
    TurnEnded,
    TurnEvent,
)
from data.values.parts import Part, ReasoningPart, ToolCallPart, ToolResultPart
from data.values.tool_calls import ToolState
from pages import approval, forms, messages, presses, steps, yes_card
from pages.attached import Beside
from pages.model_markdown import for_streamlit
from pages.plain import plain
from pages.plan_card import PlanCard
from pages.plan_card import draw as draw_plan
from pages.planned_reply import Painter, PlannedReply
from pages.sealed_blocks import seal_at
from pages.widget_keys import Keys

SEAL_CHARS = 2_500
"""Tails longer than this are sealed at their last safe boundary: long enough that short answers stay one element."""

PATIENCE = 0.25
"""Seconds without an event after which it is looked whether somebody pressed something."""

BesideOf = Callable[[Sequence[Part]], Beside]
"""What stands beside these parts of an answer."""

THOUGHTS_SHOWN = 200
"""Characters of a model's running thoughts that are shown before its first word."""


class _Painter:
    """One answer on the page: round by round its thoughts, sealed blocks and steps, and a tail that is repainted.

    Args:
        turn: the answer.
        beside: what stands beside parts of the answer.
        decide: takes what the person says to a call that waits for them.
        answer: takes what they say to a question of a running tool.
    """

    def __init__(self, turn: LiveTurn, beside: BesideOf, decide: approval.Decide, answer: forms.Answer) -> None:
        self._titles = turn.titles
        self._message_id = turn.begun.reply.id
        self._beside = beside
        self._decide = decide
        self._answer = answer
        self._box = st.container()
        self._steps: dict[str, steps.Step] = {}
        self._thought: list[DeltaGenerator] = []
        self._begin_round()

    def paint(self, events: Iterable[TurnEvent]) -> None:
        """Paint what came. Also nothing: drawing is when Streamlit tells this thread that its reader has gone."""
        events = list(events)
        over = {event.key for event in events if isinstance(event, ToolAnswered)}
        for event in events:
            match event:
                case TextDelta(text):
                    self._text += text
                case ReasoningDelta(text):
                    self._thoughts += text
                case ToolCallDelta(_, call_id, name) if call_id not in self._steps:
                    title = self._titles.get(name, "")
                    self._begin_step(ToolCallPart(call_id, name, "", ToolState.INPUT_STREAMING, title))
                case ToolCallChanged(call):
                    self._steps[call.id].change(call)
                case ApprovalAsked(call_id, effect, again):
                    self._steps[call_id].ask(effect, again=again, decide=self._decide)
                case ToolProgress(call_id, line):
                    self._steps[call_id].say(line)
                case ToolAsks() | ToolAnswered():
                    self._question(event, over)
                case ToolEnded(result):
                    self._end_step(result)
                case RoundBegun():
                    self._end_round()
                    self._begin_round(_how_far(event))
                case TookOver():  # what there is of this round goes: another answer takes its place
                    for element in self._round:
                        element.empty()
                    self._begin_round()
        self._repaint()

    def _question(self, event: ToolAsks | ToolAnswered, over: set[str]) -> None:
        """`over` are those that need not be drawn: they would be taken back at once."""
        step = self._steps[event.call_id]
        if isinstance(event, ToolAnswered):
            step.asked(event.key)
        elif event.key not in over:
            step.put(event.key, event.question, self._answer)

    @property
    def waits(self) -> bool:
        """Whether a step waits for the person."""
        return any(step.waits for step in self._steps.values())

    def close(self, parts: Sequence[Part]) -> None:
        """The answer has ended: its thoughts are folded, and its steps stand as its parts say.

        Its text stays as it was painted. Drawn anew into the same place it would leave its old elements behind:
        Streamlit removes what a run did not draw, not what it drew twice.
        """
        self._end_round()
        thoughts = [part for part in parts if isinstance(part, ReasoningPart)]
        for place, thought in zip(self._thought, thoughts, strict=False):
            with place.container():
                messages.draw_parts((thought,))
        for part in parts:
            if isinstance(part, ToolResultPart) and part.call_id in self._open:
                call = next(each for each in parts if isinstance(each, ToolCallPart) and each.id == part.call_id)
                self._steps[call.id].change(call)
                self._end_step(part)

    def _begin_round(self, how_far: str = "") -> None:
        self._how_far = how_far
        self._round: list[DeltaGenerator] = []
        self._top, self._tail = self._place(), self._place()
        self._text = self._thoughts = ""
        self._waits = True

    def _end_round(self) -> None:
        self._repaint()
        if self._thoughts:
            self._thought.append(self._top)
        if not self._text:
            self._tail.empty()

    def _begin_step(self, call: ToolCallPart) -> None:
        self._waits = False
        self._repaint()
        self._steps[call.id] = steps.Step(self._place().container(), call, self._message_id)
        self._tail, self._text = self._place(), ""

    def _end_step(self, result: ToolResultPart) -> None:
        self._steps[result.call_id].end(result, self._beside((result,)))

    def _repaint(self) -> None:
        self._waits = self._waits and not self._text
        if len(self._text) > SEAL_CHARS and (end := seal_at(self._text)):
            self._tail.markdown(for_streamlit(self._text[:end]))
            self._text = self._text[end:]
            self._tail = self._place()
        if self._waits and self._thoughts:
            self._tail.caption(f":material/psychology: {plain(self._thoughts[-THOUGHTS_SHOWN:])}")
        elif self._waits:
            self._tail.caption(f":material/more_horiz: Thinking{self._how_far}")
        elif self._text:
            self._tail.markdown(for_streamlit(self._text))
        else:
            self._tail.empty()

    @property
    def _open(self) -> set[str]:
        return {call_id for call_id, step in self._steps.items() if not step.ended}

    def _place(self) -> DeltaGenerator:
        with self._box:
            self._round.append(st.empty())
        return self._round[-1]


def painter(
    turn: LiveTurn, *, beside: BesideOf, decide: approval.Decide, answer: forms.Answer, plan_card: PlanCard
) -> Painter:
    """What paints a turn, in the place where this is called."""
    new = partial(_Painter, turn, beside, decide, answer)
    return PlannedReply(turn, beside, new, partial(draw_plan, card=plan_card)) if turn.is_planned else new()


def watch(
    turn: LiveTurn,
    *,
    advanced: bool,
    beside: BesideOf,
    decide: approval.Decide,
    answer: forms.Answer,
    plan_card: PlanCard,
    ask: yes_card.Ask,
) -> TurnEnded | None:
    """Draw the turn until it has ended, and its footer; blocks. The page may be ended at any repaint.

    None as soon as it waits for the person, or they pressed something here: that is told to the page once its run is
    over. It draws itself anew by then, or when something else happens.
    """
    marker = st.empty()
    with marker.container(key=Keys.ANSWERING):
        st.space("small")  # an empty container would not be drawn, and the style sheet shows Stop while it is
    with st.container(key=f"answer-{turn.begun.reply.id}"):
        notices, question = st.empty(), yes_card.Question(ask)
        paints = painter(turn, beside=beside, decide=decide, answer=answer, plan_card=plan_card)
        ended: TurnEnded | None = None
        seen = 0
        for batch in turn.follow(patience=PATIENCE):
            seen += len(batch)
            for event in batch:
                if isinstance(event, AnotherTry):
                    notices.caption(f":material/info: {plain(now_happening(event))}")
                elif isinstance(event, BeingReadied) and event.line:
                    notices.caption(f":material/visibility: {plain(event.line)}")
                elif isinstance(event, TookOver | BeingReadied):
                    notices.empty()
                elif isinstance(event, TurnEnded):
                    ended = event
            question.take(batch)
            if not question.waits:
                paints.paint(batch)
            if ended is None and presses.wait_here():
                return None
            if (paints.waits or question.waits) and turn.questions.are_open:
                _look_again(turn, seen)
                return None
        assert ended is not None  # follow() only returns after it
        paints.close(ended.parts)
        reply = replace(turn.begun.reply, parts=ended.parts, status=ended.status, details=ended.details, cut=ended.cut)
        beside_it = beside(reply.parts)
        messages.draw_around_text(reply.parts, notices=notices, beside=beside_it, message_id=reply.id)
        messages.draw_end(reply, advanced=advanced, beside=beside_it)
    marker.empty()
    return ended


def _how_far(round_begun: RoundBegun) -> str:
    """How many of the steps that the answer may take it has taken, and how much of what it may cost it cost."""
    steps_taken = f" · step {round_begun.step} of {round_begun.steps}"
    if round_begun.budget is None or not round_begun.spent:
        return steps_taken
    return f"{steps_taken} · \\${round_begun.spent:.3f} of \\${round_begun.budget:.2f}"


@st.fragment(run_every=1.0)
def _look_again(turn: LiveTurn, seen: int) -> None:
    """Draw the page anew when more happens in a turn that waits: another window answers, the time is up."""
    if turn.seen > seen:
        st.rerun()
