"""Draws stored messages: what was said, what was answered, and the line under an answer."""

from __future__ import annotations

import itertools

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.values.calls import ErrorKind, TokenUsage
from data.values.messages import Author, CutAttempt, Message, MessageStatus, ReplyDetails
from data.values.money import Cost, CostBasis
from data.values.parts import (
    AudioPart,
    ErrorPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
    VideoPart,
    text_of,
)
from pages import steps
from pages.attached import (
    NOTHING,
    Beside,
    draw_document,
    draw_file,
    draw_picture,
    draw_pictures,
    draw_player,
    draw_said_player,
    draw_sent_document,
)
from pages.markdown import for_streamlit
from pages.plain import plain
from pages.sources import draw_sources

_STATUS_WORDS = {
    MessageStatus.STOPPED: ":material/stop_circle: Stopped",
    MessageStatus.INTERRUPTED: ":material/power_off: Interrupted",
    MessageStatus.FAILED: ":material/error: Failed",
    MessageStatus.STREAMING: ":material/pending: Still being written; reload to see more",
}

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
        draw_footer(message.status, message.details, advanced=advanced)
        draw_cut(message.cut, advanced=advanced, message_id=message.id)


def draw_said(message_id: str, parts: tuple[Part, ...], beside: Beside = NOTHING) -> None:
    """A person's own message."""
    with st.container(key=f"said-{message_id}"):
        if pictures := [part for part in parts if isinstance(part, ImagePart)]:
            draw_pictures(pictures, beside, key=message_id)
        for number, part in enumerate(parts):
            if isinstance(part, TextFilePart):
                draw_file(part, key=f"{message_id}-file-{number}")
            elif isinstance(part, FilePart):
                draw_sent_document(part, beside, key=f"{message_id}-file-{number}")
            elif isinstance(part, AudioPart | VideoPart):
                draw_said_player(part, beside)
        if typed := text_of(parts):
            st.text(typed)  # as it was typed: nothing in it is markup


def draw_parts(parts: tuple[Part, ...], beside: Beside = NOTHING, *, message_id: str = "") -> None:
    """Draw the parts of a message in order; the result of a step is part of the step."""
    results = {part.call_id: part for part in parts if isinstance(part, ToolResultPart)}
    for part in parts:
        match part:
            case TextPart(text):
                st.markdown(for_streamlit(text))
            case TextFilePart():
                draw_file(part)
            case FilePart():
                draw_document(part)
            case ImagePart():
                draw_picture(part, beside)
            case AudioPart() | VideoPart():
                draw_player(part, beside)
            case ReasoningPart(text):
                with st.expander("Thoughts", icon=":material/psychology:"):
                    st.markdown(for_streamlit(text))
            case ToolCallPart():
                steps.draw(part, results.get(part.id), beside, message_id=message_id)
            case SourcesPart(sources):
                draw_sources(sources)
            case NoticePart(text):
                st.caption(f":material/info: {plain(text)}")
            case ErrorPart(kind, message, remedy):
                words = plain(message) + (f"\n\n{plain(remedy)}" if remedy else "")
                st.error(words, icon=_KEY_ICONS.get(kind, ":material/error:"))
            case UnknownPart():
                st.caption(":material/info: A newer version of Gearbox wrote something here that this one can't show.")


def draw_around_text(parts: tuple[Part, ...], *, notices: DeltaGenerator) -> None:
    """Draw the rest of an answer whose text, thoughts and steps are on the page: into the place above it, and below."""
    said = tuple(itertools.takewhile(lambda part: isinstance(part, NoticePart), parts))
    if said:
        with notices.container():
            draw_parts(said)
    else:
        notices.empty()
    drawn = TextPart | ReasoningPart | ToolCallPart | ToolResultPart
    draw_parts(tuple(part for part in parts[len(said) :] if not isinstance(part, drawn)))


def draw_footer(status: MessageStatus, details: ReplyDetails | None, *, advanced: bool) -> None:
    """The line under an answer: who answered, and what it took."""
    words = [_STATUS_WORDS[status]] if status in _STATUS_WORDS else []
    if details is not None:
        words += _advanced_words(details) if advanced else _plain_words(details)
    if words:
        st.caption(" · ".join(words))


def draw_cut(cut: CutAttempt | None, *, advanced: bool, message_id: str) -> None:
    """What an answer took the place of, folded: it was paid for, and may hold what the new one has not."""
    if cut is None:
        return
    with st.expander("An earlier attempt was cut off", icon=":material/content_cut:"):
        for part in cut.parts:
            if isinstance(part, ErrorPart):  # not as loud as where it is the answer's end
                st.caption(f":material/error: {plain(part.message)}")
            else:
                draw_parts((part,), message_id=f"{message_id}-cut")
        draw_footer(MessageStatus.COMPLETE, cut.details, advanced=advanced)


def _plain_words(details: ReplyDetails) -> list[str]:
    words = [_model_words(details)]
    if details.usage is not None:
        words.append(f"{_about(details.usage)}{details.usage.input + details.usage.output:,} tokens")
    words.append(money(details.cost))
    if details.ttft_ms is not None:
        words.append(f"first token {seconds(details.ttft_ms)}")
    return words


def _advanced_words(details: ReplyDetails) -> list[str]:
    words = [_model_words(details)]
    usage = details.usage
    if usage is not None:
        counts = f"{_about(usage)}{usage.input:,} in, {usage.output:,} out"
        counts += f", {usage.cached:,} cached" if usage.cached else ""
        counts += f", {usage.reasoning:,} reasoning" if usage.reasoning else ""
        words.append(f"{counts} tokens")
    words.append(money(details.cost) + (f" ({details.cost.price_version})" if details.cost.price_version else ""))
    if details.ttft_ms is not None:
        words.append(f"first token {seconds(details.ttft_ms)}")
    if details.latency_ms is not None:
        words.append(f"total {seconds(details.latency_ms)}")
        writing = details.latency_ms - (details.ttft_ms or 0.0)
        if usage is not None and usage.output > 1 and writing >= 50:
            words.append(f"{usage.output / writing * 1000:,.0f} tokens/s")
    return words


def _model_words(details: ReplyDetails) -> str:
    return plain(f"{details.provider}/{details.model}")


def _about(usage: TokenUsage) -> str:
    return "about " if usage.estimated else ""


def money(cost: Cost) -> str:
    """An amount in words; unknown is "not priced", never zero."""
    if cost.amount is None:
        return "not priced"
    about = "about " if cost.basis is CostBasis.ESTIMATED else ""
    sign = "\\$" if cost.currency == "USD" else f"{cost.currency} "
    if cost.amount == 0:
        return f"{about}{sign}0"
    digits = 2 if cost.amount >= 1 else 4 if cost.amount >= 0.01 else 6
    return f"{about}{sign}{cost.amount:.{digits}f}"


def seconds(milliseconds: float) -> str:
    """A duration in words with two significant digits or so."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
