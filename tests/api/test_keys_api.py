"""Keys and connections by HTTP: the same services, the same refusals, the same audit events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.access.policy import Permission
from core.api.answers import Api
from core.api.routes import api_routes
from core.config import Settings
from core.services import Services, build
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from tests.gateway.server import serve
from tests.keys.provider import Provider, running_provider

KEY, NEXT_KEY = "sk-canary-api-0123456789", "sk-canary-api-9876543210"


class Caller:
    """Calls the API with a token of the owner's."""

    def __init__(self, services: Services, origin: str, *scopes: Permission) -> None:
        self.services = services
        _, token = services.tokens.create(services.actor(), "test", scopes)
        self._client = httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def __call__(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        answer = self._client.request(method, f"/api/{path}", json=body or None, timeout=40)
        assert answer.status_code == status, answer.text
        assert "canary" not in answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def gearbox(tmp_path: Path) -> Iterator[tuple[Services, str]]:
    settings = Settings(
        home=tmp_path, database_url="", kek_source="file", sandbox=False, local_discovery=False, warm_up=False
    )
    with ExitStack() as stack:
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        app = Starlette(routes=api_routes(Api(lambda: services, lambda _cookies: None)))
        yield services, stack.enter_context(serve(app))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


def test_the_life_of_a_key_by_http(gearbox: tuple[Services, str], provider: Provider) -> None:
    services, origin = gearbox
    call = Caller(services, origin, *Permission)
    provider.accepted = {KEY}
    made = call("POST", "connections", 201, label="Box", base_url=provider.base_url, key=KEY)
    assert [each["id"] for each in call("GET", "connections")] == [made["id"]]
    test, secret = f"connections/{made['id']}/test", f"keys/{made['secret_id']}"
    assert call("POST", test)["ok"]
    call("POST", f"{secret}/rotate", key=NEXT_KEY, grace_hours=1)
    assert (call("POST", test)["ok"], call("POST", test)["kind"]) == (False, "auth")
    call("POST", f"{secret}/fall-back")
    assert call("POST", test)["ok"]
    assert provider.asked == [KEY, NEXT_KEY, NEXT_KEY, KEY]
    call("PUT", f"{secret}/expiry", expires_at=(datetime.now(UTC) + timedelta(days=3)).isoformat())
    (item,) = call("GET", "keys")
    assert (item["label"], item["warning"]["level"], item["is_used"]) == ("Box", "week", True)
    assert [version["state"] for version in item["versions"]] == ["revoked", "current"]
    call("DELETE", f"{secret}/versions/1", 204)
    assert call("POST", test)["kind"] == "key_unusable"
    call("DELETE", f"connections/{made['id']}", 204)
    assert call("GET", "keys") == call("GET", "connections") == []
    call("POST", test, 404)

    page = services.audit.search(services.actor(), AuditFilter(target=f"secret:{made['secret_id']}"), None, 200)
    told = {(entry.record.action, entry.record.surface) for entry in page.entries}
    expected = ("key.create", "key.test", "key.rotate", "key.fall_back", "key.set_expiry", "key.revoke", "key.remove")
    assert {(action, "api") for action in expected} <= told


def test_shared_keys_by_http(gearbox: tuple[Services, str], provider: Provider) -> None:
    services, origin = gearbox
    call = Caller(services, origin, *Permission)
    call("POST", "keys", 201, provider="groq", key=KEY, owner="organisation")
    team = services.teams.create(services.actor(), "Red")
    server = {"label": "Box", "base_url": provider.base_url, "owner": "team"}
    call("POST", "connections", 201, key=KEY, owner_id=team.id, **server)
    call("POST", "connections", 404, key=KEY, owner_id="no such team", **server)
    assert [(item["owner"], item["label"]) for item in call("GET", "keys/shared")] == [
        ("organisation", "Groq"),
        ("team", "Box"),
    ]
    assert [item["owner"] for item in call("GET", "keys")] == ["organisation"], "the owner is in no team"
    services.teams.delete(services.actor(), team.id)
    assert [item["owner"] for item in call("GET", "keys/shared")] == ["organisation"]


def test_a_token_may_do_what_its_scopes_say_and_every_refusal_is_told(gearbox: tuple[Services, str]) -> None:
    services, origin = gearbox
    call = Caller(services, origin, Permission.CHAT)
    assert call("GET", "keys") == []
    refusal = call("POST", "keys", 403, provider="groq", key=KEY)
    assert "scope manage_own_keys" in str(refusal), "its person may: another role would help nobody"
    call("POST", "keys", 403, provider="groq", key=KEY, owner="organisation")
    call("POST", "connections", 403, base_url="http://127.0.0.1:9/v1")
    call("GET", "keys/shared", 403)
    for method, path in (("POST", "keys/1/fall-back"), ("DELETE", "keys/1"), ("DELETE", "connections/1")):
        call(method, path, 403)
    page = services.audit.search(services.actor(), AuditFilter(actions=(Action.ACCESS_REFUSED,)), None, 50)
    assert len(page.entries) == 7
    assert {json.loads(entry.record.body)["surface"] for entry in page.entries} == {"api"}


def test_what_can_not_be_is_refused_without_repeating_it(gearbox: tuple[Services, str]) -> None:
    services, origin = gearbox
    call = Caller(services, origin, *Permission)
    call("POST", "keys", 400, provider="groq", key=f"{KEY} canary")
    call("POST", "keys", 404, provider="nobody", key=KEY)
    call("POST", "keys", 400, provider="groq", key=KEY, expires_at="2020-01-01T00:00:00Z")
    call("POST", "connections", 400, base_url="http://models.example.org/v1", key=KEY)
    call("POST", "keys", 400, provider="groq", key=["canary"])
    for never in ("2300-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        call("POST", "keys", 400, provider="groq", key=KEY, expires_at=never)
        call("POST", "tokens", 400, name="for ever", scopes=["chat"], expires_at=never)
    assert call("GET", "keys") == []


def test_a_key_in_an_address_does_not_get_into_the_log(gearbox: tuple[Services, str]) -> None:
    services, origin = gearbox
    call = Caller(services, origin, *Permission)
    call("DELETE", f"keys/{KEY}", 404)
    call("POST", f"keys/{KEY}/rotate", 404, key=NEXT_KEY)
    call("DELETE", f"tokens/gbx_{KEY}", 404)
    call("DELETE", f"connections/{'x' * 2000}", 404)
    page = services.audit.search(services.actor(), AuditFilter(), None, 200)
    assert [entry for entry in page.entries if "canary" in entry.record.body or "xxx" in entry.record.body] == []
