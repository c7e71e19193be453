"""What the books keep of the calls of tools that real turns make, and what the warehouse comes to know of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.providers.catalog import Catalogue
from core.tools.checked import load
from core.tools.toolbox import Toolbox
from data.values.tool_calls import Approval
from data.warehouse.writer import WarehouseWriter
from tests.chat.house import ChatHouse, ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.chat.test_approvals import decide
from tests.chat.test_tool_rounds import FAST, NATIVE, PROMPTED, call
from tests.chat.tools import Bench

load()

SECRET = "the-birthday-of-my-aunt"


@pytest.fixture
def house(tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue) -> Iterator[ChatHouse]:
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=Toolbox(Bench().tools, steps=4))
    yield built
    built.close()


def arrived(house: ChatHouse) -> list[dict[str, Any]]:
    """The rows of `tool_calls`, once everything was drained."""
    writer = WarehouseWriter(house.path.with_name("warehouse.duckdb"), house.store.outbox)
    writer.start()
    try:
        assert writer.flush(30)
        with writer.reader() as cursor:
            rows: list[dict[str, Any]] = cursor.sql("SELECT * FROM tool_calls ORDER BY tool, ts").pl().to_dicts()
            everything = [cursor.sql(f"SELECT * FROM {table}").pl() for table in ("model_calls", "unread_events")]
        assert everything[0].height and everything[1].is_empty()
        assert SECRET not in str(rows) and SECRET not in str([frame.to_dicts() for frame in everything])
        return rows
    finally:
        writer.close()


@pytest.mark.parametrize("model", [NATIVE, PROMPTED], ids=["native", "prompted"])
def test_calls_are_told_without_their_arguments(house: ChatHouse, model: str) -> None:
    turn = house.ask(f"{FAST}{call(SECRET)}{call(SECRET, 'fail')}{call(SECRET, 'page')}", model=model)
    payloads = json.dumps([row.payload for row in house.store.outbox.batch(99)])
    assert SECRET not in payloads and "others wrote" not in payloads and "no such page" not in payloads
    assert SECRET not in str(house.rows("SELECT * FROM tool_uses"))
    rows = arrived(house)
    assert [(row["tool"], row["origin"], row["effect"], row["status"]) for row in rows] == [
        ("echo", "builtin", "none", "done"),
        ("fail", "builtin", "none", "failed"),
        ("page", "builtin", "reads", "done"),
    ]
    for row in rows:
        assert (row["user_id"], row["surface"], row["team_id"]) == ("alice", "chat", None)
        assert (row["conversation_id"], row["turn_id"]) == (turn.begun.conversation_id, turn.begun.turn_id)
    echoed = rows[0]["latency_ms"]
    assert 15 <= echoed < 10_000, "it slept for 20 ms"
    ((seconds,),) = house.rows("SELECT seconds FROM tool_uses WHERE tool = 'echo'")
    assert echoed == pytest.approx(seconds * 1000)


def test_a_call_that_nobody_allowed_is_told_as_denied_and_took_no_time(house: ChatHouse) -> None:
    turn = house.send(f"{FAST}{call(SECRET, 'erase')}", model=NATIVE)
    decide(house, turn, Approval.NOT_NOW)
    ended(turn)
    (row,) = arrived(house)
    assert (row["tool"], row["effect"], row["status"], row["latency_ms"]) == ("erase", "changes", "denied", None)


def test_a_name_that_the_model_made_up_is_in_no_book(house: ChatHouse) -> None:
    turn = house.ask(f"{FAST}{call('a', SECRET)}{call('b')}", model=NATIVE)
    assert SECRET in str(house.messages(turn)), "the answer itself shows what was called"
    assert [row["tool"] for row in arrived(house)] == ["echo"]
    assert SECRET not in str(house.rows("SELECT * FROM tool_uses"))


def test_the_same_call_again_and_again_is_told_as_often_as_it_ended(house: ChatHouse) -> None:
    house.ask(f"{FAST}{call('a')}{call('a')}{call('a')}", model=NATIVE)
    rows = arrived(house)
    assert sorted(row["status"] for row in rows) == ["done", "done", "failed"]
    assert [row["latency_ms"] is None for row in rows if row["status"] == "failed"] == [True], "it was not run"
    assert len({row["event_id"] for row in rows}) == 3
