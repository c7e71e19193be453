"""The line under an answer, and amounts in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from core.routing.words import TASKS
from data.values.calls import TokenUsage
from data.values.messages import MessageStatus, ReplyDetails
from data.values.money import Cost, CostBasis, dollars
from data.values.parts import Part, StepPart
from data.values.routing import Chooser, ReplyChoice
from data.values.tasks import Task
from pages.plain import plain

_STATUS_WORDS = {
    MessageStatus.STOPPED: ":material/stop_circle: Stopped",
    MessageStatus.INTERRUPTED: ":material/power_off: Interrupted",
    MessageStatus.FAILED: ":material/error: Failed",
    MessageStatus.STREAMING: ":material/pending: Still being written; reload to see more",
}

_CHOSE = {
    Chooser.POLICY: "Auto chose ",
    Chooser.FIXED: "The usual model, ",
    Chooser.PIN: "Auto took your pin, ",
    Chooser.PERSON: "",
}


def draw_footer(
    status: MessageStatus, details: ReplyDetails | None, parts: Sequence[Part] = (), *, advanced: bool
) -> None:
    """The line under an answer: who answered, and what it took.

    Args:
        parts: of the answer; where one has no price, the others still cost what they cost.
    """
    words = [_STATUS_WORDS[status]] if status in _STATUS_WORDS else []
    if details is not None:
        least = dollars(part.cost for part in parts if isinstance(part, StepPart))
        words += _advanced_words(details, least) if advanced else _plain_words(details, least)
    if words:
        st.caption(" · ".join(words))


def _plain_words(details: ReplyDetails, least: Decimal) -> list[str]:
    words = [_model_words(details)]
    if details.usage is not None:
        words.append(f"{_about(details.usage)}{details.usage.input + details.usage.output:,} tokens")
    words.append(_cost(details.cost, least))
    if details.ttft_ms is not None:
        words.append(f"first token {seconds(details.ttft_ms)}")
    return words


def _advanced_words(details: ReplyDetails, least: Decimal) -> list[str]:
    words = [_model_words(details)]
    usage = details.usage
    if usage is not None:
        counts = f"{_about(usage)}{usage.input:,} in, {usage.output:,} out"
        counts += f", {usage.cached:,} cached" if usage.cached else ""
        counts += f", {usage.reasoning:,} reasoning" if usage.reasoning else ""
        words.append(f"{counts} tokens")
    words.append(
        _cost(details.cost, least) + (f" ({details.cost.price_version})" if details.cost.price_version else "")
    )
    if details.ttft_ms is not None:
        words.append(f"first token {seconds(details.ttft_ms)}")
    if details.latency_ms is not None:
        words.append(f"total {seconds(details.latency_ms)}")
        writing = details.latency_ms - (details.ttft_ms or 0.0)
        if usage is not None and usage.output > 1 and writing >= 50:
            words.append(f"{usage.output / writing * 1000:,.0f} tokens/s")
    return words


def _model_words(details: ReplyDetails) -> str:
    others = len(details.models) - 1
    answered = plain(f"{details.provider}/{details.model}") + (f" and {others} more" if others > 0 else "")
    choice = details.choice
    if choice is None or details.by_fallback:  # the one that stood in was chosen by nobody; the notice above says why
        return answered
    if choice.explored:
        return f":material/science: {_for(choice)}Auto tried out {answered}"
    return f"{_for(choice)}{_CHOSE[choice.chooser]}{answered}"


def _for(choice: ReplyChoice) -> str:
    if choice.task is Task.OTHER or choice.chooser in {Chooser.PERSON, Chooser.FIXED}:
        return ""
    return f"For {TASKS[choice.task]} "


def _cost(cost: Cost, least: Decimal) -> str:
    """What an answer cost; where a part of it is not priced, what the others cost."""
    return f"at least {money(Cost(least, CostBasis.PRICED))}" if cost.amount is None and least else money(cost)


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
