"""The registry by HTTP: filters, pages that meet, tags, and what admins change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from starlette.applications import Starlette

from core.access.policy import Permission
from core.api.answers import Api
from core.api.routes import api_routes
from core.config import Settings
from core.services import build
from tests.gateway.server import serve


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Of somebody who may chat, and of somebody who may also manage models; OpenAI is connected."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"), database_url="", kek_source="file", local_discovery=False, warm_up=False
    )
    with ExitStack() as stack:
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        services.keys.add(services.actor(), "openai", "sk-canary-registry-api-0123")
        origin = stack.enter_context(serve(Starlette(routes=api_routes(Api(lambda: services, lambda _: None)))))
        chat, admin = (
            stack.enter_context(
                httpx.Client(
                    base_url=f"{origin}/api/v1/",
                    headers={"Authorization": f"Bearer {services.tokens.create(services.actor(), 'test', scopes)[1]}"},
                    timeout=40,
                    trust_env=False,
                )
            )
            for scopes in ([Permission.CHAT], [Permission.CHAT, Permission.MANAGE_MODELS])
        )
        yield chat, admin


def test_pages_meet_and_every_model_opens_by_its_id(clients: tuple[httpx.Client, httpx.Client]) -> None:
    chat, _ = clients
    found: list[str] = []
    cursor = ""
    while True:
        wanted = {"q": "gpt-4o", "modality": "audio", "limit": "20", "cursor": cursor}
        page = chat.get("models", params=wanted).json()
        found += [model["id"] for model in page["models"]]
        if not (cursor := page["next_cursor"]):
            break
    assert len(found) == len(set(found)) == page["total"] > 20
    for model_id in found[:5]:
        assert chat.get(f"models/{model_id}").json()["id"] == model_id
    assert chat.get("models", params={"cursor": "another"}).status_code == 400
    assert chat.get("models/openai/never-was").status_code == 404


def test_filters_answer_what_they_name(clients: tuple[httpx.Client, httpx.Client]) -> None:
    chat, _ = clients

    def models(**wanted: str) -> list[dict[str, object]]:
        answer = chat.get("models", params=wanted)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["models"])

    assert {model["provider"] for model in models(provider="anthropic")} == {"anthropic"}
    assert {model["category"] for model in models(category="speak")} == {"speak"}
    assert {model["usable"] for model in models(usable="true")} == {True}
    # OpenAI's, too, unless its list was asked for by now from where it can't be reached.
    assert {model["provider"] for model in models(usable="true", limit="500")} <= {"openai", "sandbox"}
    assert all("key" in str(model["reason"]) for model in models(provider="anthropic", usable="false"))
    tools = models(capability="tools", max_price="1", sort="price")
    assert tools
    assert all(model["capabilities"]["tools"]["holds"] for model in tools)  # type: ignore[index]
    prices = [float(str(model["per_1000_turns"])) for model in tools]
    assert prices == sorted(prices)
    for wrong in ({"category": "nonsense"}, {"limit": "0"}, {"max_price": "NaN"}, {"colour": "blue"}):
        assert chat.get("models", params=wrong).status_code == 400


def test_nothing_is_sent_again_that_has_not_changed(clients: tuple[httpx.Client, httpx.Client]) -> None:
    chat, admin = clients
    first = chat.get("models", params={"q": "o3"})
    again = chat.get("models", params={"q": "o3"}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert admin.put("models/openai/o3/enabled", json={"enabled": False}).status_code == 204
    changed = chat.get("models", params={"q": "o3"}, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert chat.get("models/openai/o3").json()["enabled"] is False
    assert admin.put("models/openai/o3/enabled", json={"enabled": True}).status_code == 204


def test_an_admin_adds_and_removes_a_model(clients: tuple[httpx.Client, httpx.Client]) -> None:
    chat, admin = clients
    own = {"provider": "openai", "name": "own/one", "input_per_million": "0.1", "output_per_million": "0.2"}
    assert chat.post("models", json=own).status_code == 403
    made = admin.post("models", json=own)
    assert (made.status_code, made.json()["prices"]["input_token"]) == (201, "0.0000001")
    shown = chat.get("models/openai/own/one").json()
    assert (shown["custom"], shown["enabled"], shown["per_1000_turns"]) == (True, True, "0.2200000")
    assert chat.delete("models/openai/own/one").status_code == 403
    assert admin.delete("models/openai/own/one").status_code == 204
    assert admin.delete("models/openai/own/one").status_code == 404
    assert admin.post("models", json=own | {"provider": "nowhere"}).status_code == 400
    assert admin.post("models", json=own | {"name": "two\nlines"}).status_code == 400


def test_what_there_is_to_filter_by(clients: tuple[httpx.Client, httpx.Client]) -> None:
    chat, _ = clients
    providers = chat.get("providers").json()["providers"]
    assert len(providers) > 100
    assert [each["slug"] for each in providers if each["connected"]] == ["openai", "sandbox"]
    said = chat.get("capabilities").json()
    assert all(each["models"] > 0 for each in said["capabilities"])
    assert "chat" in said["categories"]
    assert "image" in said["modalities"]
