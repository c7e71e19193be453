"""Draws stored messages: what was said, what was answered, and the line under an answer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.chat.agreeing import NOT_AGREED
from core.chat.text_tables import tables_in
from data.values.calls import ErrorKind
from data.values.messages import Author, CutAttempt, Message, MessageStatus
from data.values.parts import (
    AudioPart,
    ChartPart,
    ErrorPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
    VideoPart,
    text_of,
)
from pages import answer_end, step_parts, steps
from pages.attached import (
    NOTHING,
    Beside,
    draw_pictures,
    draw_said_player,
)
from pages.contents import draw_content
from pages.data_parts import draw_table
from pages.footer import draw_footer
from pages.model_markdown import for_streamlit
from pages.plain import plain
from pages.sent_files import draw_sent_files
from pages.sources import draw_sources

_KEY_ICONS = {ErrorKind.KEY_EXPIRED: ":material/event_busy:", ErrorKind.KEY_LOCKED: ":material/lock:"}


def draw(message: Message, *, advanced: bool, beside: Beside = NOTHING) -> None:
    """Draw one message. Text is Markdown without HTML; nothing in it can reach another host."""
    if message.author is Author.USER:
        draw_said(message.id, message.parts, beside)
        return
    with st.container(key=f"answer-{message.id}"):
        draw_parts(message.parts, beside, message_id=message.id)
        if message.status is MessageStatus.INTERRUPTED and not message.parts:
            st.caption("Gearbox was ended before the first word arrived.")
        draw_end(message, advanced=advanced, beside=beside)


def was_refused(message: Message) -> bool:
    """Whether its person agreed to no cost, so that no model was asked."""
    return message.parts == (NOT_AGREED,)


def draw_end(message: Message, *, advanced: bool, beside: Beside) -> None:
    """What stands under an answer: who made it and what it took, how to keep it, and what it took the place of."""
    if not was_refused(message):  # its words say that nothing was made
        draw_footer(message.status, message.details, message.parts, advanced=advanced)
    if planned := [part for part in message.parts if isinstance(part, StepPart)]:
        step_parts.draw_details(planned, message.id, beside.actions)
    if message.parts and message.status is not MessageStatus.STREAMING:
        answer_end.draw(message, beside)
    draw_cut(message.cut, advanced=advanced, message_id=message.id)


def draw_aside(message: Message, *, advanced: bool) -> None:
    """A message that was kept aside, without anything to do with it."""
    if message.author is Author.USER:
        draw_said(f"aside-{message.id}", message.parts)
        return
    draw_parts(message.parts, message_id=f"aside-{message.id}")
    draw_footer(message.status, message.details, message.parts, advanced=advanced)


def draw_said(message_id: str, parts: tuple[Part, ...], beside: Beside = NOTHING) -> None:
    """A person's own message."""
    with st.container(key=f"said-{message_id}"):
        if pictures := [part for part in parts if isinstance(part, ImagePart)]:
            draw_pictures(pictures, beside, key=message_id)
        if files := [part for part in parts if isinstance(part, TextFilePart | FilePart)]:
            draw_sent_files(files, beside, key=message_id)
        for number, part in enumerate(parts):
            if isinstance(part, AudioPart | VideoPart):
                draw_said_player(part, beside, key=f"{message_id}-file-{number}")
        if typed := text_of(parts):
            st.text(typed)  # as it was typed: nothing in it is markup


def draw_parts(parts: tuple[Part, ...], beside: Beside = NOTHING, *, message_id: str = "") -> None:
    """Draw the parts of an answer in order; the result of a tool's step is part of the step.

    Args:
        message_id: tells the widgets of these parts from those of others on the page.
    """
    results = _results_in(parts)
    for number, part in enumerate(parts):
        _draw_part(part, results, beside, message_id=message_id, number=number)


def _results_in(parts: tuple[Part, ...]) -> dict[str, ToolResultPart]:
    return {part.call_id: part for part in parts if isinstance(part, ToolResultPart)}


def _draw_part(
    part: Part, results: Mapping[str, ToolResultPart], beside: Beside, *, message_id: str, number: int
) -> None:
    match part:
        case TextPart(text):
            st.markdown(for_streamlit(text))
            if message_id:
                draw_written_tables(text, key=f"{message_id}-text-{number}")
        case ReasoningPart(text):
            with st.expander("Thoughts", icon=":material/psychology:"):
                st.markdown(for_streamlit(text))
        case ToolCallPart():
            steps.draw(part, results.get(part.id), beside, message_id=message_id)
        case StepPart():
            draw_parts(part.parts, beside, message_id=f"{message_id}-{part.step.id}")
            step_parts.draw_problem(part, message_id, beside.actions)
        case SourcesPart(sources):
            draw_sources(sources)
        case NoticePart(text):
            st.caption(f":material/info: {plain(text)}")
        case ErrorPart(kind, message, remedy):
            words = plain(message) + (f"\n\n{plain(remedy)}" if remedy else "")
            st.error(words, icon=_KEY_ICONS.get(kind, ":material/error:"))
        case TextFilePart() | FilePart() | ImagePart() | AudioPart() | VideoPart() | TablePart() | ChartPart():
            draw_content(part, beside, key=f"{message_id}-part-{number}")
        case UnknownPart():
            st.caption(":material/info: A newer version of Gearbox wrote something here that this one can't show.")


def draw_around_text(
    parts: tuple[Part, ...], *, notices: DeltaGenerator, beside: Beside = NOTHING, message_id: str = ""
) -> None:
    """Draw the rest of an answer whose text, thoughts and steps are on the page: into the place above it, and below."""
    said = tuple(itertools.takewhile(lambda part: isinstance(part, NoticePart), parts))
    if said:
        with notices.container():
            draw_parts(said)
    else:
        notices.empty()
    drawn = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | StepPart
    results = _results_in(parts)
    for number, part in enumerate(parts[len(said) :], len(said)):  # numbered as when they are drawn together
        if isinstance(part, TextPart) and message_id:
            draw_written_tables(part.text, key=f"{message_id}-text-{number}")
        elif not isinstance(part, drawn):
            _draw_part(part, results, beside, message_id=message_id, number=number)


def draw_written_tables(text: str, *, key: str) -> None:
    """Below a text, folded: the tables that its model wrote into it, to sort and to download."""
    if not (tables := tables_in(text)):
        return
    label = "Sort or download the table" if len(tables) == 1 else f"Sort or download the {len(tables)} tables"
    with st.expander(label, icon=":material/table:"):
        for place, table in enumerate(tables):
            draw_table(table, key=f"{key}-{place}")


def draw_cut(cut: CutAttempt | None, *, advanced: bool, message_id: str) -> None:
    """What an answer took the place of, folded: it was paid for, and may hold what the new one has not."""
    if cut is None:
        return
    with st.expander("An earlier attempt was cut off", icon=":material/content_cut:"):
        for number, part in enumerate(cut.parts):
            if isinstance(part, ErrorPart):  # not as loud as where it is the answer's end
                st.caption(f":material/error: {plain(part.message)}")
            else:
                draw_parts((part,), message_id=f"{message_id}-cut-{number}")
        draw_footer(MessageStatus.COMPLETE, cut.details, cut.parts, advanced=advanced)
