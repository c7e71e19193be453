"""From a chat completion's body to what the gateway takes; and what can't be asked, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from core.api.v1.bodies import OPTIONS, ChatBody, Message
from core.api.v1.errors import Unusable
from core.providers.attempts import Candidate
from core.providers.request import ChatMessage
from data.values.models import EndpointKind, Sampling, Wire


def check(body: ChatBody) -> None:
    """Refuse what would not be done. Raises Unusable."""
    if body.n not in {None, 1}:
        raise Unusable("One answer is made for each request.", "Leave n out, and ask several times.", param="n")
    if body.logprobs or body.top_logprobs:
        raise Unusable("Log probabilities are not passed on.", "Leave logprobs out.", param="logprobs")
    if set(body.modalities or ["text"]) != {"text"}:
        raise Unusable("A chat completion answers in text.", "For speech, use /v1/audio/speech.", param="modalities")
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if getattr(body, old) is not None:
            raise Unusable(f"“{old}” is what came before “{new}”.", f"Send {new}.", param=old)
    for place, message in enumerate(body.messages):
        if message.role == "tool" and not message.tool_call_id:
            raise Unusable("A tool's result names no call.", param=f"messages.{place}.tool_call_id")
        if message.content is None and not (message.role == "assistant" and message.tool_calls):
            raise Unusable("A message has no content.", param=f"messages.{place}.content")


def messages_of(body: ChatBody) -> list[ChatMessage]:
    """The messages, without fields that were left out."""
    return [cast(ChatMessage, _message(message)) for message in body.messages]


def sampling_of(body: ChatBody) -> Sampling:
    """Generation parameters that every wire knows."""
    return Sampling(body.temperature, body.top_p, body.max_completion_tokens or body.max_tokens)


def options_of(body: ChatBody) -> dict[str, Any]:
    """The other fields, as they go on to a provider."""
    return body.model_dump(include=set(OPTIONS), exclude_unset=True, exclude_none=True)


def check_media(body: ChatBody, candidates: Iterable[Candidate]) -> None:
    """Refuse addresses that would not be fetched by a known provider, from its own network.

    litellm fetches some itself, and a server in our network would fetch what only that network can reach.
    """
    for candidate in candidates:
        endpoint = candidate.request.endpoint
        if endpoint.kind is EndpointKind.PROVIDER and endpoint.wire is Wire.OPENAI:
            continue
        for place, address in _addresses(body.messages):
            if not address.startswith("data:"):
                raise Unusable(
                    f"{endpoint.label} is not sent addresses of pictures and files.",
                    "Send what it holds, as a data: URL.",
                    param=f"messages.{place}.content",
                )


def _addresses(messages: Iterable[Message]) -> Iterable[tuple[int, str]]:
    for place, message in enumerate(messages):
        for part in message.content if isinstance(message.content, list) else ():
            extra = part.model_extra or {}
            for name in ("image_url", "file"):
                held = extra.get(name)
                if isinstance(held, str):
                    yield place, held
                elif isinstance(held, dict):
                    known = (held.get(each) for each in ("url", "file_data", "file_id"))
                    yield from ((place, each) for each in known if isinstance(each, str))


def _message(message: Message) -> dict[str, Any]:
    plain = message.model_dump(exclude_unset=True)
    for name in ("name", "tool_calls", "tool_call_id"):
        if plain.get(name) in (None, []):
            plain.pop(name, None)
    plain.setdefault("content", None)
    for call in plain.get("tool_calls", ()):
        call.setdefault("type", "function")
    return plain
