"""Web search in the three wire formats, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from core.config import Settings, load_settings
from core.errors import ConfigError, GearboxError
from core.providers.guard import AddressGuard
from core.tools.builtin.engines import Engine, brave, searxng, tavily
from core.tools.builtin.web import Web
from core.tools.builtin.web_search import web_search
from core.tools.tool import ToolContext, ToolResult
from data.values.parts import SourcesPart, TextPart
from data.values.sources import Source
from data.values.tool_calls import Effect
from tests.gateway.server import serve
from tests.people import ALICE

KEY = "tvly-canary-0123456789abcdef"

_SEARXNG = {
    "results": [
        {"url": "https://tea.example/", "title": "Tea &amp; <b>more</b>", "content": "All of <em>tea</em>.\n Hot."},
        {"url": "https://tea.example/", "title": "Again", "content": "the same page"},
        {"url": "javascript:alert(1)", "title": "No address", "content": "x"},
        {"url": "https://leaf.example/a b", "title": "None either", "content": "x"},
        {"url": "https://leaf.example/", "title": None, "content": 5, "publishedDate": "2026-11-01T00:00:00"},
        "no row",
    ],
}
_PAGE = {"url": "https://tea.example/", "title": "Tea"}
_BRAVE = {"web": {"results": [{**_PAGE, "description": "Hot.", "age": "2 days ago"}]}}
_TAVILY = {"results": [{**_PAGE, "content": "Hot.", "score": 0.9}]}


@contextmanager
def _service(answer: Response | Callable[[], Response]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    seen: list[dict[str, Any]] = []

    async def take(request: Request) -> Response:
        body = await request.body()
        seen.append(
            {
                "method": request.method,
                "path": request.url.path,
                "query": dict(request.query_params),
                "headers": dict(request.headers),
                "body": json.loads(body) if body else None,
            }
        )
        return answer if isinstance(answer, Response) else answer()

    with serve(Starlette(routes=[Route("/{path:path}", take, methods=["GET", "POST"])])) as origin:
        yield origin, seen


def _web(*origins: str) -> Web:
    return Web(AddressGuard(hosts=[urlsplit(origin).netloc for origin in origins]))


def _search(*engines: Engine, **asked: Any) -> ToolResult:
    tool = web_search(engines)
    assert tool is not None and tool.effect is Effect.GOES_OUT
    return asyncio.run(tool.run({"query": "tea", **asked}, ToolContext(ALICE)))


def test_searxng() -> None:
    with _service(JSONResponse(_SEARXNG)) as (origin, seen):
        result = _search(searxng(_web(origin), f"{origin}/searx"), within="week")
    text, sources = result.parts
    assert text == TextPart(
        "SearXNG found for 'tea':\n\n1. Tea & more\n   https://tea.example/\n   All of tea. Hot.\n\n"
        "2. leaf.example (2026-11-01T00:00:00)\n   https://leaf.example/"
    )
    assert sources == SourcesPart((Source("https://tea.example/", "Tea & more"), Source("https://leaf.example/")))
    assert result.is_untrusted
    (asked,) = seen
    assert (asked["method"], asked["path"]) == ("GET", "/searx/search")
    assert asked["query"] == {"q": "tea", "format": "json", "time_range": "week"}


def test_brave() -> None:
    with _service(JSONResponse(_BRAVE)) as (origin, seen):
        result = _search(brave(_web(origin), KEY, origin), count=3, within="month", query="tea & more=2")
    text = result.parts[0]
    assert isinstance(text, TextPart)
    assert text.text.endswith("\n\n1. Tea (2 days ago)\n   https://tea.example/\n   Hot.")
    (asked,) = seen
    assert asked["path"] == "/res/v1/web/search"
    assert asked["query"] == {"q": "tea & more=2", "count": "3", "text_decorations": "false", "freshness": "pm"}
    assert asked["headers"]["x-subscription-token"] == KEY


def test_tavily() -> None:
    with _service(JSONResponse(_TAVILY)) as (origin, seen):
        result = _search(tavily(_web(origin), KEY, origin), within="year")
    assert result.parts[1] == SourcesPart((Source("https://tea.example/", "Tea"),))
    (asked,) = seen
    assert (asked["method"], asked["path"]) == ("POST", "/search")
    assert asked["body"] == {"query": "tea", "max_results": 6, "time_range": "year"}
    assert asked["headers"]["authorization"] == f"Bearer {KEY}"


def test_the_next_service_is_asked_when_one_fails_and_no_key_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with _service(Response("no", status_code=429)) as (full, _), _service(JSONResponse(_TAVILY)) as (good, _):
        web = _web(full, good)
        assert "Tavily found" in str(_search(brave(web, KEY, full), tavily(web, KEY, good)).parts[0])
        with pytest.raises(GearboxError, match=r"could not be searched. Brave: .*status 429") as refused:
            _search(brave(web, KEY, full))
    assert KEY not in str(refused.value) + refused.value.remedy
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (JSONResponse({"results": []}), "found nothing"),
        (JSONResponse({"results": "none"}), "found nothing"),
        (JSONResponse(["no", "object"]), "found nothing"),
    ],
)
def test_nothing_is_said_to_be_found(answer: Response, words: str) -> None:
    with _service(answer) as (origin, _):
        assert words in str(_search(tavily(_web(origin), KEY, origin)).parts[0])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response("<html>", media_type="text/html"), "no JSON"),
        (Response("[" * 100_000), "no JSON"),
        (Response("forbidden", status_code=403), "status 403"),
    ],
)
def test_what_is_no_answer_is_told(answer: Response, words: str) -> None:
    with _service(answer) as (origin, _), pytest.raises(GearboxError, match=words):
        _search(searxng(_web(origin), origin))


def test_a_redirect_takes_no_key_along() -> None:
    with _service(JSONResponse(_TAVILY)) as (other, seen), _service(RedirectResponse(f"{other}/search")) as (origin, _):
        with pytest.raises(GearboxError, match="status 307"):
            _search(tavily(_web(origin, other), KEY, origin))
        assert seen == []


def test_a_service_that_leads_inside_is_not_called() -> None:
    with _service(JSONResponse(_TAVILY)) as (origin, seen):
        with pytest.raises(GearboxError, match="this machine"):
            _search(tavily(Web(AddressGuard()), KEY, origin))
        assert seen == []


def test_without_a_service_there_is_no_tool() -> None:
    assert web_search([]) is None


def test_keys_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    settings = Settings(brave_key=KEY, tavily_key_file=tmp_path / "key")
    assert (settings.search_key("brave"), settings.search_key("tavily")) == (KEY, KEY)
    assert KEY not in repr(settings)
    assert Settings().search_key("brave") == ""
    with pytest.raises(ConfigError, match="GEARBOX_TAVILY_KEY_FILE can't be read"):
        Settings(tavily_key_file=tmp_path / "missing").search_key("tavily")
    with pytest.raises(ConfigError, match="GEARBOX_BRAVE_KEY is no key"):
        Settings(brave_key=f"{KEY}\nX: y").search_key("brave")
    monkeypatch.setenv("GEARBOX_SEARXNG_URL", "https://user:word@search.example")
    with pytest.raises(ConfigError, match="GEARBOX_SEARXNG_URL") as refused:
        load_settings()
    assert "word@" not in str(refused.value)
