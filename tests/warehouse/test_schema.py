from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from data.values.errors import WarehouseError
from data.warehouse.activity import FlagExposure, SignIn, ToolCall
from data.warehouse.daily import AnswersDay, FallbacksDay, PersonDay, SpeedDay, TimesDay, UsageDay
from data.warehouse.file import open_warehouse
from data.warehouse.routing import RoutingDecision, RoutingFeedback
from data.warehouse.schema import STEPS, ModelCall, columns, columns_as_markdown, upgrade
from tests.warehouse.books import NOW

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "warehouse.md"


TABLES: dict[str, type[BaseModel]] = {
    "model_calls": ModelCall,
    "routing_decisions": RoutingDecision,
    "routing_feedback": RoutingFeedback,
    "tool_calls": ToolCall,
    "sign_ins": SignIn,
    "flag_exposures": FlagExposure,
    "usage_daily": UsageDay,
    "people_daily": PersonDay,
    "speed_daily": SpeedDay,
    "times_daily": TimesDay,
    "answers_daily": AnswersDay,
    "fallbacks_daily": FallbacksDay,
}


@pytest.mark.parametrize("table", TABLES)
def test_the_steps_make_the_table_that_the_code_describes(warehouse_path: Path, table: str) -> None:
    con = open_warehouse(warehouse_path, NOW)
    live = con.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    con.close()
    assert live == [(column.name, column.sql_type, column.nullable) for column in columns(TABLES[table])]


@pytest.mark.parametrize("table", TABLES)
def test_the_document_shows_the_schema(table: str) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert f"# `{table}`" in document and columns_as_markdown(TABLES[table]) in document
    assert all(column.meaning for column in columns(TABLES[table]))


def test_an_upgrade_runs_each_step_once(warehouse_path: Path) -> None:
    for _ in range(2):
        con = open_warehouse(warehouse_path, NOW)
        versions = con.execute("SELECT version FROM schema_version ORDER BY version").fetchall()
        con.close()
        assert versions == [(number + 1,) for number in range(len(STEPS))]


def test_a_newer_file_is_left_alone(warehouse_path: Path) -> None:
    con = open_warehouse(warehouse_path, NOW)
    con.execute("INSERT INTO schema_version VALUES (?, ?)", [len(STEPS) + 1, NOW.replace(tzinfo=None)])
    with pytest.raises(WarehouseError, match=f"schema {len(STEPS) + 1}") as refused:
        upgrade(con, NOW)
    con.close()
    assert "newer release" in refused.value.remedy
