"""Any history, of every part in every order, becomes a request that a strict server takes, for any model."""

from __future__ import annotations

import base64
import hashlib
import io
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.chat.bridge import Abilities, Files, RenderedHistory, render
from core.chat.bridge.rendering import room_for
from data.values.calls import ErrorKind
from data.values.media import Blob
from data.values.messages import Author, Utterance
from data.values.parts import (
    AudioPart,
    ChartPart,
    ErrorPart,
    FilePart,
    ImagePart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from data.values.sources import Source
from data.values.tool_calls import ToolState
from data.values.wire import parts_from_wire, parts_to_wire
from tests.chat.strict_openai import check

PDF = Blob("d" * 64, "application/pdf", 900)
SCAN = Blob("e" * 64, "application/pdf", 900)
GONE = Blob("0" * 64, "image/png", 10)


@cache
def picture(kind: str) -> tuple[Blob, bytes]:
    out = io.BytesIO()
    Image.new("RGB", (3, 2), "teal").save(out, kind)
    content = out.getvalue()
    return Blob(hashlib.sha256(content).hexdigest(), f"image/{kind.lower()}", len(content)), content


_KINDS = ("PNG", "JPEG", "GIF", "WEBP")
_ADDRESSES = {
    blob: f"data:{blob.media_type};base64,{base64.b64encode(content).decode()}"
    for blob, content in map(picture, _KINDS)
}
_TEXTS = {PDF: "Of the document. " * 20, SCAN: " \n"}
FILES = Files(_ADDRESSES.get, _TEXTS.get)

_words = st.one_of(st.sampled_from(["", " \n ", "Hello", "`````", "a" * 300]), st.text(max_size=20))
_names = st.sampled_from(["a.png", "b|c.pdf", "“d”"])
_pictures = st.builds(
    ImagePart,
    st.sampled_from([*(picture(kind)[0] for kind in _KINDS), GONE]),
    _names,
    st.integers(1, 3_000),
    st.integers(1, 3_000),
    st.sampled_from(["", "a cat"]),
)
_cells = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
_said: list[st.SearchStrategy[Part]] = [
    st.builds(TextPart, _words),
    st.builds(TextFilePart, _names, _words, st.integers(0, 9)),
    st.builds(ReasoningPart, _words),
    st.builds(NoticePart, _words),
    _pictures,
    st.builds(
        AudioPart,
        st.just(Blob("f" * 64, "audio/wav", 3)),
        _names,
        st.sampled_from([None, 1.5]),
        st.sampled_from(["", "hi"]),
    ),
    st.builds(FilePart, st.sampled_from([PDF, SCAN, GONE]), _names),
    st.builds(
        TablePart,
        st.sampled_from(["", "Sales"]),
        st.lists(st.text(max_size=4), max_size=3).map(tuple),
        st.lists(st.lists(_cells, max_size=4).map(tuple), max_size=4).map(tuple),
        st.integers(0, 900),
    ),
    st.builds(ChartPart, _words, st.sampled_from([{}, {"data": [{"type": "bar"}, 3]}, {"data": None}])),
    st.just(SourcesPart((Source("https://example.org", "example.org"),))),
    st.just(ErrorPart(ErrorKind.PROVIDER, "It failed.")),
    st.just(UnknownPart({"type": "hologram"})),
]
_ids = st.sampled_from(["", "call_0", "call_1", "toolu_01ABC", "x" * 80])
_arguments = st.sampled_from(
    ["", "{}", '{"a": [1, "ü"]}', '{"a": 1', "{'a': 'b',}", "[1]", "nothing", '{"a": NaN}', '{"a": 1e999}', "{" * 400]
)
_calls = st.builds(
    ToolCallPart,
    _ids,
    st.sampled_from(["add", "", "ü b.c", "n" * 90]),
    _arguments,
    st.sampled_from(ToolState),
    st.just("Add"),
)
_results = st.builds(
    ToolResultPart,
    _ids,
    st.lists(st.one_of(*_said), max_size=2).map(tuple),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 0.5]),
)
_parts = st.lists(st.one_of(*_said, _calls, _results, _calls, _results), max_size=7).map(tuple)
_histories = st.lists(st.tuples(st.sampled_from(Author), _parts), max_size=7)
_abilities = st.builds(Abilities, pictures=st.booleans(), tools=st.booleans())
_contexts = st.one_of(st.integers(1, 400), st.integers(1_000, 100_000), st.none())

_few = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_campaign = settings(_few, max_examples=5_000)
_EVERYTHING = Abilities(pictures=True, tools=True)

History = list[tuple[Author, tuple[Part, ...]]]


def _rendered(said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities) -> Any:
    history = [Utterance(seq, author, parts) for seq, (author, parts) in enumerate(said, 1)]
    return render(history, prompt, system_prompt=system, context_tokens=tokens, abilities=to, files=FILES)


def _goes_anywhere_and_back(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    before: RenderedHistory = _rendered(said, prompt, system, None, _EVERYTHING)
    there = _rendered(said, prompt, system, tokens, to)
    check(there.messages, pictures=to.pictures, tools=to.tools)
    # Back at a model that takes everything, from what is stored: the same request as if there had been no switch.
    stored = [(author, parts_from_wire(parts_to_wire(parts))) for author, parts in said]
    back = _rendered(stored, parts_from_wire(parts_to_wire(prompt)), system, None, _EVERYTHING)
    assert back.messages == before.messages
    if not before.is_cut:
        _holds_the_originals(said, prompt, before)


def _holds_the_originals(said: History, prompt: tuple[Part, ...], back: RenderedHistory) -> None:
    """Every picture that there is, and every text and call, is in the request of a model that takes all."""
    sent = str(back.messages)
    parts = [part for _, each in [*said, (Author.USER, prompt)] for part in each]
    shown = {part.blob.digest for part in parts if isinstance(part, ImagePart) and part.blob is not GONE}
    addresses = {
        part["image_url"]["url"]
        for message in back.messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "image_url"
    }
    assert len(addresses) >= len(shown)
    for author, each in said:
        calls = sum(isinstance(part, ToolCallPart) for part in each) if author is Author.ASSISTANT else 0
        assert calls <= sent.count("'type': 'function'")


@_few
@given(_histories, _parts, _words, _contexts, _abilities)
def test_any_history_goes_to_any_model_and_back(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    _goes_anywhere_and_back(said, prompt, system, tokens, to)


@pytest.mark.campaign
@_campaign
@given(_histories, _parts, _words, _contexts, _abilities)
def test_any_history_goes_to_any_model_and_back_campaign(
    said: History, prompt: tuple[Part, ...], system: str, tokens: int | None, to: Abilities
) -> None:
    _goes_anywhere_and_back(said, prompt, system, tokens, to)


@_few
@given(_histories, _contexts, _abilities)
def test_what_is_sent_beside_the_prompt_fits_the_room(said: History, tokens: int | None, to: Abilities) -> None:
    prompt: tuple[Part, ...] = (TextPart("And?"),)
    rendered: RenderedHistory = _rendered(said, prompt, "", tokens, to)
    alone = len(str(_rendered([], prompt, "", tokens, to).messages))
    contents = [message["content"] for message in rendered.messages if message["content"] is not None]
    texts = sum(
        len(each) if isinstance(each, str) else sum(len(part.get("text", "")) for part in each) for each in contents
    )
    joints = 15 * 2 * (len(said) + 1)  # stand-ins, and what joins two texts
    assert texts <= max(room_for(tokens), alone) + joints
