"""The search services that web search can ask, each in its own wire format.

Sources: docs.searxng.org/dev/search_api.html, api-dashboard.search.brave.com/app/documentation,
docs.tavily.com/documentation/api-reference.
"""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from core.tools.builtin.web import Web
from data.values.sources import Source, source

BRAVE = "https://api.search.brave.com"
TAVILY = "https://api.tavily.com"

Within = Literal["day", "week", "month", "year"]

_MARKUP = re.compile(r"<[^<>]{0,200}>")
_MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for: at most `count` results, of the last day, week, month or year where `within` says so."""

    query: str
    count: int
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that was found, with some words of it; `date` as the service tells it, or empty."""

    page: Source
    words: str
    date: str


@dataclass(frozen=True, slots=True)
class Engine:
    """A search service by its name for people. `search` raises GearboxError."""

    name: str
    search: Callable[[Wanted], Awaitable[list[Hit]]]


def searxng(web: Web, address: str) -> Engine:
    """A SearXNG server at the operator's address."""

    async def search(wanted: Wanted) -> list[Hit]:
        asked = {"q": wanted.query, "format": "json", **({"time_range": wanted.within} if wanted.within else {})}
        answer = await web.ask("GET", f"{address}/search?{urlencode(asked)}")
        return _hits(_rows(answer, "results"), "content", "publishedDate", wanted.count)

    return Engine("SearXNG", search)


def brave(web: Web, key: str, address: str = BRAVE) -> Engine:
    """The Brave Search API."""

    async def search(wanted: Wanted) -> list[Hit]:
        asked = {"q": wanted.query, "count": str(wanted.count), "text_decorations": "false"}
        if wanted.within:
            asked["freshness"] = f"p{wanted.within[0]}"
        headers = {"X-Subscription-Token": key}
        answer = await web.ask("GET", f"{address}/res/v1/web/search?{urlencode(asked)}", headers=headers)
        found = answer.get("web") if isinstance(answer, Mapping) else None
        return _hits(_rows(found, "results"), "description", "age", wanted.count)

    return Engine("Brave", search)


def tavily(web: Web, key: str, address: str = TAVILY) -> Engine:
    """Tavily's search API."""

    async def search(wanted: Wanted) -> list[Hit]:
        body: dict[str, Any] = {"query": wanted.query, "max_results": wanted.count}
        if wanted.within:
            body["time_range"] = wanted.within
        answer = await web.ask("POST", f"{address}/search", headers={"Authorization": f"Bearer {key}"}, body=body)
        return _hits(_rows(answer, "results"), "content", "published_date", wanted.count)

    return Engine("Tavily", search)


def _rows(answer: Any, name: str) -> list[Mapping[str, Any]]:
    rows = answer.get(name) if isinstance(answer, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _hits(rows: list[Mapping[str, Any]], words: str, date: str, count: int) -> list[Hit]:
    """The first `count` with an address that a person may follow, each page once."""
    found: dict[str, Hit] = {}
    for row in rows:
        page = source(row.get("url"), _plain(row.get("title"), 300))
        if page is not None and page.url not in found:
            found[page.url] = Hit(page, _plain(row.get(words), _MOST_WORDS), _plain(row.get(date), 40))
    return list(found.values())[:count]


def _plain(text: Any, most: int) -> str:
    """One line without markup: some services mark the words that were searched for."""
    if not isinstance(text, str):
        return ""
    line = " ".join(html.unescape(_MARKUP.sub("", text[: most * 4])).split())
    return "".join(char for char in line if char.isprintable())[:most]
