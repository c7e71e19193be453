"""Which models and tools people may use, by HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.access.policy import Permission
from core.access.roles import LOCAL_OWNER_ID
from core.api.answers import Api
from core.api.routes import api_routes
from core.config import Settings
from core.services import Services, build
from tests.gateway.server import serve

PERSON = f"access-rules/people/{LOCAL_OWNER_ID}"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings = Settings(home=tmp_path, database_url="", kek_source="file", local_discovery=False, warm_up=False)
    with ExitStack() as stack:
        yield build(settings, stack, own_address=lambda: "http://127.0.0.1:1")


@pytest.fixture
def client(services: Services) -> Iterator[httpx.Client]:
    scopes = [Permission.CHAT, Permission.MANAGE_PEOPLE]
    token = services.tokens.create(services.actor(), "test", scopes)[1]
    with serve(Starlette(routes=api_routes(Api(lambda: services, lambda _: None)))) as origin:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{origin}/api/v1/", headers=headers, timeout=40, trust_env=False) as made:
            yield made


def test_what_is_put_is_kept_and_can_be_put_back(client: httpx.Client) -> None:
    none: dict[str, Any] = {"models": None, "tools": None}
    wanted = {"models": ["sandbox/*", "openay/*"], "tools": "none"}
    assert client.get("access-rules").json() == {"rules": []}
    changed = client.put("access-rules/organisation", json=wanted).json()
    assert changed == {**wanted, "before": none, "matches_nothing": ["openay/*"]}
    assert client.put(PERSON, json={"models": ["sandbox/scripted"], "tools": None}).status_code == 200
    kept = client.get("access-rules").json()["rules"]
    assert [(each["owner"], each["models"], each["tools"]) for each in kept] == [
        ("organisation", ["sandbox/*", "openay/*"], "none"), ("user", ["sandbox/scripted"], None),
    ]  # fmt: skip
    seen = client.get(PERSON).json()
    assert seen["usable_models"]["now"] == ["sandbox/scripted"]
    assert [each["owner"] for each in seen["usable_models"]["rules"]] == ["organisation", "user"]
    assert (seen["usable_tools"]["now"], seen["usable_tools"]["of"] > 5) == ([], True)
    assert client.put("access-rules/organisation", json=changed["before"]).json()["before"] == wanted
    assert len(client.get("access-rules").json()["rules"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"models": None},
        {"models": [], "tools": None},
        {"models": "all", "tools": None},
        {"models": ["gpt-4o"], "tools": None},
        {"models": ["two words/x"], "tools": None},
        {"models": ["x/y"] * 501, "tools": None},
    ],
)
def test_what_leaves_open_what_is_meant_is_refused(client: httpx.Client, body: dict[str, object]) -> None:
    assert client.put(PERSON, json=body).status_code == 400
    assert client.get("access-rules").json() == {"rules": []}


def test_a_refusal_names_the_field_once_and_no_type_of_ours(client: httpx.Client) -> None:
    told = client.put(PERSON, json={"models": [], "tools": None}).json()["error"]["message"]
    wanted = "models: List should have at least 1 item after validation, not 0, or: Input should be 'none'."
    assert told.startswith(f"The request can't be used: {wanted}")
    assert "body: it should be a JSON object." in client.put(PERSON, json=[]).json()["error"]["message"]


def test_rules_are_of_somebody(client: httpx.Client) -> None:
    sent = {"models": "none", "tools": None}
    for nobody in ("access-rules/teams/none", "access-rules/people/nobody"):
        assert client.put(nobody, json=sent).status_code == 404
    assert client.get("access-rules/people/nobody").status_code == 404
