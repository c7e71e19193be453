"""Exposures of flags in the warehouse, and what became of the calls of those who came to a variant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import AccessRefused
from core.flags.effects import FlagEffects
from data.analytics.flag_effect import flag_effect
from data.store import Store
from data.values.flags import Unit
from data.warehouse.file import open_warehouse
from data.warehouse.schema import naive_utc
from data.warehouse.writer import WarehouseWriter
from tests.flags.house import ADMIN, flag_house
from tests.flags.test_evaluation import rollout
from tests.people import ALICE, BOB
from tests.warehouse.books import NOW, Clock
from tests.warehouse.traffic import Traffic

HOUR = timedelta(hours=1)


def test_an_exposure_gets_there(store: Store, writer: WarehouseWriter, clock: Clock) -> None:
    house = flag_house(store, clock=clock)
    house.admin.save(ADMIN, replace(house.admin.get(ADMIN, "mcp"), rules=(rollout(100),)))
    for actor in (replace(ALICE, team_ids=("red",)), BOB):
        house.flags.is_on(actor, "mcp")  # type: ignore[arg-type]
    assert house.flags.exposures is not None
    house.flags.exposures.write()
    writer.flush(20)
    with writer.reader() as con:
        found = con.execute(
            "SELECT user_id, team_id, flag, variant, reason, arm, unit, version FROM flag_exposures ORDER BY user_id"
        ).fetchall()
    assert found == [
        ("alice", "red", "mcp", "on", "SPLIT", "treated", "user", 1),
        ("bob", None, "mcp", "on", "SPLIT", "treated", "user", 1),
    ]
    effects = FlagEffects(house.admin._access, store, writer, clock)
    assert [each.units for each in effects.of(ADMIN, house.admin.get(ADMIN, "mcp"), 7)] == [2]
    with pytest.raises(AccessRefused):
        effects.of(BOB, house.admin.get(ADMIN, "mcp"), 7)


def test_a_rollout_that_has_ended_does_not_go_on_counting(warehouse_path: Path) -> None:
    con, made, begin = open_warehouse(warehouse_path, NOW), Traffic(), NOW - 10 * HOUR
    for hours in (2, 4, 6):
        made.call("ann", begin + hours * HOUR, "a/b")
    made.write(con)
    exposed(con, "ann", begin + HOUR, "control", version=1)
    (whole,) = flag_effect(con, "x", Unit.USER, NOW - 24 * HOUR, NOW)
    (ended,) = flag_effect(con, "x", Unit.USER, NOW - 24 * HOUR, NOW, ended={0: begin, 1: begin + 3 * HOUR})
    assert (whole.calls, ended.calls, ended.units) == (3, 1, 1)
    exposed(con, "ann", begin + 5 * HOUR, "treated", version=2)  # they came to the next one
    ended_ = flag_effect(con, "x", Unit.USER, NOW - 24 * HOUR, NOW, ended={0: begin, 1: begin + 3 * HOUR})
    assert [(each.arm, each.calls) for each in ended_] == [("treated", 1), ("control", 1)]
    con.close()


def exposed(
    con: Any, user_id: str, at: datetime, arm: str | None, conversation: str | None = None, *, version: int = 1
) -> None:
    variant = "off" if arm == "control" else "on"
    row = [f"{user_id}-{at}", naive_utc(at), user_id, "red", "x", variant, "SPLIT", arm, conversation, version]
    con.execute(
        "INSERT INTO flag_exposures "
        "(event_id, ts, user_id, team_id, flag, variant, reason, arm, conversation_id, version) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def test_a_call_counts_for_what_its_unit_came_to_last(warehouse_path: Path) -> None:
    con, made, begin = open_warehouse(warehouse_path, NOW), Traffic(), NOW - 10 * HOUR
    for person, hours, status, latency in (
        ("ann", 0, "failed", 10), ("ann", 2, "ok", 100), ("ann", 3, "failed", 10), ("ann", 6, "ok", 300),
        ("bob", 2, "ok", 200), ("bob", 3, "ok", 400), ("eve", 2, "failed", 10),
    ):  # fmt: skip
        made.call(person, begin + hours * HOUR, "a/b", status=status, latency_ms=float(latency),
                  cost_amount=Decimal("0.01") * (hours + 1), conversation_id=f"c-{person}")  # fmt: skip
    made.write(con)
    exposed(con, "ann", begin + HOUR, "control")
    exposed(con, "ann", begin + 5 * HOUR, "treated")  # the share was raised
    exposed(con, "bob", begin + HOUR, "treated")
    exposed(con, "cy", begin + HOUR, "treated")  # came to it, and called nothing
    treated, control = flag_effect(con, "x", Unit.USER, NOW - 24 * HOUR, NOW)
    assert (treated.arm, treated.variant, treated.units, treated.calls, treated.failed) == ("treated", "on", 3, 3, 0)
    assert treated.latency_ms == 300.0
    assert treated.cost is not None
    assert round(treated.cost, 6) == Decimal("0.046667")
    assert (control.arm, control.units, control.calls, control.failed, control.latency_ms) == ("control", 1, 2, 1, 100)
    assert flag_effect(con, "y", Unit.USER, NOW - 24 * HOUR, NOW) == ()
    assert flag_effect(con, "x", Unit.USER, NOW - 24 * HOUR, begin) == ()
    exposed(con, "bob", begin, "treated", "c-bob")
    (by_chat,) = flag_effect(con, "x", Unit.CONVERSATION, NOW - 24 * HOUR, NOW)
    assert (by_chat.units, by_chat.calls) == (1, 2)
    con.close()
