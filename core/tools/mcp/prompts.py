"""A server's prompt as the words that a person begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import GearboxError

if TYPE_CHECKING:
    from mcp.types import GetPromptResult

MOST_CHARS = 30_000


@dataclass(frozen=True, slots=True)
class Begun:
    """The words, others' own. `left_out` counts what is no text; `is_cut` when there were more."""

    text: str
    left_out: int = 0
    is_cut: bool = False


def begun(answer: GetPromptResult) -> Begun:
    """The messages as one: of several, each says whose it is.

    Raises:
        GearboxError: there is no text in it.
    """
    said = [(message.role, _text(message.content)) for message in answer.messages]
    texts = [(role, text) for role, text in said if text]
    if not texts:
        raise GearboxError("There is no text in this prompt.")
    if {role for role, _ in texts} == {"user"}:
        whole = "\n\n".join(text for _, text in texts)
    else:
        whole = "\n\n".join(f"{role.capitalize()}: {text}" for role, text in texts)
    return Begun(whole[:MOST_CHARS], len(said) - len(texts), len(whole) > MOST_CHARS)


def _text(block: Any) -> str:
    match block.type:
        case "text":
            return str(block.text).strip()
        case "resource" if hasattr(block.resource, "text"):
            return f"{block.resource.uri}:\n{block.resource.text}".strip()
        case "resource_link":
            return f"{block.title or block.name}: {block.uri}"
        case _:
            return ""
