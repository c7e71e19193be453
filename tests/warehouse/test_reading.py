"""Many events at once are read as one by one: the same rows, and never a row of what one by one would be refused."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import polars as pl
import pytest
from pydantic import BaseModel, ValidationError

from data.warehouse.activity import FlagExposure, SignIn, ToolCall
from data.warehouse.drain import _frame
from data.warehouse.reading import frame_of, texts_at
from data.warehouse.routing import Propensity, RoutingDecision, RoutingFeedback
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
    "a text as a number": {"provider": 5},
    "a text as a list": {"error_kind": ["timeout"]},
    "a text as truth": {"status": True},
}
CHOICE: dict[str, Any] = {
    "event_id": "77", "ts": "2026-11-30T07:00:00+00:00", "user_id": "ann", "turn_id": "t", "task": "code",
    "tasks": {"code": 0.75, 'a "quoted" \\ one\n': 0.25}, "chosen": "a/b", "chooser": "policy", "explored": False,
    "policy": "v1", "snapshot": "9", "overrules": None, "propensity": 1, "quality": 0.5, "reward": None,
    "cost_estimate": "0.01", "seconds_estimate": 1.5, "cost_weight": 0, "speed_weight": 0.5, "candidates": 2,
    "arms": [{"model": "a/b ü", "quality": 0.5, "reward": None, "n": 12.25, "cost": None, "seconds": 1}],
}  # fmt: skip
CHOICE_MUTATIONS: dict[str, dict[str, Any]] = {
    "a key that only what is kept has": {"reward": _NOTHING},
    "no JSON": {"arms": _NOTHING},
    "nothing is no share": {"propensity": 0},
    "more than all is no share": {"propensity": 1.01},
    "an endless number": {"quality": float("inf")},
    "a number where a list is before it": {"chosen": 3},
}
SHOWN: dict[str, Any] = {
    "event_id": "f", "ts": "2026-11-30T07:00:00+00:00", "user_id": "ann", "turn_id": "t", "decision_id": None,
    "model_id": "a/b", "task": "code", "signal": "won", "against": ["c/d", "e/f"], "reason": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def one_by_one(rows: type[BaseModel], payloads: Sequence[dict[str, Any]]) -> pl.DataFrame:
    return _frame([rows.model_validate(each) for each in payloads])


def with_values(frame: pl.DataFrame, *names: str) -> list[dict[str, Any]]:
    return [row | {name: json.loads(row[name]) for name in names} for row in frame.to_dicts()]


def payload(rng: random.Random, number: int) -> dict[str, Any]:
    return event(rng, number) | {"team_id": rng.choice([None, "red", 'a "quoted"\nteam, ü😀'])}


@pytest.mark.parametrize("seed", range(5))
def test_many_at_once_are_the_rows_of_one_by_one(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    rng = random.Random(seed)
    payloads = [payload(rng, number) | {"of_a_later_release": [1, {"x": None}]} for number in range(300)]
    frame = frame_of(con, ModelCall, [json.dumps(each) for each in payloads])
    assert frame is not None
    assert frame.equals(one_by_one(ModelCall, payloads))


def test_a_row_of_the_release_before_has_no_columns_that_came_later(con: duckdb.DuckDBPyConnection) -> None:
    old = payload(random.Random(1), 1)
    for later in ("quantity", "unit", "cache", "saved_amount", "team_id"):
        del old[later]
    frame = frame_of(con, ModelCall, [json.dumps(old)])
    assert frame is not None and frame["team_id"].to_list() == [None]


@pytest.mark.parametrize("what", MUTATIONS)
def test_what_one_by_one_is_refused_is_not_read_at_once(con: duckdb.DuckDBPyConnection, what: str) -> None:
    rng = random.Random(2)
    sound = [payload(rng, number) for number in range(5)]
    wrong = {name: value for name, value in (sound[2] | MUTATIONS[what]).items() if value is not _NOTHING}
    with pytest.raises(ValidationError):
        ModelCall.model_validate(wrong)
    assert frame_of(con, ModelCall, [json.dumps(each) for each in sound]) is not None
    assert frame_of(con, ModelCall, [json.dumps(each) for each in (*sound[:2], wrong, *sound[3:])]) is None


@pytest.mark.parametrize("text", ["[]", "null", "{", '{"event_id": "\ud800"}', ""])
def test_what_is_no_event_is_not_read(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert frame_of(con, ModelCall, [json.dumps(payload(random.Random(3), 1)), text]) is None


@pytest.mark.parametrize("rows", [ToolCall, SignIn, FlagExposure])
def test_the_other_plain_events(con: duckdb.DuckDBPyConnection, rows: type[BaseModel]) -> None:
    told = {name: f"a {name}" for name in rows.model_fields} | {"ts": "2026-11-30T07:00:00.25+01:00"}
    told |= dict.fromkeys({"latency_ms", "version"} & told.keys(), 7)  # type: ignore[arg-type]
    frame = frame_of(con, rows, [json.dumps(told)])
    assert frame is not None and frame.equals(one_by_one(rows, [told]))


def test_choices_and_what_people_showed_keep_their_json(con: duckdb.DuckDBPyConnection) -> None:
    others: dict[str, Any] = {
        "chooser": "person",
        "tasks": {},
        "arms": [],
        "quality": None,
        "propensity": None,
        "overrules": "12",
    }
    choices = [CHOICE, CHOICE | others, CHOICE | {"arms": None}]
    for rows, payloads, kept in (
        (RoutingDecision, choices, ("tasks", "arms")),
        (RoutingFeedback, [SHOWN, SHOWN | {"against": [], "reason": "wrong"}], ("against",)),
    ):
        frame = frame_of(con, rows, [json.dumps(each) for each in payloads])
        assert frame is not None
        assert with_values(frame, *kept) == with_values(one_by_one(rows, payloads), *kept)
    told = [{"event_id": "1", "propensity": 0.25}, {"event_id": "2", "propensity": 1}]
    frame = frame_of(con, Propensity, [json.dumps(each) for each in told])
    assert frame is not None and frame.to_dicts() == told


@pytest.mark.parametrize("what", CHOICE_MUTATIONS)
def test_what_is_wrong_with_a_choice(con: duckdb.DuckDBPyConnection, what: str) -> None:
    wrong = {name: value for name, value in (CHOICE | CHOICE_MUTATIONS[what]).items() if value is not _NOTHING}
    with pytest.raises(ValidationError):
        RoutingDecision.model_validate(wrong)
    assert frame_of(con, RoutingDecision, [json.dumps(each) for each in (CHOICE, wrong)]) is None


def test_json_that_is_told_as_a_text_is_read_one_by_one(con: duckdb.DuckDBPyConnection) -> None:
    assert RoutingFeedback.model_validate(SHOWN | {"against": '["c/d"]'}).against == '["c/d"]'
    assert frame_of(con, RoutingFeedback, [json.dumps(SHOWN | {"against": '["c/d"]'})]) is None


def test_texts_at_a_key() -> None:
    told = {
        '{"event_id": "a", "x": {"event_id": "b"}}': "a",
        '{"x": {"event_id": "b"}, "event_id": "a"}': "a",
        '{"x": [{"event_id": "b"}]}': "",
        '{"x": "\\"event_id\\": \\"b\\"", "event_id": "a"}': "a",
        '{"y": "event_id", "event_id": "a"}': "a",
        "{}": "",
        '{"event_id": "ü\\n"}': "ü\n",
    }
    assert texts_at(list(told), "event_id").to_list() == list(told.values())
