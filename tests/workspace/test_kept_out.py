"""Maintenance of a running Gearbox over real HTTP: who is refused, in which form, and what goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.access.policy import Permission
from core.api.ai_sdk.ui_chat import ui_routes
from core.api.v1.entrance import Entrance
from core.errors import UnderMaintenance
from data.values.actor import Actor, Role
from data.values.messages import MessageStatus
from data.values.operations import VideoRequest
from tests.api.gearbox import Gearbox, running
from tests.gateway.server import serve

MEMBER = Actor("max", frozenset({Role.MEMBER}))
SCRIPTED = "sandbox/scripted"
CHAT = {"model": SCRIPTED, "messages": [{"role": "user", "content": "[[pace:instant]] hello"}]}
UI = {"model": SCRIPTED, "messages": [{"role": "user", "parts": [{"type": "text", "text": "hello"}]}]}


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    with running(tmp_path_factory.mktemp("home") / "home") as served:
        yield served


@contextmanager
def maintenance(gearbox: Gearbox, words: str = "The disks are replaced.") -> Iterator[None]:
    admin, owner = gearbox.services.workspace.admin, gearbox.services.actor()
    admin.hold_maintenance(owner, words, ends_at=datetime.now(UTC) + timedelta(minutes=10))
    try:
        yield
    finally:
        admin.end_maintenance(owner)


def token(gearbox: Gearbox, *scopes: Permission) -> dict[str, str]:
    _, plain = gearbox.services.tokens.create(gearbox.services.actor(), "some", list(scopes))
    return {"Authorization": f"Bearer {plain}"}


def said(turn: Any) -> MessageStatus:
    assert turn.wait_ended(20)
    return MessageStatus(turn.ended.status)


def test_programs_are_refused_in_the_form_that_they_read(gearbox: Gearbox) -> None:
    services, chat = gearbox.services, token(gearbox, Permission.CHAT)
    with serve(Starlette(routes=ui_routes(Entrance(lambda: services)))) as origin, maintenance(gearbox):
        for method, path, body in (
            ("GET", "/v1/models", None), ("POST", "/v1/chat/completions", CHAT), ("GET", "/api/me", None),
            ("GET", "/api/v1/models", None), ("POST", "/api/chat", UI),
        ):  # fmt: skip
            base = origin if path == "/api/chat" else gearbox.origin
            answer = httpx.request(method, base + path, json=body, headers=chat, trust_env=False)
            assert answer.status_code == 503, path
            assert 500 < int(answer.headers["retry-after"]) <= 600
            if path.startswith("/v1"):
                assert answer.json()["error"]["code"] == "maintenance"
            else:
                assert answer.json()["type"] == "/api/docs#problem-maintenance"
            assert "The disks are replaced." in answer.text
    assert gearbox.ask("POST", "/v1/chat/completions", json=CHAT, headers=chat).status_code == 200


def test_those_who_manage_it_work_and_nobody_is_told_without_a_token(gearbox: Gearbox) -> None:
    manages = token(gearbox, Permission.MANAGE_WORKSPACE, Permission.CHAT)
    with maintenance(gearbox):
        assert gearbox.ask("POST", "/v1/chat/completions", json=CHAT, headers=manages).status_code == 200
        assert gearbox.ask("GET", "/api/v1/maintenance", headers=manages).json()["maintenance"]["standing"] == "live"
        assert gearbox.ask("GET", "/v1/models", headers={"Authorization": "Bearer gbx_no"}).status_code == 401
        assert gearbox.ask("DELETE", "/api/v1/maintenance", headers=manages).status_code == 204
        assert gearbox.ask("GET", "/v1/models").status_code == 200
        assert gearbox.ask("DELETE", "/api/v1/maintenance", headers=manages).status_code == 204
        assert gearbox.ask("PUT", "/api/v1/maintenance", json={"words": "Again."}).status_code == 200


def test_probes_and_monitoring_stay_as_they_are(gearbox: Gearbox) -> None:
    sees = token(gearbox, Permission.SEE_METRICS)
    assert "gearbox_maintenance 0.0" in gearbox.ask("GET", "/metrics", headers=sees).text
    with maintenance(gearbox):
        assert httpx.get(f"{gearbox.origin}/healthz", trust_env=False).status_code == 200
        assert httpx.get(f"{gearbox.origin}/readyz", trust_env=False).status_code == 200
        answer = gearbox.ask("GET", "/metrics", headers=sees)
        assert answer.status_code == 200 and "gearbox_maintenance 1.0" in answer.text


def test_an_answer_that_runs_is_finished_and_no_new_one_begins(gearbox: Gearbox) -> None:
    services, chat = gearbox.services, gearbox.services.chat
    choice = chat.choice(MEMBER, services.preferences.load(MEMBER), picked=SCRIPTED, history=[])
    turn = chat.send(MEMBER, None, "[[delay:1]] hello", choice)
    here = turn.begun.conversation_id
    with maintenance(gearbox):
        assert turn.wait_ended(20)
        last = chat.window(MEMBER, here)[-1]
        assert last.status is MessageStatus.COMPLETE
        for begin in (
            lambda: chat.send(MEMBER, here, "hello", choice),
            lambda: chat.retry(MEMBER, here, choice),
            lambda: chat.edit(MEMBER, here, last.id, "hello", choice),
            lambda: services.comparing.start(MEMBER, "hi", [SCRIPTED, "sandbox/scripted-no-tools"], is_blind=False),
            lambda: services.comparing.start_from(
                MEMBER, here, [SCRIPTED, "sandbox/scripted-no-tools"], is_blind=False
            ),
            lambda: services.reply_parts.read_aloud(MEMBER, here, last.id),
            lambda: services.reply_parts.again(MEMBER, here, last.id, "draw-1"),
            lambda: services.videos.start(MEMBER, "sandbox/scripted-video", VideoRequest("gears")),
        ):
            with pytest.raises(UnderMaintenance):
                begin()
        assert [each.id for each in chat.window(MEMBER, here)][-1] == last.id
        assert services.comparing.recent(MEMBER) == []
    assert chat.send(MEMBER, here, "[[pace:instant]] hello", choice).wait_ended(20)


def test_announcements_over_http(gearbox: Gearbox) -> None:
    sent = {"words": "**New** models", "kind": "success", "roles": ["analyst"], "ends_at": "2030-01-01T00:00:00+00:00"}
    refused = gearbox.ask("POST", "/api/v1/announcements", json=sent)
    assert refused.status_code == 400 and "within a year" in refused.text
    made = gearbox.ask("POST", "/api/v1/announcements", json={**sent, "ends_at": None})
    assert made.status_code == 201 and made.json()["standing"] == "live", made.text
    one = f"/api/v1/announcements/{made.json()['id']}"
    changed = gearbox.ask("PUT", one, json={"words": "New models", "version": 1})
    assert (changed.json()["version"], changed.json()["roles"]) == (2, [])
    assert gearbox.ask("PUT", one, json={"words": "Newer models", "version": 1}).status_code == 409
    assert gearbox.ask("POST", f"{one}/end").status_code == 204
    listed = gearbox.ask("GET", "/api/v1/announcements").json()["announcements"]
    assert [(each["words"], each["standing"]) for each in listed] == [("New models", "ended")]
    assert gearbox.ask("DELETE", one).status_code == 204
    assert gearbox.ask("DELETE", one).status_code == 404
