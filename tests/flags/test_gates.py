"""Off means gone: what stands behind each of Gearbox's own flags, in one running Gearbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api.ai_sdk.ui_chat import ui_routes
from core.api.switched import Switched
from core.api.v1.entrance import Entrance
from core.errors import NotFound, SwitchedOff
from core.flags.capabilities import Capability
from core.sandbox import sandbox_app
from core.services import Services
from data.analytics.picking import Picked
from data.store.engine import make_engine
from data.values.calls import CacheUse
from data.values.flags import FlagState
from data.values.parts import ImagePart, StepPart
from data.values.plans import Action
from tests.api.gearbox import Gearbox, running
from tests.gateway.server import serve

PAINT = {"model": "sandbox/scripted-image", "prompt": "an owl"}
SAY = {"model": "sandbox/scripted-speech", "input": "Hello", "voice": "alloy"}
FILM = {"model": "sandbox/scripted-video", "prompt": "an owl"}
EMBED = {"model": "sandbox/scripted-embedding", "input": "owl"}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
CALL: dict[str, Any] = {
    "model": "sandbox/scripted-no-tools",
    "messages": [{"role": "user", "content": "[[pace:instant]] get_weather"}],
    "tools": [TOOL],
}
HELLO = {"model": "sandbox/scripted", "messages": [{"role": "user", "parts": [{"type": "text", "text": "hello"}]}]}


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    with running(tmp_path_factory.mktemp("home") / "home") as served:
        yield served


@contextmanager
def off(services: Services, capability: Capability) -> Iterator[None]:
    admin, actor = services.flag_parts.admin, services.actor()
    admin.set_state(actor, capability.value, FlagState.KILLED, "to see what is gone")
    yield
    admin.set_state(actor, capability.value, FlagState.ON, "seen")


@pytest.mark.parametrize(
    ("capability", "path", "body"),
    [
        (Capability.IMAGE_GENERATION, "/v1/images/generations", PAINT),
        (Capability.SPEECH_GENERATION, "/v1/audio/speech", SAY),
        (Capability.VIDEO_GENERATION, "/v1/videos", FILM),
        (Capability.API_GATEWAY, "/v1/embeddings", EMBED),
    ],
)
def test_a_route_is_closed_and_says_which_flag(
    gearbox: Gearbox, capability: Capability, path: str, body: dict[str, Any]
) -> None:
    form = {name: (None, value) for name, value in body.items()}
    sent: dict[str, Any] = {"files": form} if capability is Capability.VIDEO_GENERATION else {"json": body}
    assert gearbox.ask("POST", path, **sent).status_code == 200
    with off(gearbox.services, capability):
        answer = gearbox.ask("POST", path, **sent)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "switched_off"
        assert f"the flag is {capability.value}" in answer.json()["error"]["message"]
        assert gearbox.ask("POST", path, json={}).status_code == 403, "whatever else is wrong with it"

        listed = gearbox.ask("GET", "/v1/models").json().get("data", [])
        assert body["model"] not in {each["id"] for each in listed}
    assert gearbox.ask("POST", path, **sent).status_code == 200


@pytest.mark.parametrize(
    ("capability", "model_id"),
    [
        (Capability.IMAGE_GENERATION, "sandbox/scripted-image"),
        (Capability.SPEECH_GENERATION, "sandbox/scripted-speech"),
        (Capability.VIDEO_GENERATION, "sandbox/scripted-video"),
    ],
)
def test_a_model_whose_work_is_switched_off_is_not_ready(
    gearbox: Gearbox, capability: Capability, model_id: str
) -> None:
    registry, actor = gearbox.services.registry, gearbox.services.actor()
    assert registry.usability(actor, model_id).usable
    assert gearbox.ask("GET", f"/v1/models/{model_id}").status_code == 200
    with off(gearbox.services, capability):
        found = registry.usability(actor, model_id)
        assert (found.usable, found.reason) == (False, "What it makes is switched off here.")
        assert gearbox.ask("GET", f"/v1/models/{model_id}").status_code == 403
    assert registry.usability(actor, model_id).usable


def test_what_is_mounted_beside_is_closed_with_its_flag(gearbox: Gearbox) -> None:
    services = gearbox.services

    def check() -> None:
        services.flags.require(services.actor(), Capability.SANDBOX)

    with serve(Starlette(routes=[Mount("/sandbox/v1", Switched(sandbox_app(), check))])) as origin:
        models = f"{origin}/sandbox/v1/models"
        assert httpx.get(models, trust_env=False).status_code == 200
        with off(services, Capability.SANDBOX):
            answer = httpx.get(models, trust_env=False)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "switched_off")
            said = httpx.post(f"{origin}/sandbox/v1/chat/completions", content=b"no JSON", trust_env=False)
            assert said.status_code == 403
        assert httpx.get(models, trust_env=False).status_code == 200


def test_the_ai_sdk_s_endpoint_has_a_flag_of_its_own(gearbox: Gearbox) -> None:
    services, bearer = gearbox.services, {"Authorization": f"Bearer {gearbox.token}"}
    with serve(Starlette(routes=ui_routes(Entrance(lambda: services)))) as origin:

        def status() -> int:
            return httpx.post(f"{origin}/api/chat", json=HELLO, headers=bearer, trust_env=False).status_code

        with off(services, Capability.API_GATEWAY):
            assert status() == 200
        with off(services, Capability.AI_SDK_ENDPOINT):
            assert status() == 403
            assert gearbox.ask("GET", "/v1/models").status_code == 200


def test_tools_and_makers_go_with_what_they_make(gearbox: Gearbox) -> None:
    services, actor = gearbox.services, gearbox.services.actor()

    def there() -> set[str]:
        return {tool.name for tool in services.tools.shelf.tools(actor)}

    everything = there()
    for capability, tools, action in (
        (Capability.IMAGE_GENERATION, {"generate_image", "edit_image"}, Action.DRAW),
        (Capability.SPEECH_GENERATION, {"speak_text"}, Action.SPEAK),
        (Capability.VIDEO_GENERATION, set(), Action.FILM),
    ):
        assert services.reply_parts.makers(actor, action)
        with off(services, capability):
            assert everything - there() == tools
            assert not services.reply_parts.makers(actor, action)


def test_the_sandbox_is_gone_with_its_models(gearbox: Gearbox) -> None:
    services, actor = gearbox.services, gearbox.services.actor()
    with off(services, Capability.SANDBOX):
        assert [model for model in services.connections.models(actor) if model.provider == "sandbox"] == []
        with pytest.raises(NotFound):
            services.connections.resolve(actor, "sandbox/scripted")
    assert services.connections.resolve(actor, "sandbox/scripted")


def test_analysts_pick_where_sql_is_off(gearbox: Gearbox) -> None:
    explore, actor = gearbox.services.reports.explore, gearbox.services.actor()
    with off(gearbox.services, Capability.SQL_CONSOLE):
        assert not explore.writes_sql(actor)
        with pytest.raises(SwitchedOff):
            explore.run(actor, "SELECT 1")
        assert explore.ask(actor, Picked()).rows.rows is not None
    assert explore.writes_sql(actor)


def test_the_cache_is_asked_for_nothing(gearbox: Gearbox) -> None:
    engine = make_engine(gearbox.services.settings.store_url)

    def uses() -> list[str | None]:
        """What the books say of the cache, of two questions that are the same."""
        for _ in range(2):
            assert gearbox.ask("POST", "/v1/embeddings", json=EMBED | {"input": "a badger"}).status_code == 200
        with engine.connect() as connection:
            query = text("SELECT cache FROM calls WHERE modality = 'embedding' ORDER BY started_at")
            return [row.cache for row in connection.execute(query)][-2:]

    with off(gearbox.services, Capability.RESPONSE_CACHE):
        assert uses() == [None, None]
    assert uses() == [CacheUse.MISS, CacheUse.HIT]
    engine.dispose()


def test_a_model_that_takes_no_tools_has_none(gearbox: Gearbox) -> None:
    told = gearbox.ask("POST", "/v1/chat/completions", json=CALL)
    assert told.headers["x-gearbox-tools"] == "prompted"
    assert told.json()["choices"][0]["message"]["tool_calls"]
    with off(gearbox.services, Capability.PROMPTED_TOOLS):
        told = gearbox.ask("POST", "/v1/chat/completions", json=CALL)
    assert told.status_code == 200
    assert "x-gearbox-tools" not in told.headers
    assert not told.json()["choices"][0]["message"].get("tool_calls")


def test_one_model_answers_in_words(gearbox: Gearbox) -> None:
    services, actor = gearbox.services, gearbox.services.actor()

    def painted() -> bool:
        preferences = services.preferences.load(actor)
        choice = services.chat.choice(actor, preferences, picked="sandbox/scripted", history=[])
        turn = services.chat.send(actor, None, "Paint an owl in the snow", choice)
        assert turn.wait_ended(60)
        return any(isinstance(part, StepPart | ImagePart) for part in turn.parts())

    assert painted()
    with off(services, Capability.MULTIMODAL_PLANNER):
        assert not painted()


def test_choosing_and_sealing(gearbox: Gearbox) -> None:
    services, actor = gearbox.services, gearbox.services.actor()
    with off(services, Capability.LEARNED_SELECTION):
        assert not services.routing.is_on(actor)
    assert services.routing.is_on(actor)
    with off(services, Capability.USER_SEALED_KEYS), pytest.raises(SwitchedOff):
        services.user_seals.create(actor, "a long enough passphrase")
    assert not services.user_seals.exists(actor)
