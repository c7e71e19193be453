"""Conversations and messages as the pages and the bridge see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.values.calls import TokenUsage
from data.values.money import Cost
from data.values.parts import Part


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

    `by_fallback`: the model was not chosen, it stood in for one that did not answer.
    """

    provider: str
    model: str
    usage: TokenUsage | None
    cost: Cost
    ttft_ms: float | None
    latency_ms: float | None
    by_fallback: bool = False


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
