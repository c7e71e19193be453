"""A picture in a model's answer does not phone home: nothing is asked of the host that it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.app.chat_page import ChatPage
from tests.app.server import AppServer
from tests.app.settings_page import SettingsPage
from tests.gateway.server import serve

pytestmark = pytest.mark.browser


def test_a_picture_in_an_answer_asks_nothing_of_its_host(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []

    async def listen(request: Request) -> Response:
        if request.url.path != "/favicon.ico":  # of the page that shows that it is heard
            asked.append(str(request.url))
        return Response(b"GIF89a", media_type="image/gif", headers={"Access-Control-Allow-Origin": "*"})

    with serve(Starlette(routes=[Route("/{path:path}", listen)])) as elsewhere:
        page.goto(elsewhere)
        assert asked, "it is heard where somebody does ask"
        asked.clear()
        answer = (
            f"Look: ![a]({elsewhere}/a.gif?secret=1) <img src='{elsewhere}/b.gif'> "
            f"<link rel='prefetch' href='{elsewhere}/c'> [![d]({elsewhere}/d.gif)]({elsewhere}/e) and that was all."
        )

        async def models(_request: Request) -> Response:
            return JSONResponse({"data": [{"id": "painter"}]})

        async def chat(_request: Request) -> Response:
            pieces: list[dict[str, object]] = [{"delta": {"content": answer}}, {"delta": {}, "finish_reason": "stop"}]
            events = [f"data: {json.dumps({'choices': [{'index': 0, **piece}]})}\n\n" for piece in pieces]
            return Response("".join([*events, "data: [DONE]\n\n"]), media_type="text/event-stream")

        provider = Starlette(
            routes=[Route("/v1/models", models), Route("/v1/chat/completions", chat, methods=["POST"])]
        )
        with serve(provider) as origin, AppServer(tmp_path / "home", environment={"GEARBOX_SANDBOX": "false"}) as app:
            SettingsPage(page, app.url).open().added("Painter", f"{origin}/v1")
            conversation = ChatPage(page, app.url).open()
            conversation.send("Paint something")
            expect(conversation.answers.last).to_contain_text("that was all.")
            page.wait_for_load_state("networkidle")
            page.reload()
            expect(conversation.answers.last).to_contain_text("that was all.")
            page.wait_for_load_state("networkidle")
    assert asked == []
