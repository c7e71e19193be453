"""What a server answered, as parts for models and people; bounded, and never trusted."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from core.errors import GearboxError
from core.tools.kept import kept_picture, kept_sound
from core.tools.tool import Keep, ToolResult
from data.values.parts import FilePart, Part, TextPart

if TYPE_CHECKING:
    from mcp.types import CallToolResult

MOST_CHARS = 60_000
"""Of all texts of one answer: about 15,000 tokens."""
MOST_FILES = 8
_MOST_BYTES = 5_000_000
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def result_of(answer: CallToolResult, keep: Keep | None) -> ToolResult:
    """The answer as parts. Blocks: pictures are looked at, and `keep` writes.

    Args:
        keep: puts bytes away; without it, what is no text is told of in words.
    """
    parts: list[Part] = []
    for block in answer.content:
        parts += _parts(
            block, keep if len([each for each in parts if not isinstance(each, TextPart)]) < MOST_FILES else None
        )
    if answer.structured_content is not None and not _says(parts, answer.structured_content):
        parts.append(TextPart(json.dumps(answer.structured_content, ensure_ascii=False)))
    return ToolResult(
        tuple(_cut(parts)) or (TextPart("(The tool answered nothing.)"),),
        failed=answer.is_error,
        is_untrusted=True,
    )


def _parts(block: Any, keep: Keep | None) -> list[Part]:
    match block.type:
        case "text":
            return [TextPart(block.text)]
        case "image" | "audio":
            return [_file(block.data, block.mime_type, block.type, keep)]
        case "resource_link":
            told = " ".join(filter(None, (block.title or block.name, f"<{block.uri}>", block.description)))
            return [TextPart(f"[Resource: {told}]")]
        case "resource":
            return [_resource(block.resource, keep)]
        case _:
            return [TextPart(f"[Something of the kind {str(block.type)[:40]!r}, which Gearbox does not know]")]


def _resource(inside: Any, keep: Keep | None) -> Part:
    media_type = inside.mime_type or "application/octet-stream"
    text = inside.text if hasattr(inside, "text") else _decoded(inside.blob) if media_type.startswith("text/") else ""
    if text or hasattr(inside, "text"):
        return TextPart(f"[Resource {inside.uri}]\n{text}")
    return _file(inside.blob, media_type, str(inside.uri).rpartition("/")[2] or "resource", keep)


def _file(data: str, media_type: str, name: str, keep: Keep | None) -> Part:
    media_type = media_type.lower().partition(";")[0].strip()[:100]
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return TextPart(f"[A broken {media_type}]")
    told = f"{name}: {media_type}, {len(content)} bytes"
    if keep is None or not content or len(content) > _MOST_BYTES:
        return TextPart(f"[{told}]")
    try:
        if media_type in _PICTURES:
            return kept_picture(content, keep)
        if media_type.startswith("audio/"):
            return kept_sound(content, keep)
        return FilePart(keep(content, media_type), name)
    except GearboxError as refused:
        return TextPart(f"[{told}. It is not kept: {refused}]")


def _decoded(data: str) -> str:
    """Text that was sent as bytes; empty when it is none."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _says(parts: list[Part], structured: Any) -> bool:
    """Whether a text already has the structured answer in it, as the protocol wants of servers."""
    # What is no object the `mcp` package puts into one, which says nothing more.
    wrapped = structured["result"] if isinstance(structured, dict) and structured.keys() == {"result"} else structured
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    return wrapped in texts or any(_read(text) in (structured, wrapped) for text in texts)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _cut(parts: list[Part]) -> list[Part]:
    """The parts, with texts up to the limit."""
    kept: list[Part] = []
    left = MOST_CHARS
    whole = sum(len(part.text) for part in parts if isinstance(part, TextPart))
    for part in parts:
        if not isinstance(part, TextPart):
            kept.append(part)
        elif left > 0 and part.text:
            kept.append(TextPart(part.text[:left]))
            left -= len(part.text)
    if left < 0:
        kept.append(TextPart(f"[Cut here: the answer has {whole} characters.]"))
    return kept
