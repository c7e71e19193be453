"""A server's resources as the answer of a tool: what there is, or what one of them holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from data.values.server_contents import Contents

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult


async def resource(client: Client, contents: Contents, arguments: Mapping[str, Any]) -> CallToolResult:
    """The resource of the URI in `arguments`; without one, the list. Raises what the `mcp` package does."""
    from mcp.types import CallToolResult, EmbeddedResource, TextContent

    uri = str(arguments.get("uri") or "").strip()
    if not uri:
        return CallToolResult(content=[TextContent(text=_list(contents))])
    read = await client.read_resource(uri)
    return CallToolResult(content=[EmbeddedResource(resource=each) for each in read.contents])


def _list(contents: Contents) -> str:
    """JSON, without what is empty."""
    found = {
        "resources": [_said(asdict(each)) for each in contents.resources],
        "templates": [_said(asdict(each)) for each in contents.templates],
    }
    return json.dumps(_said(found), ensure_ascii=False)


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def variables(pattern: str) -> tuple[str, ...]:
    """What a template of URIs (RFC 6570) has to be told; nothing where it can't be read."""
    from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

    try:
        return tuple(UriTemplate.parse(pattern).variable_names)
    except InvalidUriTemplate:
        return ()


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """The URI with these values; the template as it is where it can't be read."""
    from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

    try:
        return UriTemplate.parse(pattern).expand(values)
    except InvalidUriTemplate:
        return pattern
