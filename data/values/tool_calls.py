"""Where a tool call stands, what a tool does to the world, and what people said to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.values.actor import Actor


class ToolState(StrEnum):
    """The states of a tool call, in the order in which it goes through them; the last three are final."""

    INPUT_STREAMING = "input_streaming"
    READY = "ready"
    WAITING = "waiting_for_approval"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DENIED = "denied"


class Effect(StrEnum):
    """What a call of a tool does beside its answer."""

    NONE = "none"  # it works on its arguments alone
    READS = "reads"  # it reads what the person may read here
    GOES_OUT = "goes_out"  # it tells another server something: its arguments
    CHANGES = "changes"  # something is different afterwards, here or elsewhere

    @property
    def needs_approval(self) -> bool:
        """Whether somebody has to agree before it happens."""
        return self in {Effect.GOES_OUT, Effect.CHANGES}


class ToolRule(StrEnum):
    """What an admin says of a tool for the people of a role; where they say nothing, its effect decides."""

    ALLOW = "allow"  # it runs without a question, unless the context holds what others wrote
    ASK = "ask"
    NEVER = "never"  # it is not there for them


class Approval(StrEnum):
    """What a person says to a call that waits for them."""

    ONCE = "once"
    ALWAYS = "always"  # in this conversation
    NOT_NOW = "not_now"
    NEVER = "never"  # in this conversation

    @property
    def allows(self) -> bool:
        """Whether the call is run."""
        return self in {Approval.ONCE, Approval.ALWAYS}

    @property
    def is_kept(self) -> bool:
        """Whether it holds for later calls, too."""
        return self in {Approval.ALWAYS, Approval.NEVER}


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person said of a tool for a whole conversation.

    `untrusted` names what others wrote in the context when they said it: with anything more in there, they are asked
    again.
    """

    tool: str
    approval: Approval
    untrusted: frozenset[str] = frozenset()


BUILTIN = "builtin"
"""Where Gearbox's own tools come from; others come from a server, which has an id."""


@dataclass(frozen=True, slots=True)
class EndedToolCall:
    """A call of a tool as it is booked: never its arguments, nor what it gave.

    `origin` is BUILTIN or the id of the server that brings the tool. `seconds` is None where it was not
    run.
    """

    id: str
    actor: Actor
    conversation_id: str
    turn_id: str
    tool: str
    origin: str
    effect: Effect
    state: ToolState
    started_at: datetime
    seconds: float | None
