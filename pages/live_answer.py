"""Shows a running answer: a viewer of a turn's events that repaints as they come.

Streamlit sends an element's whole content with every repaint. So blocks that can't change any more are sealed into
elements of their own, and only the tail is sent again.
"""

from __future__ import annotations

import re

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.live import LiveTurn
from core.chat.notices import now_happening
from data.values.events import AnotherTry, ReasoningDelta, TextDelta, TookOver, TurnEnded, TurnEvent
from pages import messages
from pages.markdown import for_streamlit
from pages.plain import plain
from pages.session import Keys

SEAL_CHARS = 2_500
"""Tails longer than this are sealed at their last safe boundary: long enough that short answers stay one element."""

_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)")
_BLANK = re.compile(r"\n[ \t]*\n(?=\S)")
# Also what may yet become a marker: the next piece of the stream can bring the space after a "-" or a "1.".
_CONTINUES = re.compile(r"\s|[-*+](\s|$)|\d{1,9}([.)]?$|[.)]\s)|\||>")

THOUGHTS_SHOWN = 200
"""Characters of a model's running thoughts that are shown before its first word."""


def seal_at(text: str) -> int:
    """Length of the beginning of `text` that later text can't change; 0 when there is none.

    A boundary is a blank line outside a code fence, followed by a line that does not continue a list, a table or a
    quotation. Link definitions and footnotes may reach back over it; they are shown right once the answer is whole.
    """
    best, fence, start = 0, "", 0
    for blank in _BLANK.finditer(text):
        fence = _fence_after(text[start : blank.end()], fence)
        start = blank.end()
        if not fence and not _CONTINUES.match(text, start):
            best = start
    return best


def _fence_after(text: str, fence: str) -> str:
    """The code fence that is open after `text`, given the one open before it; empty for none.

    As in CommonMark: a fence is closed by its own character, at least as often, with nothing behind it.
    """
    for line in text.splitlines():
        found = _FENCE.fullmatch(line)
        if found is None:
            continue
        marks, info = found.groups()
        if not fence:
            fence = marks
        elif marks.startswith(fence) and not info.strip():
            fence = ""
    return fence


class _Painter:
    """One answer on the page: sealed blocks above, one tail that is repainted."""

    def __init__(self) -> None:
        self._box = st.container()
        self._drawn: list[DeltaGenerator] = []
        self._tail = self._new_tail()
        self._text = ""
        self.has_text = False

    def start_over(self) -> None:
        """Take everything off the page: another answer takes its place."""
        for element in self._drawn:
            element.empty()
        self._drawn.clear()
        self._tail = self._new_tail()
        self._text = ""
        self.has_text = False

    def add(self, text: str) -> None:
        """Paint more text. Also without any: drawing is when Streamlit tells this thread that its reader has gone."""
        self.has_text = self.has_text or bool(text)
        self._text += text
        if len(self._text) > SEAL_CHARS and (end := seal_at(self._text)):
            self._tail.markdown(for_streamlit(self._text[:end]))
            self._text = self._text[end:]
            self._tail = self._new_tail()
        self._tail.markdown(for_streamlit(self._text) or " ")

    def _new_tail(self) -> DeltaGenerator:
        with self._box:
            self._drawn.append(st.empty())
        return self._drawn[-1]


def _since_taken_over(batch: list[TurnEvent]) -> list[TurnEvent]:
    place = max(index for index, event in enumerate(batch) if isinstance(event, TookOver))
    return batch[place + 1 :]


def watch(turn: LiveTurn, *, advanced: bool) -> TurnEnded:
    """Draw the turn until it has ended, and its footer; blocks. The page may be ended at any repaint."""
    marker = st.empty()
    with marker.container(key=Keys.ANSWERING):
        st.space("small")  # an empty container would not be drawn, and the style sheet shows Stop while it is
    with st.container(key=f"answer-{turn.begun.reply.id}"):
        notices, thinking, thoughts = st.empty(), st.empty(), st.empty()
        thinking.caption(":material/more_horiz: Thinking")
        painter, reasoning = _Painter(), ""
        ended: TurnEnded | None = None
        for batch in turn.follow():
            for event in batch:
                if isinstance(event, AnotherTry):
                    notices.caption(f":material/info: {plain(now_happening(event))}")
            if any(isinstance(event, TookOver) for event in batch):
                batch = _since_taken_over(batch)  # noqa: PLW2901
                painter.start_over()
                reasoning = ""
                thoughts.empty()
                notices.empty()
            text = "".join(event.text for event in batch if isinstance(event, TextDelta))
            reasoning += "".join(event.text for event in batch if isinstance(event, ReasoningDelta))
            if batch and isinstance(batch[-1], TurnEnded):
                ended = batch[-1]
            if text or ended:
                thinking.empty()
            if reasoning and not painter.has_text:
                thoughts.caption(f":material/psychology: {plain(reasoning[-THOUGHTS_SHOWN:])}")
            painter.add(text)
        assert ended is not None  # follow() only returns after it
        # The text stays as it was painted. Drawn anew into the same place it would leave its old elements behind:
        # Streamlit removes what a run did not draw, not what it drew twice.
        messages.draw_around_text(ended.parts, notices=notices, thoughts=thoughts)
        messages.draw_footer(ended.status, ended.details, advanced=advanced)
        messages.draw_cut(ended.cut, advanced=advanced)
    marker.empty()
    return ended
