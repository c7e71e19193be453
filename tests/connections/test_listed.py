"""What lists of models say beside the names: read, kept, and replaced by what they say next."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.access.access import Access
from core.config import Settings
from core.providers.discovery import Discovery
from core.providers.facts import Facts
from core.providers.listed import contexts_of, told_of
from core.providers.precautions import Precautions
from core.vault import Vault
from data.store import Store
from data.values.registry import Capability, FactSource
from tests.connections.conftest import NOW
from tests.connections.listing_server import serving
from tests.connections.test_discovery import connected, refresh
from tests.people import ALICE

ROUTED = {
    "id": "maker/one",
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "supported_parameters": ["max_tokens", "tools", "tool_choice"],
}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROUTED, {"tools": True, "structured_output": False, "reasoning": False, "vision": True, "pdf": False}),
        (
            {"capabilities": {"function_calling": True, "vision": False, "fine_tuning": True}},
            {"tools": True, "vision": False},
        ),
        ({"capabilities": ["tool_use", "telepathy"]}, {"tools": True}),
        ({"capabilities": {"vision": "yes"}, "supported_parameters": [], "architecture": ["x"]}, {}),
        ({"supported_parameters": "tools", "architecture": {"input_modalities": {}}, "capabilities": [1, None]}, {}),
    ],
    ids=["openrouter", "mistral", "words", "odd", "odder"],
)
def test_what_a_row_says(row: dict[str, Any], said: dict[str, bool]) -> None:
    found = told_of([{"id": "m", **row}, {"id": "silent"}])
    assert set(found) <= {"m", "maker/one"}
    told = {each.value: holds for each, holds in next(iter(found.values()), {}).items()}
    assert {name: told[name] for name in said} == said
    assert bool(told) is bool(said)


@pytest.mark.parametrize(
    ("row", "size"),
    [
        ({"context_length": 131072, "pricing": {"prompt": "0.1"}}, 131072),
        ({"max_context_length": 32768}, 32768),
        ({"max_model_len": 4096}, 4096),
        ({"context_window": 8192}, 8192),
        ({"context_length": None, "max_model_len": 4096}, 4096),
        ({"context_length": "131072"}, None),
        ({"context_length": True}, None),
        ({"context_length": 0}, None),
        ({"context_length": -1}, None),
        ({"context_length": 10**12}, None),
        ({"context_length": {"a": 1}}, None),
        ({}, None),
    ],
    ids=[
        "openrouter",
        "mistral",
        "vllm",
        "groq",
        "none",
        "text",
        "true",
        "zero",
        "negative",
        "vast",
        "object",
        "silent",
    ],
)
def test_how_many_tokens_a_row_says_that_a_model_reads(row: dict[str, Any], size: int | None) -> None:
    assert contexts_of([{"id": "m", **row}]) == ({} if size is None else {"m": size})


async def test_context_sizes_are_kept_with_the_list(store: Store, vault: Vault, settings: Settings) -> None:
    def discovery() -> Discovery:
        return Discovery(Access(store), store, vault, settings=settings, own_address=lambda: "", clock=lambda: NOW)

    with serving() as server:
        endpoint, first = connected(store, vault, server), discovery()
        first.watch(ALICE)

        async def listed(*rows: dict[str, Any]) -> dict[str, int]:
            server.body = json.dumps({"data": list(rows)}).encode()
            first.ask_soon(endpoint)
            await refresh(first)
            return dict(first.snapshot.contexts[endpoint.id])

        assert await listed({"id": "m", "max_model_len": 4096}, {"id": "n"}) == {"m": 4096}
        assert discovery().snapshot.contexts == {endpoint.id: {"m": 4096}}, "another process has it without asking"
        server.headers["ETag"] = '"one"'
        assert await listed({"id": "m", "max_model_len": 8192}, {"id": "n"}) == {"m": 8192}, "the names are the same"
        assert await listed() == {"m": 8192}, "the list is the known one"
        assert server.unchanged == 1
        kept = store.listings.load(endpoint.id)
        assert kept is not None
        store.listings.save(endpoint.id, replace(kept, contexts=None))  # as the release before wrote it
        later = discovery()
        later.watch(ALICE)
        later.ask_soon(endpoint)
        server.body = json.dumps({"data": [{"id": "m", "max_model_len": 16}]}).encode()
        await refresh(later)
        assert later.snapshot.contexts[endpoint.id] == {"m": 16}, "asked without the tag"


async def test_it_is_kept_and_replaced_with_the_next_list(store: Store, vault: Vault, settings: Settings) -> None:
    now = [NOW]
    facts = Facts(store.model_facts, clock=lambda: now[0])

    def known(source: Facts) -> dict[tuple[str, str], tuple[bool, Any]]:
        return {
            (place[1], fact.capability.value): (fact.holds, fact.at)
            for place, all_of in source.now().items()
            for fact in all_of
            if fact.source is FactSource.LISTING
        }

    with serving() as server:
        endpoint = connected(store, vault, server)
        discovery = Discovery(
            Access(store),
            store,
            vault,
            Precautions(facts=facts),
            settings=settings,
            own_address=lambda: "",
            clock=lambda: now[0],
        )
        discovery.watch(ALICE)

        async def listed(*rows: dict[str, Any], later: timedelta = timedelta()) -> None:
            server.body = json.dumps({"data": list(rows)}).encode()
            now[0] += later
            discovery.ask_soon(endpoint)
            await refresh(discovery)

        await listed(ROUTED, {"id": "plain"})
        assert known(facts)["maker/one", "tools"] == (True, NOW)
        assert known(Facts(store.model_facts)) == known(facts)
        facts.saw((endpoint.id, "maker/one"), [Capability.TOOLS])

        await listed(ROUTED, later=timedelta(hours=1))
        assert known(facts)["maker/one", "tools"] == (True, NOW), "nothing new was said"
        await listed(ROUTED | {"supported_parameters": ["max_tokens"]}, later=timedelta(hours=1))
        assert known(facts)["maker/one", "tools"] == (False, now[0])
        await listed({"id": "maker/one"}, later=timedelta(hours=1))
        assert known(facts) == known(Facts(store.model_facts)) == {}
    kept = facts.now()[endpoint.id, "maker/one"]
    assert [(fact.capability, fact.source) for fact in kept] == [(Capability.TOOLS, FactSource.OBSERVED)]
