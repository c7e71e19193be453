"""What providers name as sources, in each of their forms, over real HTTP."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from core.providers.direct_transport import DirectTransport
from core.providers.litellm_transport import LitellmTransport
from core.providers.request import ModelRequest, Transport
from data.values.events import Delta, SourceDelta, TextDelta
from data.values.models import EndpointKind, Model, Wire
from data.values.parts import SourcesPart
from data.values.sources import MOST_SOURCES, Source, for_reading, source
from data.values.wire import parts_from_wire, parts_to_wire
from tests.gateway.calls import KEY, request
from tests.gateway.server import serve
from tests.gateway.test_direct_transport import Recorder, chunk, events

ONE, TWO = "https://one.example/a", "https://two.example/b?c=d&e=f#g"


def cites(url: str, title: str = "", **more: object) -> dict[str, Any]:
    return {"type": "url_citation", "url_citation": {"url": url, "title": title, **more}}


async def deltas_of(transport: Transport, asked: ModelRequest, key: str | None = None) -> list[Delta]:
    async with contextlib.aclosing(transport.stream(asked, key)) as deltas:
        return [delta async for delta in deltas if isinstance(delta, TextDelta | SourceDelta)]


def named(deltas: list[Delta]) -> list[Source]:
    return [delta.source for delta in deltas if isinstance(delta, SourceDelta)]


OPENROUTER = [
    chunk(content="It rains"),
    chunk(content=".", annotations=[cites(ONE, "One", content="long", start_index=0, end_index=8)]),
    chunk(annotations=[cites(ONE, "One", start_index=0, end_index=8), cites(TWO, start_index=8, end_index=9)]),
    chunk("stop"),
]
PERPLEXITY = [
    {**chunk(content=piece), "search_results": [{"title": "One", "url": ONE, "date": None}], "citations": [ONE, TWO]}
    for piece in ("", "It ", "rains.")
]
XAI = [chunk(content="It rains."), {**chunk("stop"), "citations": [ONE, TWO]}]
FLAT = [chunk(content="It rains.", annotations=[{"type": "url_citation", "url": ONE, "title": "One"}])]


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        (OPENROUTER, [Source(ONE, "One", 0, 8), Source(TWO, "", 8, 9)]),
        (PERPLEXITY, [Source(ONE, "One"), Source(TWO)]),
        (XAI, [Source(ONE), Source(TWO)]),
        (FLAT, [Source(ONE, "One")]),
    ],
    ids=["openrouter", "perplexity", "xai", "flat"],
)
async def test_a_stream_s_sources_come_once_and_never_before_its_words(
    direct: DirectTransport, documents: list[Any], expected: list[Source]
) -> None:
    with serve(Recorder(events(*documents))) as origin:
        deltas = await deltas_of(direct, request(f"{origin}/v1"))
    assert named(deltas) == expected
    assert isinstance(deltas[0], TextDelta)


async def test_a_whole_answer_s_sources(direct: DirectTransport) -> None:
    message = {"role": "assistant", "content": "It rains.", "annotations": [cites(ONE, "One")]}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "citations": [ONE, TWO]}
    with serve(Recorder(JSONResponse(whole))) as origin:
        assert named(await deltas_of(direct, request(f"{origin}/v1"))) == [Source(ONE, "One"), Source(TWO)]


@pytest.mark.parametrize(
    "annotations",
    ["no", {"url": ONE}, [None, 3, "x"], [{"type": "file_citation", "url": ONE}], [{"type": "url_citation"}]],
    ids=["word", "object", "odd", "file", "nothing"],
)
async def test_what_is_no_source_does_no_harm(direct: DirectTransport, annotations: object) -> None:
    answer = [
        {**chunk("stop", content="yes", annotations=annotations), "citations": {"a": 1}, "search_results": [None]}
    ]
    with serve(Recorder(events(*answer))) as origin:
        assert await deltas_of(direct, request(f"{origin}/v1")) == [TextDelta("yes")]


async def test_an_answer_names_so_many_and_no_more(direct: DirectTransport) -> None:
    many = [f"https://one.example/{number}" for number in range(3 * MOST_SOURCES)]
    with serve(Recorder(events({**chunk("stop", content="yes"), "citations": many}))) as origin:
        assert len(named(await deltas_of(direct, request(f"{origin}/v1")))) == MOST_SOURCES


async def test_what_litellm_makes_of_anthropic_s() -> None:
    cited = {
        "type": "web_search_result_location",
        "url": ONE,
        "title": "One",
        "cited_text": "rain",
        "encrypted_index": "x",
    }
    usage = {"input_tokens": 3, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "claude", "usage": usage}
    said: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "", "citations": []}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "It rains."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": cited}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}},
        {"type": "message_stop"},
    ]
    body = "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in said)
    transport = LitellmTransport()
    with serve(Recorder(Response(body, media_type="text/event-stream"))) as origin:
        asked = request(origin, wire=Wire.LITELLM)
        endpoint = replace(asked.endpoint, provider="anthropic", kind=EndpointKind.PROVIDER)
        model = Model("anthropic", "claude-sonnet-4-5", "Claude")
        deltas = await deltas_of(transport, replace(asked, endpoint=endpoint, model=model), KEY)
        await transport.aclose()
    assert named(deltas) == [Source(ONE, "One")]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://one.example/",
        "//one.example/",
        "https://ann:pw@one.example/",
        "https://ann@one.example/",
        "https:///path",
        "https://one.example:x/",
        "https://one.example/a b",
        "https://one.example/\nb",
        "https://one.example\\@two.example/",
        "https://one.ex<b>ample/",
        "https://one.example/" + "a" * 3000,
        "",
        None,
        7,
    ],
)
def test_only_addresses_that_a_person_may_be_led_to_are_kept(url: object) -> None:
    assert source(url) is None


@pytest.mark.parametrize(
    ("url", "kept", "host"),
    [
        (" HTTPS://One.Example/A ", "https://one.example/A", "one.example"),
        ("https://one.example/ä?ö=%20#ü", "https://one.example/%C3%A4?%C3%B6=%20#%C3%BC", "one.example"),
        ('https://one.example/">', "https://one.example/%22%3E", "one.example"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x", "2001:db8::1"),
    ],
    ids=["case", "unicode", "markup", "international", "ipv6"],
)
def test_addresses_are_plain(url: str, kept: str, host: str) -> None:
    made = source(url)
    assert made is not None
    assert (made.url, made.host) == (kept, host)


def test_titles_are_one_line_without_what_nobody_sees() -> None:
    made = source(ONE, " a\n\tb\u202ec\u200b\x00 ")
    assert made is not None and made.title == "a bc"
    long = source(ONE, "x" * 1000)
    assert long is not None and len(long.title) == 300


def test_for_reading_each_page_stands_once_with_a_title_if_it_ever_had_one() -> None:
    given = [Source(ONE, "", 1, 2), Source(TWO, "Two"), Source(ONE, "One", 3, 4), Source(ONE, "Other")]
    assert for_reading(given) == (Source(ONE, "One"), Source(TWO, "Two"))


def test_the_store_s_form_goes_round_and_a_bad_one_harms_nothing() -> None:
    part = SourcesPart((Source(ONE, "One"), Source(TWO)))
    assert parts_from_wire(parts_to_wire((part,))) == (part,)
    bad = [{"type": "sources", "sources": [{"url": "javascript:x"}, {"url": ONE}]}, {"type": "sources", "sources": [1]}]
    assert parts_from_wire({"parts": bad})[0] == SourcesPart((Source(ONE),))
