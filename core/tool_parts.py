"""Composition of the tools that Gearbox brings along; `core.services` puts the parts together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from urllib.parse import urlsplit

from core.access.access import Access
from core.calls import CallService
from core.chat.search import ConversationSearch
from core.clock import utc_now
from core.providers.attempts import Attempts
from core.providers.gateway import StoreBooking
from core.providers.guard import AddressGuard
from core.registry.service import Registry
from core.tool_settings import ToolSettings
from core.tools.builtin.ask_model import ask_model
from core.tools.builtin.calculator import CALCULATOR
from core.tools.builtin.capable import Capable
from core.tools.builtin.dates import dates
from core.tools.builtin.describe_image import describe_image
from core.tools.builtin.edit_image import edit_image
from core.tools.builtin.engines import Engine, brave, searxng, tavily
from core.tools.builtin.fetch_page import fetch_page
from core.tools.builtin.generate_image import generate_image
from core.tools.builtin.make_chart import make_chart
from core.tools.builtin.my_conversations import my_conversations
from core.tools.builtin.my_usage import my_usage
from core.tools.builtin.query_data import query_data
from core.tools.builtin.read_document import READ_DOCUMENT
from core.tools.builtin.speak_text import speak_text
from core.tools.builtin.transcribe_audio import transcribe_audio
from core.tools.builtin.web import Web
from core.tools.builtin.web_search import web_search
from core.tools.tool import Tool
from core.usage import UsageService
from data.query import Queries
from data.store import Store
from data.warehouse.writer import WarehouseWriter


def own_tools(
    settings: ToolSettings,
    access: Access,
    store: Store,
    stack: ExitStack,
    *,
    calls: CallService,
    attempts: Attempts,
    writer: WarehouseWriter,
    registry: Registry,
    clock: Callable[[], datetime] = utc_now,
) -> tuple[Tool, ...]:
    """Every one that can be used here, in the order in which people see them.

    Args:
        stack: ends the processes that queries run in.
        attempts: makes the calls of other models, for tools that need one: of the loop that the tools run on.

    Raises:
        ConfigError: a file with a key can't be read.
    """
    web, queries = Web(AddressGuard()), Queries()
    stack.callback(queries.close)
    search = web_search(_engines(settings, web))
    capable = Capable(calls, registry, attempts.perform, StoreBooking(store))
    return (
        CALCULATOR,
        dates(clock),
        fetch_page(web),
        *((search,) if search else ()),
        my_usage(UsageService(access, writer)),
        my_conversations(ConversationSearch(access, store)),
        ask_model(calls, attempts.stream, store),
        generate_image(capable),
        edit_image(capable),
        describe_image(calls, attempts.stream, store),
        speak_text(capable),
        transcribe_audio(capable),
        READ_DOCUMENT,
        query_data(queries),
        make_chart(queries),
    )


def _engines(settings: ToolSettings, web: Web) -> list[Engine]:
    found = []
    if settings.searxng_url:
        # The operator's own server may be inside; only this guard lets it be called.
        inside = Web(AddressGuard(hosts=[_place(settings.searxng_url)]))
        found.append(searxng(inside, settings.searxng_url))
    for service, engine in (("brave", brave), ("tavily", tavily)):
        if key := settings.search_key(service):
            found.append(engine(web, key))
    return found


def _place(address: str) -> str:
    """Host and port as the guard compares them."""
    url = urlsplit(address)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"{host}:{url.port or (443 if url.scheme == 'https' else 80)}"
