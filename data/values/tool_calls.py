"""Where a tool call stands, and what a tool does to the world."""

from __future__ import annotations

from enum import StrEnum


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
