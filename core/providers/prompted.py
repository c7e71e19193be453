"""A chat request whose tools are said in words, for a model that takes none."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from core.providers.request import ChatMessage, ModelRequest
from core.tools.protocol import described, in_words
from core.tools.values import specs_of

_TOOL_OPTIONS: Final = frozenset({"tools", "tool_choice", "parallel_tool_calls"})


def carries_tools(request: ModelRequest) -> bool:
    """Whether there is anything about tools in a request, be it calls and results of its history."""
    return bool(request.options.get("tools")) or any(
        message.get("role") == "tool" or message.get("tool_calls") for message in request.messages
    )


def prompted(request: ModelRequest) -> ModelRequest:
    """The same request without tools on the wire: their descriptions, calls and results are words in its messages."""
    tools = specs_of(request.options.get("tools") or ())
    choice = request.options.get("tool_choice") or "auto"
    messages = tuple(cast(ChatMessage, message) for message in in_words(request.messages, tools))
    if tools and choice != "none":
        parallel = request.options.get("parallel_tool_calls") is not False
        messages = instructed(messages, described(tools, choice, parallel=parallel))
    options = {name: value for name, value in request.options.items() if name not in _TOOL_OPTIONS}
    return replace(request, messages=messages, options=options)


def instructed(messages: tuple[ChatMessage, ...], words: str) -> tuple[ChatMessage, ...]:
    """The messages with an instruction more: in the system message, as many servers take only one."""
    if messages and messages[0]["role"] == "system" and isinstance(said := messages[0].get("content"), str):
        return ({**messages[0], "content": f"{said}\n\n{words}"}, *messages[1:])
    return ({"role": "system", "content": words}, *messages)
