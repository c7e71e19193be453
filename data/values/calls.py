"""A model call as it is booked: in the store, in the outbox, in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from data.values.actor import Actor
from data.values.money import UNPRICED, Cost
from data.values.tasks import Task


class CallStatus(StrEnum):
    """How a call ended. INTENT is committed before a key is opened; UNKNOWN is an intent whose process died."""

    INTENT = "intent"
    OK = "ok"
    FAILED = "failed"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


class ErrorKind(StrEnum):
    """Why a call failed, in the words the pages group by.

    With the three of KEY, and with ADDRESS_REFUSED, nothing was sent, and no provider was asked; AUTH is a provider's
    refusal.
    """

    AUTH = "auth"
    KEY_EXPIRED = "key_expired"
    KEY_LOCKED = "key_locked"
    KEY_UNUSABLE = "key_unusable"  # revoked, gone, another address's, or its record was tampered with
    ADDRESS_REFUSED = "address_refused"  # its address may not be called; an admin can allow it
    RATE_LIMIT = "rate_limit"
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STREAM_CUT = "stream_cut"
    BAD_RESPONSE = "bad_response"
    PROVIDER = "provider"
    INTERNAL = "internal"


class ChosenBy(StrEnum):
    """Who or what picked the model."""

    PERSON = "person"
    AUTO = "auto"  # Gearbox, for this prompt: see `data.values.routing`
    DEFAULT = "default"
    FALLBACK = "fallback"  # the model that was chosen did not answer


class KeyOwner(StrEnum):
    """Whose key paid: none for servers that need no key; SYSTEM's are Gearbox's own and pay for nothing."""

    NONE = "none"
    USER = "user"
    TEAM = "team"
    ORGANISATION = "organisation"
    SYSTEM = "system"


class CacheUse(StrEnum):
    """What Gearbox's own cache had for a call that may be answered from it."""

    HIT = "hit"  # the answer: no provider was asked
    MISS = "miss"


class Unit(StrEnum):
    """What providers count besides tokens."""

    IMAGE = "image"
    SECOND = "second"  # of sound or film
    CHARACTER = "character"
    QUERY = "query"


CHAT = "text"
"""The modality of a call that chats; of any other it is its `OperationKind`."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Token counts of one call. `cached` and `written` are parts of `input`, `reasoning` a part of `output`.

    `written` went into the provider's cache at a price of its own; it is in the call's cost, and not kept.
    """

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0
    estimated: bool = False
    written: int = 0


def added(usages: Iterable[TokenUsage]) -> TokenUsage:
    """The tokens of several calls together; estimated when one of them is."""
    total = TokenUsage(0, 0)
    for usage in usages:
        total = TokenUsage(
            total.input + usage.input,
            total.output + usage.output,
            total.cached + usage.cached,
            total.reasoning + usage.reasoning,
            total.estimated or usage.estimated,
            total.written + usage.written,
        )
    return total


@dataclass(frozen=True, slots=True)
class CallIntent:
    """What is known, and committed, before a key is opened and a provider is called.

    `is_test` marks the call of a Test button; `cache` one that may be answered from Gearbox's own cache.
    """

    id: str
    actor: Actor
    provider: str
    model: str
    started_at: datetime
    endpoint_id: str
    turn_id: str | None = None
    conversation_id: str | None = None
    modality: str = CHAT
    task: Task = Task.CHAT
    chosen_by: ChosenBy = ChosenBy.DEFAULT
    key_owner: KeyOwner = KeyOwner.NONE
    secret_id: str | None = None
    is_test: bool = False
    cache: CacheUse | None = None


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How a call ended: durations in milliseconds, `ttft_ms` None when no token arrived.

    `quantity` of `unit` is what it used besides tokens, such as pictures or seconds of sound. `saved` is what an answer
    from the cache would have cost, in the currency of `cost`; None where that is not known.
    """

    status: CallStatus
    latency_ms: float
    ttft_ms: float | None = None
    usage: TokenUsage | None = None
    cost: Cost = UNPRICED
    error_kind: ErrorKind | None = None
    quantity: Decimal | None = None
    unit: Unit | None = None
    saved: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BookedCall:
    """A call as the books have it. Without an outcome its status is INTENT."""

    id: str
    user_id: str
    provider: str
    model: str
    modality: str
    started_at: datetime
    status: CallStatus
    error_kind: ErrorKind | None = None
    quantity: Decimal | None = None
    unit: Unit | None = None
