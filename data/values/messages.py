"""Conversations and messages as the pages and the bridge see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from data.values.calls import TokenUsage, added
from data.values.money import Cost, total
from data.values.parts import Part
from data.values.routing import ReplyChoice


class Author(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """Where a message stands. Only STREAMING is not final."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReplyDetails:
    """What a reply took: the line under it. Durations in milliseconds.

    `by_fallback`: the model was not chosen, it stood in for one that did not answer. `models` are the ids of all that
    had a part in it, where there may be several. `chats`: the model is one that conversations are had with. `choice`:
    how its model was chosen, where that was written down.
    """

    provider: str
    model: str
    usage: TokenUsage | None
    cost: Cost
    ttft_ms: float | None
    latency_ms: float | None
    by_fallback: bool = False
    models: tuple[str, ...] = ()
    chats: bool = True
    choice: ReplyChoice | None = None


def of_all_rounds(rounds: Sequence[ReplyDetails]) -> ReplyDetails:
    """What the calls that led to one reply took together, the first one first.

    Tokens, money and the models' time are added up; the first token is the first call's, the model the last one's.
    """
    usages = [each.usage for each in rounds if each.usage is not None]
    times = [each.latency_ms for each in rounds if each.latency_ms is not None]
    return replace(
        rounds[-1],
        usage=added(usages) if usages else None,
        cost=total([each.cost for each in rounds]),
        ttft_ms=rounds[0].ttft_ms,
        latency_ms=sum(times) if times else None,
    )


def of_all_steps(calls: Sequence[tuple[ReplyDetails, bool]]) -> ReplyDetails | None:
    """What the calls for the parts of one reply took, each with whether it chatted; None where there were none.

    They were made at the same time, so how long it took does not follow from them. The model is that of the words.
    """
    if not calls:
        return None
    shown, chats = next((each for each in reversed(calls) if each[1]), calls[-1])
    usages = [each.usage for each, _ in calls if each.usage is not None]
    return replace(
        shown,
        usage=added(usages) if usages else None,
        cost=total([each.cost for each, _ in calls]),
        latency_ms=None,
        models=tuple(dict.fromkeys(f"{each.provider}/{each.model}" for each, _ in calls)),
        chats=chats,
    )


@dataclass(frozen=True, slots=True)
class CutAttempt:
    """An answer that broke off, kept aside: another one took its place. `parts` end with the reason."""

    parts: tuple[Part, ...]
    details: ReplyDetails | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; `seq` orders them, from 1. `cut` is what a reply took the place of."""

    id: str
    conversation_id: str
    seq: int
    author: Author
    parts: tuple[Part, ...]
    status: MessageStatus
    created_at: datetime
    turn_id: str | None = None
    details: ReplyDetails | None = None
    cut: CutAttempt | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the bridge needs of a message, and nothing that costs a join."""

    seq: int
    author: Author
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's card. `title` is empty until the first message names it."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
