"""The tools that Gearbox brings along, over a house of the chat's tests."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from core.access.access import Access
from core.calls import CallService
from core.clock import utc_now
from core.config import Settings
from core.providers.gateway import StoreBooking
from core.providers.precautions import Precautions
from core.registry.overrides import Overrides
from core.registry.service import Registry
from core.tool_parts import own_tools
from core.tools.tool import Tool
from data.warehouse.writer import WarehouseWriter
from tests.chat.house import ChatHouse


def tools_of(house: ChatHouse, **settings: Any) -> dict[str, Tool]:
    """Gearbox's own tools over the parts of a house, by name."""
    calls = CallService(
        house.connections,
        house.preferences,
        StoreBooking(house.store),
        make_gateway=lambda: house.gateway,
        make_attempts=lambda _gateway: house.attempts,
        clock=utc_now,
    )
    writer = WarehouseWriter(house.settings.warehouse_path, house.store.outbox, clock=utc_now)
    with ExitStack() as stack:  # no query is run here
        found = own_tools(
            Settings(**settings),
            Access(house.store),
            house.store,
            stack,
            calls=calls,
            attempts=house.attempts,
            writer=writer,
            registry=_registry(house),
        )
    return {tool.name: tool for tool in found}


def _registry(house: ChatHouse) -> Registry:
    overrides = Overrides(house.store, house.catalogue)
    return Registry(
        Access(house.store),
        house.store,
        house.catalogue,
        house.connections,
        overrides,
        precautions=Precautions(),
        key_trouble=lambda _endpoint, _actor: None,
        clock=utc_now,
    )
