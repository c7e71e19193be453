"""Tables of every format, attached to a prompt, are charts and sums of the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.chat.attachments import Attachment
from core.providers.catalog import Catalogue
from core.tools.builtin.make_chart import make_chart
from core.tools.builtin.query_data import query_data
from core.tools.toolbox import Toolbox
from data.query import Queries
from data.values.parts import ChartPart, TablePart, every
from tests.chat.house import ChatHouse, ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.chat.test_looking import TABLES
from tests.people import ALICE


@pytest.fixture(scope="module")
def toolbox() -> Iterator[Toolbox]:
    queries = Queries()
    yield Toolbox(lambda _actor: (make_chart(queries), query_data(queries)))
    queries.close()


@pytest.mark.parametrize("name", ["sales.csv", "sales.xlsx", "sales.parquet", "many.csv"])
def test_a_table_is_plotted_and_asked(
    tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, toolbox: Toolbox, name: str
) -> None:
    house = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=toolbox)
    try:
        sql = f"SELECT month, sum(n) AS n FROM {name.partition('.')[0]} GROUP BY month ORDER BY n"
        chart = {"kind": "bar", "title": "Sales", "sql": sql}
        prompt = f"plot this [[call:make_chart {json.dumps(chart)}]][[call:query_data {json.dumps({'sql': sql})}]]"
        turn = ended(house.chat.send(ALICE, None, prompt, house.choice(), files=[Attachment(name, TABLES[name])]))
        parts = list(every(house.messages(turn)[-1].parts))
    finally:
        house.close()
    rows = (("May", 120_000),) if name == "many.csv" else (("May", 3), ("June", 4))
    (drawn,) = [part for part in parts if isinstance(part, ChartPart)]
    assert tuple(zip(drawn.figure["data"][0]["x"], drawn.figure["data"][0]["y"], strict=True)) == rows
    (asked,) = [part for part in parts if isinstance(part, TablePart)]
    assert asked.rows == rows
