"""Histories for property tests: every part, in every order, with what has broken a chat somewhere."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from functools import cache

from hypothesis import assume
from hypothesis import strategies as st
from PIL import Image

from core.chat.bridge import Abilities, Files
from data.values.calls import ErrorKind
from data.values.media import Blob
from data.values.messages import Author
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
    VideoPart,
)
from data.values.sources import Source
from data.values.tool_calls import ToolState
from tests.chat.sounds_made import mp3, ogg, wav

PDF = Blob("d" * 64, "application/pdf", 900)
SCAN = Blob("e" * 64, "application/pdf", 900)
GONE = Blob("0" * 64, "image/png", 10)


@cache
def picture(kind: str) -> tuple[Blob, bytes]:
    out = io.BytesIO()
    Image.new("RGB", (3, 2), "teal").save(out, kind)
    content = out.getvalue()
    return Blob(hashlib.sha256(content).hexdigest(), f"image/{kind.lower()}", len(content)), content


def sound(content: bytes, media_type: str) -> tuple[Blob, bytes]:
    return Blob(hashlib.sha256(content).hexdigest(), media_type, len(content)), content


SOUNDS = (sound(wav(0.01), "audio/wav"), sound(mp3(2), "audio/mpeg"), sound(ogg(), "audio/ogg"))
"""Of the last kind no provider takes any."""

_KINDS = ("PNG", "JPEG", "GIF", "WEBP")
_ADDRESSES = {
    blob: f"data:{blob.media_type};base64,{base64.b64encode(content).decode()}"
    for blob, content in [*map(picture, _KINDS), *SOUNDS]
}
_TEXTS = {PDF: "Of the document. " * 20, SCAN: " \n"}
FILES = Files(_ADDRESSES.get, _TEXTS.get)

_traps = st.sampled_from(
    [
        "data:image/png;base64,iVBOR",  # litellm takes it for a picture where a tool gave it
        '{"a": 1e999}',  # and these for JSON, which its own JSON then can't say
        '[{"a": NaN}]',
        '{"a": ' * 2_000,
        '{"a": "\\ud83d"}',
        "half a sign: \ud83d",
    ]
)
WORDS = st.one_of(st.sampled_from(["", " \n ", "Hello", "`````", "a" * 300]), st.text(max_size=20), _traps)
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
    st.builds(TextPart, WORDS),
    st.builds(TextFilePart, _names, WORDS, st.integers(0, 9)),
    st.builds(ReasoningPart, WORDS),
    st.builds(NoticePart, WORDS),
    _pictures,
    st.builds(
        AudioPart,
        st.sampled_from([Blob("f" * 64, "audio/wav", 3), *(blob for blob, _ in SOUNDS)]),
        _names,
        st.sampled_from([None, 1.5]),
        st.sampled_from(["", "hi"]),
    ),
    st.builds(VideoPart, st.just(Blob("e" * 64, "video/mp4", 3)), _names, st.sampled_from([None, 2.0]), WORDS),
    st.builds(FilePart, st.sampled_from([PDF, SCAN, GONE]), _names),
    st.builds(
        TablePart,
        st.sampled_from(["", "Sales"]),
        st.lists(st.text(max_size=4), max_size=3).map(tuple),
        st.lists(st.lists(_cells, max_size=4).map(tuple), max_size=4).map(tuple),
        st.integers(0, 900),
    ),
    st.builds(ChartPart, WORDS, st.sampled_from([{}, {"data": [{"type": "bar"}, 3]}, {"data": None}])),
    st.just(SourcesPart((Source("https://example.org", "example.org"),))),
    st.just(ErrorPart(ErrorKind.PROVIDER, "It failed.")),
    st.just(UnknownPart({"type": "hologram"})),
]
_ids = st.sampled_from(["", "call_0", "call_1", "toolu_01ABC", "x" * 80])
_arguments = st.sampled_from(
    [
        "",
        "{}",
        "{}",
        '{"a": "\\ud83d"}',
        '{"a": [1, "ü"]}',
        '{"a": 1',
        "{'a': 'b',}",
        "[1]",
        "nothing",
        '{"a": NaN}',
        '{"a": 1e999}',
        "{" * 400,
    ]
)
_calls = st.builds(
    ToolCallPart,
    _ids,
    st.sampled_from(["add", "add", "", "2fa", "-", "ü b.c", "n" * 90]),
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
PARTS = st.lists(st.one_of(*_said, _calls, _results, _calls, _results), max_size=7).map(tuple)
HISTORIES = st.lists(st.tuples(st.sampled_from(Author), PARTS), max_size=7)
ABILITIES = st.builds(Abilities, pictures=st.booleans(), sounds=st.booleans(), tools=st.booleans())
CONTEXTS = st.one_of(st.integers(1, 400), st.integers(1_000, 100_000), st.none())

History = list[tuple[Author, tuple[Part, ...]]]

# What the shapes of all providers hold, so that it can be read out of them again.
_line = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(lambda text: f"say {text}")
_shown = st.builds(
    ImagePart, st.sampled_from([picture(kind)[0] for kind in ("PNG", "JPEG", "WEBP")]), _names, st.just(3), st.just(2)
)
_objects = st.dictionaries(
    st.text(max_size=4), st.one_of(st.integers(), st.text(max_size=4), st.booleans()), max_size=3
)


@st.composite
def _rounds(draw: st.DrawFn) -> list[Part]:
    """Words, then calls, then what each gave: as a model writes them that is told what its calls gave."""
    calls = [
        ToolCallPart(f"c{draw(st.integers(0, 10**9))}", "add", json.dumps(each), ToolState.DONE)
        for each in draw(st.lists(_objects, min_size=1, max_size=3, unique_by=json.dumps))
    ]
    assume(len({call.id for call in calls}) == len(calls))
    results = [ToolResultPart(call.id, (TextPart(draw(_line)),)) for call in calls]
    return [TextPart(draw(_line)), *calls, *results]


_answers = st.tuples(st.lists(_rounds(), max_size=2), _line).map(
    lambda made: (*(part for each in made[0] for part in each), TextPart(made[1]))
)
_prompts = st.tuples(st.lists(_shown, max_size=2), _line).map(lambda made: (*made[0], TextPart(made[1])))
EXCHANGES = st.lists(st.tuples(_prompts, _answers), max_size=4)
"""Prompts with their answers, of nothing but what can be read back."""
