"""What litellm makes of our messages for Anthropic and Gemini, by the functions that its completion calls.

`test_any_provider.py` holds them against what goes over the wire.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from core.providers.litellm_messages import told
from core.providers.litellm_transport import LitellmTransport
from core.providers.request import ChatMessage, ModelRequest
from data.values.models import Endpoint, EndpointKind, Model, Wire

CLAUDE, GEMINI, GEMINI_3 = "claude-sonnet-4-5", "gemini-2.5-flash", "gemini-3-pro-preview"

TOOLS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Adds",
            "parameters": {"type": "object", "properties": {"a": {"type": "string"}}},
        },
    }
]


def request_for(model: str, messages: tuple[ChatMessage, ...], *, tools: bool, base_url: str = "") -> ModelRequest:
    """The request that the chat would make."""
    provider = "anthropic" if model == CLAUDE else "gemini"
    endpoint = Endpoint("ep1", provider, "Acme AI", EndpointKind.PROVIDER, Wire.LITELLM, base_url)
    options = {"tools": copy.deepcopy(TOOLS)} if tools else {}
    return ModelRequest(endpoint, Model(provider, model, model), messages, options=options)


def anthropic_shape(messages: tuple[ChatMessage, ...], *, tools: bool) -> dict[str, Any]:
    """The body for Anthropic."""
    request = request_for(CLAUDE, messages, tools=tools)
    config = _litellm().AnthropicConfig()
    wanted = config.map_openai_params({**request.options, "stream": True}, {}, CLAUDE, True)
    made = config.transform_request(CLAUDE, copy.deepcopy(told(request)), wanted, {}, {})
    return on_the_wire(made)


def gemini_shape(messages: tuple[ChatMessage, ...], model: str, *, tools: bool) -> dict[str, Any]:
    """The body for Gemini."""
    from litellm.llms.vertex_ai.gemini.transformation import transform_request_body

    request = request_for(model, messages, tools=tools)
    wanted = _litellm().GoogleAIStudioGeminiConfig().map_openai_params(dict(request.options), {}, model, True)
    made: Any = transform_request_body(copy.deepcopy(told(request)), model, wanted, "gemini", {}, None)
    return on_the_wire(made)


def on_the_wire(body: Mapping[str, Any]) -> dict[str, Any]:
    """As httpx writes it and the server reads it: no NaN, no half of a character, no bottomless nesting."""
    written = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    read: dict[str, Any] = json.loads(written)
    return read


@cache
def _litellm() -> Any:
    asyncio.run(LitellmTransport().warm())  # sets what has to be set before the import
    import litellm

    return litellm
