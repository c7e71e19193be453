"""Rows of the warehouse that tell of tool calls, sign-ins and flags: never an argument, a result or an address."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from data.warehouse.schema import Moment

_LENIENT = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ToolCall(BaseModel):
    """One call of a tool that has ended. Extra keys of a newer release are ignored, missing ones are an error."""

    model_config = _LENIENT

    event_id: str = Field(description="Id of the call; the same as in the state database.")
    ts: Moment = Field(description="When it was begun, in UTC.")
    user_id: str = Field(description="Opaque id of the person.")
    team_id: str | None = Field(description="The person's first team at that moment.")
    surface: str = Field(description="Where the request came in: `chat`, `api`.")
    conversation_id: str | None = Field(description="Conversation of the answer that called it.")
    turn_id: str = Field(description="Turn of the answer that called it.")
    tool: str = Field(description="The tool's name, as models call it.")
    origin: str = Field(description="`builtin`, or the id of the server that brings it.")
    effect: str = Field(description="What it does beside answering: `none`, `reads`, `goes_out`, `changes`.")
    status: str = Field(description="`done`, `failed`, or `denied` (nobody allowed it).")
    latency_ms: FiniteFloat | None = Field(description="Milliseconds that it ran; null when it was not run.")


class SignIn(BaseModel):
    """One sign-in of a person in a browser. Extra keys of a newer release are ignored, missing ones are an error."""

    model_config = _LENIENT

    event_id: str = Field(description="Id of the sign-in; the same as in the state database.")
    ts: Moment = Field(description="When, in UTC.")
    user_id: str = Field(description="Opaque id of the person.")
    team_id: str | None = Field(description="The person's first team at that moment.")
    mode: str = Field(description="How: `local`, `header`, `oidc`, ...")


class FlagExposure(BaseModel):
    """What a feature flag came to, once a day for each unit and variant. Extra keys are ignored, missing ones not."""

    model_config = _LENIENT

    event_id: str = Field(description="Id of the exposure.")
    ts: Moment = Field(description="When the unit first came to it on that day, in UTC.")
    user_id: str = Field(description="Opaque id of the person.")
    team_id: str | None = Field(description="The person's first team at that moment.")
    flag: str = Field(description="The flag's key.")
    variant: str = Field(description="What it came to.")
    reason: str = Field(description="Why, in OpenFeature's words: `SPLIT`, `TARGETING_MATCH` or `DEFAULT`.")
    turn_id: str | None = Field(description="The turn that it decided something of, where it was one's.")
    # Since step 6.
    conversation_id: str | None = Field(
        default=None, description="The conversation, where the flag is divided by conversations."
    )
    unit: str | None = Field(default=None, description="What the flag is divided by: `user`, `team`, `conversation`.")
    arm: str | None = Field(
        default=None, description="The unit's group, where a rollout decided: `treated` or `control`."
    )
    version: int | None = Field(default=None, description="The flag's version.")
