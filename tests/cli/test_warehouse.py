"""`python -m core warehouse rebuild`"""

from __future__ import annotations

import duckdb

from data.store import Store
from data.warehouse.file import open_warehouse
from tests.cli.conftest import Gearbox
from tests.warehouse.books import NOW, book, some


def test_rebuild_says_what_it_wrote_and_where_the_old_file_is(gearbox: Gearbox) -> None:
    def calls(store: Store, _vault: object) -> None:
        book(store, some(12))

    gearbox.set_up(calls)
    path = gearbox.home / "warehouse.duckdb"
    said = gearbox.run("warehouse", "rebuild")
    assert said.code == 0, said.text
    assert "12 calls, 0 choices of models, 0 signs of feedback" in said.text and "kept as" not in said.text

    path.write_bytes(b"what was a warehouse")
    said = gearbox.run("warehouse", "rebuild")
    assert said.code == 0, said.text
    (aside,) = gearbox.home.glob("warehouse.duckdb.before-*")
    assert f"kept as {aside.name}" in said.text and "It could not be read" in said.text
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM model_calls").fetchall() == [(12,)]
    assert gearbox.run("audit", "verify").code == 0


def test_rebuild_is_refused_while_gearbox_runs(gearbox: Gearbox) -> None:
    gearbox.set_up()
    con = open_warehouse(gearbox.home / "warehouse.duckdb", NOW)
    try:
        said = gearbox.run("warehouse", "rebuild")
    finally:
        con.close()
    assert said.code == 2 and "Another process has the usage warehouse" in said.text
    assert not list(gearbox.home.glob("*.before-*"))
