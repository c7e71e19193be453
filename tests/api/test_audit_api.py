"""The audit log by HTTP: paged, filtered, verified and exported, and only for whom it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from core.access.policy import Permission
from core.api.answers import Api
from core.api.routes import api_routes
from core.audit.standalone import verify
from core.config import Settings
from core.services import build
from data.store import OwnerId, open_store
from data.values.audit import Action, AuditEvent, AuditOutcome
from tests.gateway.server import serve


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Clients of somebody who may see the log, and of somebody who may not; seven events of Bob are in it."""
    settings = Settings(
        home=Path(tmp_path_factory.mktemp("home")), database_url="", kek_source="file", sandbox=False,
        local_discovery=False, warm_up=False,
    )  # fmt: skip
    with ExitStack() as stack:
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        store = open_store(settings.store_url, owner=OwnerId.current())
        stack.callback(store.close)
        for number in range(7):
            outcome = AuditOutcome.REFUSED if number % 2 else AuditOutcome.DONE
            store.audit.record(AuditEvent(Action.SIGN_IN, outcome, "bob", request_id=f"r{number}"))
        app = Starlette(routes=api_routes(Api(lambda: services, lambda _cookies: None)))
        origin = stack.enter_context(serve(app))
        tokens = (
            services.tokens.create(services.actor(), "test", scopes)[1]
            for scopes in ((Permission.SEE_AUDIT,), (Permission.CHAT,))
        )
        admin, member = (
            stack.enter_context(
                httpx.Client(base_url=f"{origin}/api/audit/", headers={"Authorization": f"Bearer {token}"}, timeout=40)
            )
            for token in tokens
        )
        yield admin, member


def test_pages_go_on_where_the_last_ended(asked: tuple[httpx.Client, httpx.Client]) -> None:
    admin, _ = asked
    found, older = [], ""
    for _ in range(3):
        page = admin.get("events", params={"actor": "bob", "limit": 3, "older": older}).json()
        found += [each["event"]["request"] for each in page["events"]]
        older = page["older"] or ""
    assert found == [f"r{number}" for number in reversed(range(7))]
    refused = admin.get("events", params={"actor": "bob", "outcome": "refused"}).json()
    assert [each["outcome"] for each in refused["events"]] == ["refused"] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "2026-11-25T08:00:00"},
        {"until": "yesterday"},
        {"limit": "501"},
        {"outcome": "well"},
        {"older": "nowhere"},
        {"older": "0001-01-01T00:00:00+23:00~c~1"},
    ],
)
def test_a_search_that_can_not_be_is_told(asked: tuple[httpx.Client, httpx.Client], wrong: dict[str, str]) -> None:
    admin, _ = asked
    answer = admin.get("events", params=wrong)
    assert 400 <= answer.status_code < 500, answer.text
    assert "docs/api.md" not in answer.text


def test_what_is_exported_is_verified_with_the_public_key(asked: tuple[httpx.Client, httpx.Client]) -> None:
    admin, _ = asked
    assert admin.post("verify").json()["ok"] is True
    key = admin.get("public-key").content
    for wanted in ("jsonl", "ocsf", "cef"):
        answer = admin.post("export", json={"format": wanted})
        assert answer.status_code == 200, answer.text
        verify(io.BytesIO(answer.content), key)
    assert admin.get("status").json()["refusing"] == ""
    assert 400 <= admin.post("export", json={"since": "2026-11-25T08:00:00"}).status_code < 500


def test_who_may_not_see_the_log_is_refused(asked: tuple[httpx.Client, httpx.Client]) -> None:
    _, member = asked
    answers = [member.get("events"), member.get("status"), member.get("public-key")]
    answers += [member.post("verify"), member.post("export")]
    assert {answer.status_code for answer in answers} == {403}
    assert all("bob" not in answer.text for answer in answers)
