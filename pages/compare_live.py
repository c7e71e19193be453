"""Shows several running answers at once, each in its own place; see `pages.live_answer` for one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.live import REPAINT_SECONDS, LiveTurn
from data.values.events import TurnEnded
from data.values.parts import Part
from pages import approval, forms, live_answer, reply_actions
from pages.attached import NOTHING, Beside
from pages.visit import Visit
from pages.widget_keys import Keys


def watch(visit: Visit, running: Sequence[tuple[DeltaGenerator, LiveTurn]], *, quiet: bool) -> bool:
    """Paint the answers until all have ended; blocks. False as soon as one waits for the person.

    Args:
        quiet: answers that are made in several parts, which say who makes them, are not painted before their end.

    The page may be ended at any repaint: painting is when Streamlit tells this thread that its reader has gone.
    """
    marker = st.empty()
    with marker.container(key=Keys.ANSWERING):
        st.space("small")  # an empty container would not be drawn, and the style sheet shows Stop while it is
    sides = [_Side(visit, place, turn, is_painted=not (quiet and turn.is_planned)) for place, turn in running]
    while open_sides := [side for side in sides if not side.has_ended]:
        for side in open_sides:
            side.paint()
        if any(side.waits for side in open_sides):
            _look_again([side.turn for side in sides], sum(side.seen for side in sides))
            return False
        time.sleep(REPAINT_SECONDS)
    marker.empty()
    return True


class _Side:
    """One answer in its place."""

    def __init__(self, visit: Visit, place: DeltaGenerator, turn: LiveTurn, *, is_painted: bool) -> None:
        self.turn = turn
        self.seen = 0
        self.has_ended = False
        self._is_painted = is_painted
        conversation_id = turn.begun.conversation_id
        with place.container():
            self._painter = live_answer.painter(
                turn,
                beside=_beside,
                decide=partial(approval.decide, visit, conversation_id),
                answer=partial(forms.answer, visit, conversation_id),
                plan_card=reply_actions.plan_card(visit, conversation_id),
            )

    @property
    def waits(self) -> bool:
        """Whether it waits for the person."""
        return self._painter.waits and self.turn.questions.are_open

    def paint(self) -> None:
        """Paint what came since."""
        batch = self.turn.since(self.seen)
        self.seen += len(batch)
        self._painter.paint(batch if self._is_painted else ())
        self.has_ended = bool(batch) and isinstance(batch[-1], TurnEnded)


@st.fragment(run_every=1.0)
def _look_again(turns: Sequence[LiveTurn], seen: int) -> None:
    """Draw the page anew when more happens while one of them waits."""
    if sum(turn.seen for turn in turns) > seen:
        st.rerun()


def _beside(_parts: Sequence[Part]) -> Beside:
    return NOTHING  # its files are drawn once it has ended
