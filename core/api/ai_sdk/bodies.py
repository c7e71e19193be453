"""What the AI SDK's `DefaultChatTransport` sends, field by field.

Its `body` option and every call may add fields, so unknown ones are let pass and go nowhere; only listed ones are used.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, Field

from core.api.v1.bodies import Tool
from core.api.v1.entrance import Body


def _also(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class UIPart(Body, extra="ignore"):
    """A part of a message; which fields it has depends on its `type`.

    `text`, `file`, `tool-NAME` and `dynamic-tool` are used. `reasoning`, `source-...`, `data-...` and others are for
    people to see, and no model is sent them.
    """

    type: str = Field(min_length=1, max_length=200)
    text: str = ""
    media_type: str = Field(default="", validation_alias=_also("mediaType"))
    url: str = ""
    filename: str | None = None
    call_id: str = Field(default="", validation_alias=_also("toolCallId"))
    tool_name: str = Field(default="", validation_alias=_also("toolName"))
    state: str = ""
    input: Any = None
    raw_input: Any = Field(default=None, validation_alias=_also("rawInput"))
    output: Any = None
    error_text: str | None = Field(default=None, validation_alias=_also("errorText"))

    @property
    def tool(self) -> str:
        """The tool's name; empty for what is no call of one."""
        if self.type == "dynamic-tool":
            return self.tool_name
        return self.type.removeprefix("tool-") if self.type.startswith("tool-") else ""


class UIMessage(Body, extra="ignore"):
    """One message as the AI SDK keeps it."""

    id: str = ""
    role: Literal["system", "user", "assistant"]
    parts: list[UIPart]


class UITool(Body, extra="ignore"):
    """A tool of the client's own. `inputSchema` is a JSON schema, or what `jsonSchema()` makes of one."""

    description: str | None = None
    input_schema: dict[str, Any] | None = Field(default=None, validation_alias=_also("inputSchema", "parameters"))
    strict: bool | None = None


class UIChatBody(Body, extra="ignore"):
    """`POST /api/chat`. Settings have the AI SDK's names; OpenAI's are taken, too."""

    id: str | None = None
    messages: list[UIMessage] = Field(min_length=1)
    trigger: Literal["submit-message", "regenerate-message"] | None = None
    message_id: str | None = Field(default=None, validation_alias=_also("messageId"))
    model: str = Field(default="auto", min_length=1, max_length=500)
    system: str | None = None
    tools: list[Tool] | dict[str, UITool] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = Field(
        default=None, validation_alias=_also("toolChoice", "tool_choice")
    )
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1, validation_alias=_also("topP", "top_p"))
    top_k: int | None = Field(default=None, validation_alias=_also("topK", "top_k"))
    max_tokens: int | None = Field(default=None, ge=1, validation_alias=_also("maxOutputTokens", "max_tokens"))
    presence_penalty: float | None = Field(
        default=None, ge=-2, le=2, validation_alias=_also("presencePenalty", "presence_penalty")
    )
    frequency_penalty: float | None = Field(
        default=None, ge=-2, le=2, validation_alias=_also("frequencyPenalty", "frequency_penalty")
    )
    stop: list[str] | None = Field(default=None, validation_alias=_also("stopSequences", "stop"))
    seed: int | None = None
    reasoning_effort: str | None = Field(default=None, validation_alias=_also("reasoningEffort", "reasoning_effort"))
