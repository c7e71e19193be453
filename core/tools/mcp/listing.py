"""What a server lists: its tools, its resources and its prompts, as far as there is room for them.

Resources and prompts are trusted as tools are: a stand-in is listed for each, which an admin ticks or not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from core.tools.mcp.troubles import is_refusal
from data.values.server_contents import Contents, ListedPrompt, ListedResource, ListedTemplate, PromptArgument
from data.values.tool_servers import ListedTool

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import Prompt, Tool

MOST_TOOLS = 200
"""Of one server: no model can choose among more, and a list of any length must not fill the memory."""
MOST_CONTENTS = 500
"""Resources, templates and prompts of one server, of each."""
_MOST_PAGES = 20
_MOST_ARGUMENTS = 20
_LONGEST = 500

RESOURCES = "resources/read"
"""The stand-in for a server's resources: a tool that models read them with. No server's own tool is called so."""
PROMPTS = "prompts/get"
"""The stand-in for a server's prompts. People choose them; no model calls it."""

_STAND_INS = {
    RESOURCES: ListedTool(
        RESOURCES,
        "Resources",
        "Reads a resource of this server (a file, a record, a page) by its URI. Without a URI it lists the resources "
        "that there are, and templates of further URIs.",
        {
            "type": "object",
            "properties": {"uri": {"type": "string", "description": "As the list or another tool's result has it"}},
        },
        says_reads=True,
    ),
    PROMPTS: ListedTool(
        PROMPTS,
        "Prompts",
        "Lets people begin with words of this server: a prompt fills the field of the chat, where they read it before "
        "they send it. No model calls this.",
        {"type": "object", "properties": {}},
        says_reads=True,
    ),
}

T = TypeVar("T")


class _Page(Protocol):
    next_cursor: str | None


async def listed(client: Client) -> tuple[Mapping[str, ListedTool], Contents]:
    """Everything; of two things with one name, the first."""
    tools, contents = await asyncio.gather(_tools(client), _contents(client))
    found = {}
    if contents.resources or contents.templates:
        found[RESOURCES] = _STAND_INS[RESOURCES]
    if contents.prompts:
        found[PROMPTS] = _STAND_INS[PROMPTS]
    return {**tools, **found}, contents


async def _tools(client: Client) -> Mapping[str, ListedTool]:
    found: dict[str, ListedTool] = {}
    async for page in _pages(client.list_tools):
        for tool in page.tools:
            if tool.name and tool.name not in (found.keys() | _STAND_INS.keys()) and len(found) < MOST_TOOLS:
                found[tool.name] = _tool(tool)
    return found


async def _contents(client: Client) -> Contents:
    able = client.server_capabilities
    resources = [
        ListedResource(
            each.uri, _line(each.name), _line(each.title), _line(each.description), _line(each.mime_type), each.size
        )
        for each in await _some(client.list_resources, "resources", able.resources)
    ]
    templates = [
        ListedTemplate(
            each.uri_template, _line(each.name), _line(each.title), _line(each.description), _line(each.mime_type)
        )
        for each in await _some(client.list_resource_templates, "resource_templates", able.resources)
    ]
    prompts = [_prompt(each) for each in await _some(client.list_prompts, "prompts", able.prompts)]
    return Contents(
        tuple({each.uri: each for each in reversed(resources)}.values())[::-1],
        tuple({each.pattern: each for each in reversed(templates)}.values())[::-1],
        tuple({each.name: each for each in reversed(prompts)}.values())[::-1],
    )


async def _some(ask: Callable[..., Awaitable[Any]], name: str, able: object) -> list[Any]:
    """What one list has; nothing where the server refuses it, though it said that it has it."""
    found: list[Any] = []
    if able is None:
        return found
    try:
        async for page in _pages(ask):
            found += getattr(page, name)[: MOST_CONTENTS - len(found)]
    except Exception as error:
        if not is_refusal(error):
            raise
    return found


async def _pages(ask: Callable[..., Awaitable[Any]]) -> AsyncIterator[Any]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await ask(cursor=cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            break


def _tool(tool: Tool) -> ListedTool:
    hints = tool.annotations
    return ListedTool(
        name=tool.name,
        title=tool.title or (hints.title if hints else None) or "",
        description=tool.description or "",
        schema=tool.input_schema,
        says_reads=bool(hints and hints.read_only_hint),
    )


def _prompt(prompt: Prompt) -> ListedPrompt:
    arguments = [
        PromptArgument(each.name, _line(each.description), bool(each.required))
        for each in (prompt.arguments or [])[:_MOST_ARGUMENTS]
    ]
    return ListedPrompt(prompt.name, _line(prompt.title), _line(prompt.description), tuple(arguments))


def _line(text: str | None) -> str:
    return " ".join((text or "").split())[:_LONGEST]
