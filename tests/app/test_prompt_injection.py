"""Prompt injection on the chat page: whatever an answer holds, the browser asks nothing of another host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Served

from core.tools.builtin.figures import BadFigure, check_figure
from tests.app.chat_page import ChatPage
from tests.app.injections import LAST, conversation, in_figures, in_markdown
from tests.app.server import AppServer
from tests.gateway.server import serve

HEARD: list[str] = []


@pytest.fixture(scope="module")
def evil() -> Iterator[str]:
    """Another host, which hears whoever asks it for anything."""

    async def listen(request: Request) -> Response:
        HEARD.append(str(request.url))
        return Response(b"GIF89a", media_type="image/gif", headers={"Access-Control-Allow-Origin": "*"})

    with serve(Starlette(routes=[Served("/{path:path}", listen, methods=["GET", "POST", "HEAD"])])) as origin:
        yield origin


def test_there_are_enough_of_them() -> None:
    assert len(in_markdown("http://evil.example")) + len(in_figures("http://evil.example")) >= 50


@pytest.mark.parametrize("place", range(len(in_figures(""))))
def test_no_such_figure_is_ours(place: int) -> None:
    with pytest.raises(BadFigure):
        check_figure(in_figures("http://evil.example")[place])


@pytest.mark.browser
def test_nothing_in_an_answer_asks_anything_of_another_host(page: Page, tmp_path: Path, evil: str) -> None:
    home = tmp_path / "home"
    known = conversation(home, evil)
    with AppServer(home) as app:
        tried: list[str] = []
        passed: list[str] = []

        def note(url: str, into: list[str]) -> None:
            if url.startswith(("http", "ws")) and not url.split("://")[1].startswith(app.url.split("://")[1]):
                into.append(url)

        def see(route: Route) -> None:
            note(route.request.url, passed)
            route.continue_()

        page.context.on("request", lambda request: note(request.url, tried))  # also those that the policy forbids
        page.context.route(re.compile("."), see)
        chat = ChatPage(page, app.url).open(f"/?c={known}")
        expect(chat.answers.last).to_contain_text(LAST)
        for summary in page.get_by_test_id("stExpander").locator("> details > summary").all():
            summary.click()
        said = "\n\n".join(each for each in in_markdown(evil) if "]]" not in each)  # which would end it
        chat.send(f"[[pace:instant]][[say:{said}\n\n{LAST} Twice.]]")
        expect(chat.answers.last).to_contain_text(f"{LAST} Twice.")
        page.wait_for_load_state("networkidle")
    assert (passed, HEARD) == ([], []), "the browser may not"
    assert sorted(set(tried)) == [], "and is not asked to"
