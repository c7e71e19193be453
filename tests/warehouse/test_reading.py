"""Many events at once are read as one by one: the same rows, and never a row of what one by one would be refused."""

from __future__ import annotations

import json
import random
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel, ValidationError

from data.warehouse.activity import FlagExposure, SignIn, ToolCall
from data.warehouse.drain import _frame
from data.warehouse.reading import frame_of, texts_at
from data.warehouse.schema import ModelCall
from tests.warehouse.test_rollups import event

_NOTHING = object()
MUTATIONS: dict[str, dict[str, Any]] = {
    "a key is missing": {"latency_ms": _NOTHING},
    "a key that is null anyway is missing": {"error_kind": _NOTHING},
    "null where there is none": {"provider": None},
    "a moment without a zone": {"ts": "2026-11-30T07:00:00"},
    "no moment": {"ts": "yesterday"},
    "a number as text": {"input_tokens": "5"},
    "a broken number": {"input_tokens": 1.5},
    "below nothing": {"input_tokens": -1},
    "more than fits": {"input_tokens": 2**63},
    "truth as a number": {"stopped": 7},
    "no amount": {"cost_amount": "a lot"},
    "no number": {"cost_amount": "NaN"},
    "an amount without end": {"cost_amount": "1" + "0" * 20},
    "time as text": {"latency_ms": "quick"},
}


def payload(rng: random.Random, number: int) -> dict[str, Any]:
    return event(rng, number) | {"team_id": rng.choice([None, "red", 'a "quoted"\nteam, ü😀'])}


@pytest.mark.parametrize("seed", range(5))
def test_many_at_once_are_the_rows_of_one_by_one(seed: int) -> None:
    rng = random.Random(seed)
    payloads = [payload(rng, number) | {"of_a_later_release": [1, {"x": None}]} for number in range(300)]
    frame = frame_of(ModelCall, [json.dumps(each) for each in payloads])
    assert frame is not None
    assert frame.equals(_frame([ModelCall.model_validate(each) for each in payloads]))


def test_a_row_of_the_release_before_has_no_columns_that_came_later() -> None:
    old = payload(random.Random(1), 1)
    for later in ("quantity", "unit", "cache", "saved_amount", "team_id"):
        del old[later]
    frame = frame_of(ModelCall, [json.dumps(old)])
    assert frame is not None and frame["team_id"].to_list() == [None]


@pytest.mark.parametrize("what", MUTATIONS)
def test_what_one_by_one_is_refused_is_not_read_at_once(what: str) -> None:
    rng = random.Random(2)
    sound = [payload(rng, number) for number in range(5)]
    wrong = {name: value for name, value in (sound[2] | MUTATIONS[what]).items() if value is not _NOTHING}
    with pytest.raises(ValidationError):
        ModelCall.model_validate(wrong)
    assert frame_of(ModelCall, [json.dumps(each) for each in sound]) is not None
    assert frame_of(ModelCall, [json.dumps(each) for each in (*sound[:2], wrong, *sound[3:])]) is None


@pytest.mark.parametrize("text", ["[]", "null", "{", '{"event_id": "\ud800"}', ""])
def test_what_is_no_event_is_not_read(text: str) -> None:
    assert frame_of(ModelCall, [json.dumps(payload(random.Random(3), 1)), text]) is None


@pytest.mark.parametrize("rows", [ToolCall, SignIn, FlagExposure])
def test_the_other_plain_events(rows: type[BaseModel]) -> None:
    told = {name: f"a {name}" for name in rows.model_fields} | {"ts": "2026-11-30T07:00:00.25+01:00"}
    if "latency_ms" in told:
        told |= {"latency_ms": 7}  # type: ignore[dict-item]
    frame = frame_of(rows, [json.dumps(told)])
    assert frame is not None and frame.equals(_frame([rows.model_validate(told)]))


def test_texts_at_a_key() -> None:
    found = texts_at(['{"event_id": "a", "x": {"event_id": "b"}}', "{}", '{"event_id": "ü\\n"}'], "event_id")
    assert found.equals(pl.Series(["a", "", "ü\n"]))
