"""Fetching pages: what is read of them, and what a page or an address can't do."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence

import pytest

from core.errors import GearboxError
from core.providers.guard import AddressGuard
from core.tools.builtin.fetch_page import MOST_CHARS, fetch_page
from core.tools.builtin.readable import readable
from core.tools.builtin.web import MOST_BYTES, Fetched, Web
from core.tools.tool import ToolContext, ToolResult
from data.values.parts import SourcesPart, TextPart
from data.values.sources import Source
from data.values.tool_calls import Effect
from tests.gateway.test_guard import CONNECTED, NAMES, SPELLINGS
from tests.gateway.test_guard import _listening as listening
from tests.people import ALICE
from tests.tools.builtin.pages import Seen, endless, small_web


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    with small_web() as web:
        yield web


async def _fetch(seen: Seen, path: str, start: int = 0) -> ToolResult:
    return await fetch_page(seen.web()).run({"url": seen.origin + path, "start": start}, ToolContext(ALICE))


async def _text(seen: Seen, path: str, start: int = 0) -> str:
    part = (await _fetch(seen, path, start)).parts[0]
    assert isinstance(part, TextPart)
    return part.text


async def test_a_page_becomes_markdown_with_its_source(seen: Seen) -> None:
    result = await _fetch(seen, "/article")
    text, sources = result.parts
    assert isinstance(text, TextPart)
    assert text.text.startswith(f"Page: About tea & more\nAddress: {seen.origin}/article\n\n# Tea")
    assert f"an [aromatic]({seen.origin}/leaf) drink of **hot** water" in text.text
    assert "| Green | 3.20 |" in text.text
    assert not {"Shop", "Terms", "alert", "color"} & set(text.text.replace("(", " ").split())
    assert sources == SourcesPart((Source(f"{seen.origin}/article", "About tea & more"),))
    assert result.is_untrusted
    assert fetch_page(seen.web()).effect is Effect.GOES_OUT


async def test_redirects_are_followed_without_cookies(seen: Seen) -> None:
    seen.requests.clear()
    assert f"Address: {seen.origin}/article" in await _text(seen, "/hop")
    assert [path for path, _ in seen.requests] == ["/hop", "/article"]
    for _, headers in seen.requests:
        assert not {"cookie", "authorization", "referer"} & set(headers)
        assert "Gearbox" in headers["user-agent"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/packed", "# Tea"),
        ("/json", '{"price": "3 €"}'),
        ("/latin", "Page: Käse"),
        ("/latin", "Gruß"),
        ("/meta", "日本語"),
        ("/hidden", "\n\nSee this now"),
    ],
)
async def test_what_can_be_read_is_read(seen: Seen, path: str, words: str) -> None:
    assert words in await _text(seen, path)


async def test_a_long_page_is_read_in_pieces(seen: Seen) -> None:
    first = await _text(seen, "/long")
    assert f"Characters 0 to {MOST_CHARS:,} of 50,000; call again with start={MOST_CHARS} for more" in first
    second = await _text(seen, "/long", MOST_CHARS)
    assert "Characters 30,000 to 50,000 of 50,000\n\n000003000\n" in second
    with pytest.raises(GearboxError, match="only 50,000 characters"):
        await _text(seen, "/long", 50_000)


async def test_a_gigabyte_is_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    with endless(head, b"a " * (1 << 19)) as (url, taken):
        page = await Web(AddressGuard(hosts=["127.0.0.1"])).get(url)
    assert (len(page.body), page.is_cut) == (MOST_BYTES, True)
    assert sum(taken) < 64 << 20, "the rest was never sent"


async def test_a_bomb_stays_packed(seen: Seen) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "only its beginning was read" in await _text(seen, "/bomb")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10, "128 MB are packed in it"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/to-inside", "127.0.0.1 can't be reached .*this machine"),
        ("/to-file", "http:// or https://"),
        ("/to-password", "without password"),
        ("/loop", "more than 5 times"),
        ("/not-packed", "can't be unpacked"),
        ("/brotli", "not asked for"),
        ("/picture", "no text but image/png"),
        ("/no-kind", "of no kind that its server names"),
        ("/empty", "no text there. A script may"),
        ("/teapot", r"answered with status 418 \(I'm a Teapot\)"),
    ],
)
async def test_what_can_not_be_read_is_told(seen: Seen, path: str, words: str) -> None:
    with pytest.raises(GearboxError, match=words):
        await _fetch(seen, path)


def test_a_page_made_to_take_for_ever_is_given_up() -> None:
    """Reading 150,000 attributes of one element takes half a minute: its process is ended."""
    body = "<p " + " ".join(f"a{number}=1" for number in range(150_000)) + ">x</p>"
    with pytest.raises(GearboxError, match="too intricate"):
        readable(Fetched("https://example.org/", "text/html", "", body.encode(), is_cut=False), within=2.0)


async def test_a_page_as_deep_as_its_bytes_ends(seen: Seen) -> None:
    with pytest.raises(GearboxError, match="no text"):
        await _text(seen, "/deep")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "javascript:alert(1)",
        "data:text/html,hi",
        "https://user:word@example.org/",
        "https://example.org\\@127.0.0.1/",
        "https://exam ple.org/",
        "https://example.org/\r\nX: y",
        "//example.org",
        "example.org",
        "",
        "https://",
        "https://example.org:99999/",
    ],
)
async def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    before = len(CONNECTED)
    with pytest.raises(GearboxError, match="no address that can be fetched"):
        await fetch_page(Web(AddressGuard())).run({"url": url}, ToolContext(ALICE))
    assert CONNECTED[before:] == []


async def _resolve(host: str, _port: int) -> Sequence[str]:
    return {name.rstrip("."): found for name, found in NAMES.items()}.get(host.rstrip("."), ["127.0.0.1"])


async def test_no_spelling_of_an_address_inside_is_connected_to(seen: Seen) -> None:
    """Here loopback is closed, as in the product: endpoints that may be there are another guard's."""
    web = Web(AddressGuard(resolve=_resolve))
    port = seen.origin.rpartition(":")[2]
    seen.requests.clear()
    before = len(CONNECTED)
    for host in (*SPELLINGS, *NAMES):
        with pytest.raises(GearboxError):
            await fetch_page(web).run({"url": f"http://{host}:{port}/article"}, ToolContext(ALICE))
    assert CONNECTED[before:] == []
    assert seen.requests == []


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Type: text/plain\r\n\r\nab"]
)
async def test_what_is_no_http_or_breaks_off_is_told(answer: bytes) -> None:
    web = Web(AddressGuard(hosts=["127.0.0.1"]))
    with listening(answer) as (port, _), pytest.raises(GearboxError, match="broke off or sent what is no HTTP"):
        await fetch_page(web).run({"url": f"http://127.0.0.1:{port}/"}, ToolContext(ALICE))
