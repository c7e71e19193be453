"""Steps of an answer: what a model had Gearbox do, folded, with its input, its output and the time it took."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.values.parts import (
    AudioPart,
    ChartPart,
    FilePart,
    ImagePart,
    Part,
    TablePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from data.values.questions import Question
from data.values.tool_calls import Effect, ToolState
from pages import approval, forms
from pages.attached import Beside
from pages.contents import draw_content
from pages.model_markdown import WORD_JOINER
from pages.plain import plain
from pages.tools.words import visible

_SHOWN_CHARS = 4_000
"""Enough to see what it was; every drawn message goes to the browser whole."""

_HINT_CHARS = 48
_LINKS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)")  # what Markdown would make links of
_MOST_HEIGHT = 400

_FOR_PEOPLE = (ChartPart, ImagePart, AudioPart, VideoPart, FilePart)
"""What is no matter of the step but of the answer: it stands below the step, and is not folded away."""

_Look = Literal["running", "complete", "error"]
_LOOKS: dict[ToolState, _Look] = {
    ToolState.DONE: "complete",
    ToolState.FAILED: "error",
    ToolState.DENIED: "error",
}
_WORDS = {
    ToolState.WAITING: "waits for you",
    ToolState.FAILED: "failed",
    ToolState.DENIED: "not allowed",
}


class Step:
    """One step on the page.

    Args:
        place: where it goes; what it gave for people to see goes below it.
        call: as it is now.
        message_id: whose step it is. Providers give ids to calls, and not all of them new ones in each answer.
    """

    def __init__(self, place: DeltaGenerator, call: ToolCallPart, message_id: str) -> None:
        self._key = f"{message_id}-{call.id}"
        self.ended = self._has_input = False
        self._status = place.status(_label(call, None), state=_LOOKS.get(call.state, "running"))
        self._question = place.empty()
        self._questions: dict[str, DeltaGenerator] = {}
        self._below = place.container()
        with self._status:
            self._input, self._progress, self._output = st.container(), st.empty(), st.container()
        self.change(call)

    def change(self, call: ToolCallPart) -> None:
        """The call has come to another state."""
        self._call = call
        waits = call.state is ToolState.WAITING
        self._status.update(label=_label(call, None), state=_LOOKS.get(call.state, "running"), expanded=waits)
        if not waits:
            self._question.empty()
        if call.state is not ToolState.INPUT_STREAMING and not self._has_input:
            self._has_input = True
            self._input.caption("Input")
            with self._input:
                _draw_input(call.arguments or "{}", whole=waits)

    def ask(self, effect: Effect, *, again: bool, decide: approval.Decide) -> None:
        """The call waits for the person's word; while it does, all of its input is shown."""
        with self._question.container():
            approval.draw(self._call.id, self._call.title or self._call.name, effect, again=again, decide=decide)

    @property
    def waits(self) -> bool:
        """Whether it waits for the person."""
        return self._call.state is ToolState.WAITING or bool(self._questions)

    def say(self, line: str) -> None:
        """How far the tool is."""
        self._progress.caption(plain(line[:200]))
        shown = _LINKS.sub(WORD_JOINER, " ".join(line.split())[:_HINT_CHARS])
        self._status.update(label=f"{_label(self._call, None)} · {plain(shown)}")

    def put(self, key: str, question: Question, answer: forms.Answer) -> None:
        """The running tool waits for what the person says."""
        self._status.update(label=f"{_label(self._call, None)} · waits for you")
        with self._below:
            self._questions[key] = st.empty()
        with self._questions[key].container():
            forms.draw(key, question, answer)

    def asked(self, key: str) -> None:
        """It does not wait any more."""
        if place := self._questions.pop(key, None):
            place.empty()
            self._status.update(label=_label(self._call, None))

    def end(self, result: ToolResultPart, beside: Beside) -> None:
        """The call has its result."""
        self.ended = True
        for place in (self._progress, self._question, *self._questions.values()):
            place.empty()
        self._questions.clear()
        self._status.update(label=_label(self._call, result), state="error" if result.failed else "complete")
        self._output.caption("Output")
        for number, part in enumerate(result.parts):
            with self._below if isinstance(part, _FOR_PEOPLE) else self._output:
                _draw(part, beside, key=f"{self._key}-{number}")


def draw(call: ToolCallPart, result: ToolResultPart | None, beside: Beside, *, message_id: str) -> None:
    """Draw a step of a stored answer."""
    step = Step(st.container(), call, message_id)
    if result is not None:
        step.end(result, beside)


def _draw_input(arguments: str, *, whole: bool) -> None:
    if not whole:
        st.code(_shown(arguments), language="json", wrap_lines=True)
        return
    # Nothing may be allowed that can't be seen: no end that is cut off, and no character that is not drawn.
    said = visible(_on_lines(arguments))
    st.code(said, language="json", wrap_lines=True, height=_MOST_HEIGHT if len(said) > _SHOWN_CHARS else "content")


def _draw(part: Part, beside: Beside, *, key: str) -> None:
    match part:
        case TextPart(text):  # others wrote it: nothing in it is markup
            st.code(_shown(text), language=None, wrap_lines=True)
            if len(text) > _SHOWN_CHARS:
                st.caption(f"The first {_SHOWN_CHARS:,} of {len(text):,} characters.")
        case TablePart() | ChartPart() | ImagePart() | AudioPart() | VideoPart() | FilePart():
            draw_content(part, beside, key=key)
        case _:
            pass


def _label(call: ToolCallPart, result: ToolResultPart | None) -> str:
    words = [f"**{plain(call.title or call.name)}**"]
    if hint := _hint(call):
        words.append(plain(_LINKS.sub(WORD_JOINER, hint)))  # who opens a step must not leave the page
    if call.state in _WORDS:
        words.append(_WORDS[call.state])
    if result is not None and result.seconds is not None:
        words.append(f"{result.seconds * 1000:.0f} ms" if result.seconds < 1 else f"{result.seconds:.1f} s")
    return " · ".join(words)


def _hint(call: ToolCallPart) -> str:
    """The first words of the input, so that one need not open it."""
    if call.state is ToolState.INPUT_STREAMING:
        return ""
    try:
        given = json.loads(call.arguments)
        values = [value for name, value in given.items() if name != "model"]  # whom one asks says less than what
    except (ValueError, AttributeError, RecursionError):
        return ""
    said = next((" ".join(value.split()) for value in values if isinstance(value, str) and value.strip()), "")
    return said if len(said) <= _HINT_CHARS else f"{said[: _HINT_CHARS - 1]}…"


def _shown(text: str) -> str:
    return _on_lines(text)[:_SHOWN_CHARS]


def _on_lines(text: str) -> str:
    """JSON on lines of its own; anything else as it is."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return text
