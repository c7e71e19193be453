"""Searching the person's own conversations."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated

from pydantic import Field

from core.chat.search import ConversationSearch
from core.errors import GearboxError
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, takes
from data.store.message_search import FoundMessage
from data.values.messages import Author
from data.values.parts import TextPart
from data.values.tool_calls import Effect

MOST_WORDS = 8
MOST_RESULTS = 20
_AROUND = 160

_DESCRIPTION = (
    "Finds messages of the person's earlier conversations here that have all of the words, the newest first, each with "
    "its date, its conversation's title and the words around the first one. For what is said in this conversation "
    "already it is not needed. Few and telling words find most."
)


class Asked(ToolInput):
    """What to look for."""

    words: Annotated[str, Field(min_length=1, max_length=200, description="Words that all have to be in a message")]
    count: Annotated[int, Field(ge=1, le=MOST_RESULTS)] = 8


def my_conversations(search: ConversationSearch) -> Tool:
    """The tool."""

    async def find(asked: Asked, context: ToolContext) -> ToolResult:
        words = asked.words.split()[:MOST_WORDS]
        if not words:
            raise GearboxError("There are no words to look for.")
        found = await asyncio.to_thread(
            search.find, context.actor, words, limit=asked.count, without=context.conversation_id
        )
        if not found:
            return ToolResult((TextPart(f"No other conversation has all of: {', '.join(words)}."),))
        lines = [f"Messages with all of: {', '.join(words)}", *(_line(each, words) for each in found)]
        # A model may have written there what a page told it to.
        return ToolResult((TextPart("\n\n".join(lines)),), is_untrusted=True)

    return Tool(
        name="search_my_conversations",
        title="Search my conversations",
        description=_DESCRIPTION,
        schema=Asked.model_json_schema(),
        effect=Effect.READS,
        run=takes(Asked, find),
    )


def _line(found: FoundMessage, words: list[str]) -> str:
    who = "the person" if found.author is Author.USER else "the answer"
    title = found.title or "without a title"
    return f"{found.created_at:%Y-%m-%d %H:%M} UTC, “{title}”, {who}:\n{_snippet(found.text, words[0])}"


def _snippet(text: str, word: str) -> str:
    at = re.search(re.escape(word), text, re.IGNORECASE)
    middle = at.start() if at else 0
    begin, end = max(0, middle - _AROUND), middle + len(word) + _AROUND
    cut = " ".join(text[begin:end].split())
    return f"{'… ' if begin else ''}{cut}{' …' if end < len(text) else ''}"
