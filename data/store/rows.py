"""Rows of messages and calls as values, and values as rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from data.values.calls import CallIntent, CallOutcome, CallStatus, ChosenBy, TokenUsage
from data.values.messages import Author, Conversation, Message, MessageStatus, ReplyDetails
from data.values.money import UNPRICED, Cost, CostBasis
from data.values.wire import parts_from_wire

OUTCOME_COLUMNS = (
    "status",
    "error_kind",
    "ttft_ms",
    "latency_ms",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "tokens_estimated",
    "cost_amount",
    "cost_currency",
    "cost_basis",
    "price_version",
    "quantity",
    "unit",
    "saved_amount",
)
"""What the end of a call adds to its row: the keys of `outcome_columns`."""

_DECIMALS = ("cost_amount", "quantity", "saved_amount")
_VERBATIM = (
    "user_id",
    "surface",
    "conversation_id",
    "turn_id",
    "endpoint_id",
    "provider",
    "model",
    "modality",
    "task",
    "chosen_by",
    "key_owner",
    "cache",
    "team_id",
    *(name for name in OUTCOME_COLUMNS if name not in _DECIMALS),
)


def conversation_of(row: Row[Any]) -> Conversation:
    """A row of `conversations`."""
    return Conversation(row.id, row.title, row.created_at, row.updated_at)


def message_of(row: Row[Any]) -> Message:
    """A row of `messages`, outer-joined with the columns of the call that answered."""
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        author=Author(row.author),
        parts=parts_from_wire(row.parts),
        status=MessageStatus(row.status),
        created_at=row.created_at,
        turn_id=row.turn_id,
        details=None if row.provider is None else details_of(row),
    )


def details_of(row: Row[Any]) -> ReplyDetails:
    """The line under a reply, from a row of `calls`."""
    by_fallback = row.chosen_by == ChosenBy.FALLBACK.value
    return ReplyDetails(row.provider, row.model, usage_of(row), cost_of(row), row.ttft_ms, row.latency_ms, by_fallback)


def usage_of(row: Row[Any]) -> TokenUsage | None:
    """Token counts; None while a call runs and where nothing was reported."""
    if row.input_tokens is None:
        return None
    return TokenUsage(
        input=row.input_tokens,
        output=row.output_tokens,
        cached=row.cached_tokens,
        reasoning=row.reasoning_tokens,
        estimated=row.tokens_estimated,
    )


def cost_of(row: Row[Any]) -> Cost:
    """What a call cost; unpriced while it runs."""
    if row.cost_basis is None:
        return UNPRICED
    return Cost(row.cost_amount, CostBasis(row.cost_basis), row.cost_currency, row.price_version)


def intent_row(intent: CallIntent, owner: str) -> dict[str, Any]:
    """The row of a call that is about to be made by the process `owner`."""
    return {
        "id": intent.id,
        "user_id": intent.actor.user_id,
        "surface": intent.actor.surface.value,
        "conversation_id": intent.conversation_id,
        "turn_id": intent.turn_id,
        "endpoint_id": intent.endpoint_id,
        "provider": intent.provider,
        "model": intent.model,
        "modality": intent.modality,
        "task": intent.task.value,
        "chosen_by": intent.chosen_by.value,
        "key_owner": intent.key_owner.value,
        "secret_id": intent.secret_id,
        "is_test": intent.is_test,
        "cache": intent.cache.value if intent.cache else None,
        "started_at": intent.started_at,
        "status": CallStatus.INTENT.value,
        "owner": owner,
    }


def outcome_columns(outcome: CallOutcome) -> dict[str, Any]:
    """What the end of a call adds to its row."""
    usage, cost = outcome.usage, outcome.cost
    return {
        "status": outcome.status.value,
        "error_kind": outcome.error_kind.value if outcome.error_kind else None,
        "ttft_ms": outcome.ttft_ms,
        "latency_ms": outcome.latency_ms,
        "input_tokens": usage.input if usage else None,
        "output_tokens": usage.output if usage else None,
        "cached_tokens": usage.cached if usage else None,
        "reasoning_tokens": usage.reasoning if usage else None,
        "tokens_estimated": usage.estimated if usage else None,
        "cost_amount": cost.amount,
        "cost_currency": cost.currency,
        "cost_basis": cost.basis.value,
        "price_version": cost.price_version,
        "quantity": outcome.quantity,
        "unit": outcome.unit.value if outcome.unit else None,
        "saved_amount": outcome.saved,
    }


def usage_event(row: Row[Any]) -> dict[str, Any]:
    """The outbox payload of a finished call. Names, counts and times only: never a prompt or a reply."""
    column = row._mapping
    return {
        "event_id": row.id,
        "ts": _iso(row.started_at),
        **{name: column[name] for name in _VERBATIM},
        **{name: None if column[name] is None else str(column[name]) for name in _DECIMALS},
        "stopped": row.status == CallStatus.STOPPED.value,
    }


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
