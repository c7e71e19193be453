"""Hearing that what a server lists has changed.

Servers of the protocol's first era send notifications unasked; those of its second only on a stream that the client
opens for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp import Client

LIST_CHANGES = frozenset(f"notifications/{what}/list_changed" for what in ("tools", "resources", "prompts"))
_AGAIN_SECONDS = 30.0


async def listen(client: Client, changed: Callable[[], None]) -> None:
    """Listen until cancelled; at once done with a server that sends unasked, or does not say what changes.

    Args:
        changed: called when something may have changed, which it also may have while nobody listened.
    """
    from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
    from mcp.shared.exceptions import MCPError

    able = client.server_capabilities
    while True:
        try:
            async with client.listen(
                tools_list_changed=bool(able.tools and able.tools.list_changed),
                resources_list_changed=bool(able.resources and able.resources.list_changed),
                prompts_list_changed=bool(able.prompts and able.prompts.list_changed),
            ) as events:
                async for _ in events:
                    changed()
        except (ListenNotSupportedError, MCPError):
            return  # its lists are read anew from time to time in any case
        except SubscriptionLost:
            pass
        changed()
        await asyncio.sleep(_AGAIN_SECONDS)
