"""Every message part comes back from its stored form as it was, and nothing stored is ever lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.values.calls import ErrorKind
from data.values.media import Blob
from data.values.money import UNPRICED, Cost, CostBasis
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
    StepPart,
    TablePart,
    TextFilePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
    VideoPart,
)
from data.values.plans import Action, Earlier, Input, Step, StepState
from data.values.sources import Source
from data.values.tool_calls import ToolState
from data.values.wire import parts_from_wire, parts_to_wire

_TEXT = st.text(max_size=20)
_COUNT = st.integers(0, 10**12)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_CELL = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT
_BLOB = st.builds(Blob, _TEXT, _TEXT, _COUNT)
_SECONDS = st.none() | st.floats(0, 1e6)
_PLAIN = st.one_of(
    st.builds(TextPart, _TEXT),
    st.builds(TextFilePart, _TEXT, _TEXT, _COUNT),
    st.builds(ReasoningPart, _TEXT),
    st.builds(ImagePart, _BLOB, _TEXT, _COUNT, _COUNT, _TEXT),
    st.builds(AudioPart, _BLOB, _TEXT, _SECONDS, _TEXT),
    st.builds(VideoPart, _BLOB, _TEXT, _SECONDS, _TEXT),
    st.builds(FilePart, _BLOB, _TEXT),
    st.builds(TablePart, _TEXT, st.lists(_TEXT).map(tuple), st.lists(st.lists(_CELL).map(tuple)).map(tuple), _COUNT),
    st.builds(ChartPart, _TEXT, st.dictionaries(_TEXT, _JSON, max_size=3)),
    st.builds(ToolCallPart, _TEXT, _TEXT, _TEXT, st.sampled_from(ToolState), _TEXT),
    st.just(SourcesPart((Source("https://example.org/a", "A page"),))),
    st.builds(NoticePart, _TEXT),
    st.builds(ErrorPart, st.sampled_from(ErrorKind), _TEXT, _TEXT),
)
_COST = st.just(UNPRICED) | st.builds(
    Cost, st.decimals(0, 1000, places=6), st.sampled_from([CostBasis.PRICED, CostBasis.ESTIMATED])
)
_EARLIER = st.builds(Earlier, st.sampled_from(Input), _TEXT, _TEXT, st.none() | st.integers(1, 1000), _TEXT)
_STEP = st.builds(
    Step,
    _TEXT,
    st.sampled_from(Action),
    _TEXT,
    st.lists(_TEXT, max_size=2).map(tuple),
    st.lists(_EARLIER, max_size=2).map(tuple),
    _TEXT,
    st.none() | st.decimals(0, 10, places=4),
    _SECONDS,
)
_PROBLEM = st.none() | st.builds(ErrorPart, st.sampled_from(ErrorKind), _TEXT, _TEXT)
PARTS: st.SearchStrategy[Part] = st.one_of(
    _PLAIN,
    st.builds(
        StepPart,
        _STEP,
        st.sampled_from(StepState),
        st.lists(_PLAIN, max_size=3).map(tuple),
        _TEXT,
        _COST,
        _SECONDS,
        _PROBLEM,
    ),
    st.builds(ToolResultPart, _TEXT, st.lists(_PLAIN, max_size=3).map(tuple), st.booleans(), st.booleans(), _SECONDS),
)


@given(st.lists(PARTS, max_size=6).map(tuple))
def test_parts_come_back_from_json_as_they_were(parts: tuple[Part, ...]) -> None:
    assert parts_from_wire(json.loads(json.dumps(parts_to_wire(parts)))) == parts


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "hologram", "blob": 1},
        {"type": "image", "name": "no blob.png", "width": 1, "height": 1},
        {"type": "tool_call", "id": "1", "name": "x", "arguments": "{}", "state": "levitating"},
        {"type": "tool_result", "call_id": "1", "parts": 7},
        {"type": "table", "title": "t", "columns": None, "rows": [], "total_rows": 0},
        {"no type": True},
    ],
    ids=["newer type", "without a field", "newer state", "wrong field", "null field", "no type"],
)
def test_what_another_release_wrote_is_kept_to_the_letter(raw: dict[str, object]) -> None:
    document = {"v": 2, "parts": [raw]}
    parts = parts_from_wire(document)
    assert parts == (UnknownPart(raw),)
    assert parts_to_wire(parts)["parts"] == [raw]
