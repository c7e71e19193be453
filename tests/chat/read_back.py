"""Parts out of the shapes of providers again, for what these can hold: words, pictures, calls and what they gave."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.values.messages import Author
from data.values.parts import ImagePart, Part, TextPart, ToolCallPart, ToolResultPart, text_of


@dataclass(frozen=True)
class Said:
    """One thing that was said: words, the digest of a picture, or a call with its arguments and what it gave.

    Names of pictures, ids of calls and whether one failed are in no shape.
    """

    author: Author
    kind: str
    what: str
    arguments: str = ""


def in_parts(history: Sequence[tuple[Author, tuple[Part, ...]]]) -> list[Said]:
    """What is stored."""
    return _joined(_of_parts(history))


def in_openai(messages: Sequence[Mapping[str, Any]]) -> list[Said]:
    """What OpenAI's shape holds."""

    def said() -> Iterator[Said]:
        for message in messages:
            author = Author.USER if message["role"] == "user" else Author.ASSISTANT
            content: Any = message["content"] or []
            if message["role"] == "tool":
                yield Said(author, "result", content)
                continue
            parts: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
            for part in parts:
                if part["type"] == "text":
                    yield Said(author, "text", part["text"])
                else:
                    yield Said(author, "picture", _digest(part["image_url"]["url"].partition(",")[2]))
            for call in message.get("tool_calls", ()):
                yield Said(author, "call", call["function"]["name"], _same(json.loads(call["function"]["arguments"])))

    return _joined(said())


def in_anthropic(body: Mapping[str, Any]) -> list[Said]:
    """What Anthropic's shape holds."""

    def said() -> Iterator[Said]:
        for message in body["messages"]:
            author = Author.USER if message["role"] == "user" else Author.ASSISTANT
            for block in message["content"]:
                match block["type"]:
                    case "text":
                        yield Said(author, "text", block["text"])
                    case "image":
                        yield Said(author, "picture", _digest(block["source"]["data"]))
                    case "tool_use":
                        yield Said(author, "call", block["name"], _same(block["input"]))
                    case _:
                        yield Said(Author.ASSISTANT, "result", block["content"])

    return _joined(said())


def in_gemini(body: Mapping[str, Any]) -> list[Said]:
    """What Gemini's shape holds; a result that is an object there is an object."""

    def said() -> Iterator[Said]:
        for content in body["contents"]:
            author = Author.USER if content["role"] == "user" else Author.ASSISTANT
            for part in content["parts"]:
                if "text" in part:
                    yield Said(author, "text", part["text"])
                elif "inline_data" in part:
                    yield Said(author, "picture", _digest(part["inline_data"]["data"]))
                elif "function_call" in part:
                    yield Said(author, "call", part["function_call"]["name"], _same(part["function_call"]["args"]))
                else:
                    yield Said(Author.ASSISTANT, "result", part["function_response"]["response"]["content"])

    return _joined(said())


def _of_parts(history: Sequence[tuple[Author, tuple[Part, ...]]]) -> Iterator[Said]:
    for author, parts in history:
        for part in parts:
            match part:
                case TextPart(text):
                    yield Said(author, "text", text)
                case ImagePart(blob):
                    yield Said(author, "picture", blob.digest)
                case ToolCallPart():
                    yield Said(author, "call", part.name, _same(json.loads(part.arguments)))
                case ToolResultPart():
                    yield Said(author, "result", text_of(part.parts))


def _joined(said: Iterator[Said]) -> list[Said]:
    """Words that follow on words are one: shapes put them together."""
    joined: list[Said] = []
    for each in said:
        if joined and each.kind == "text" and (joined[-1].author, joined[-1].kind) == (each.author, "text"):
            joined[-1] = Said(each.author, "text", f"{joined[-1].what}\n\n{each.what}")
        else:
            joined.append(each)
    return joined


def _digest(data: str) -> str:
    return hashlib.sha256(base64.b64decode(data, validate=True)).hexdigest()


def _same(arguments: Any) -> str:
    return json.dumps(arguments, sort_keys=True)
