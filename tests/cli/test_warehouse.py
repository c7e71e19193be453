"""`python -m core warehouse rebuild`"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC

import duckdb
import polars as pl

from core.cli.opened import OPERATOR
from data.store import OwnerId, Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.people import Team
from data.values.retention import Forgotten
from data.warehouse.erasing import PersonForgotten, erase_forgotten
from data.warehouse.exports import Exports
from data.warehouse.file import open_warehouse
from tests.cli.conftest import Gearbox
from tests.databases import open_store
from tests.warehouse.books import NOW, book, some


def test_rebuild_says_what_it_wrote_and_where_the_old_file_is(gearbox: Gearbox) -> None:
    def calls(store: Store, _vault: object) -> None:
        book(store, some(12))

    gearbox.set_up(calls)
    path = gearbox.home / "warehouse.duckdb"
    said = gearbox.run("warehouse", "rebuild")
    assert said.code == 0, said.text
    assert (
        "12 calls, 0 calls of tools, 0 choices of models, 0 signs of feedback, 0 sign-ins" in said.text
        and "kept as" not in said.text
    )

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


def test_rules_of_how_long_rows_are_kept(gearbox: Gearbox) -> None:
    def team(store: Store, _vault: object) -> None:
        event = AuditEvent.by(OPERATOR, Action.TEAM_CHANGE, AuditOutcome.DONE)
        store.teams.add(Team("t1", "Research", NOW), event)

    gearbox.set_up(team)
    assert "for ever" in gearbox.run("warehouse", "retention", "list").text
    assert gearbox.run("warehouse", "retention", "set", "sign_ins", "90").code == 0
    assert gearbox.run("warehouse", "retention", "set", "model_calls", "400", "--team", "Research").code == 0
    listed = gearbox.run("warehouse", "retention", "list").text
    assert "sign_ins" in listed and "90 days" in listed and "Research" in listed and "400 days" in listed
    for wrong, said in (
        (("model_calls", "0"), "at least 1"),
        (("model_calls", "9", "--team", "Nobody"), "no team"),
        (("routing_feedback", "9", "--team", "Research"), "not kept by team"),
        (("everything", "9"), "invalid choice"),
    ):
        refused = gearbox.run("warehouse", "retention", "set", *wrong)
        assert refused.code == 2 and said in refused.text, refused.text
    assert gearbox.run("warehouse", "retention", "remove", "sign_ins").code == 0
    assert gearbox.run("warehouse", "retention", "remove", "sign_ins").code == 2
    assert "sign_ins" not in gearbox.run("warehouse", "retention", "list").text
    assert gearbox.run("audit", "verify").code == 0


def test_receipts_say_what_went_and_whether_it_was_somebodys(gearbox: Gearbox) -> None:
    gearbox.set_up()
    assert "Nothing was taken out" in gearbox.run("warehouse", "receipts").text
    con = open_warehouse(gearbox.home / "warehouse.duckdb", NOW)
    gone = PersonForgotten(event_id="e1", user_id="ann", policy=Forgotten.REMOVE)
    con.begin()
    erase_forgotten(con, [gone], list, NOW, UTC)
    con.commit()
    Exports(gearbox.home / "exports", "key", UTC).seal(con)
    for _ in range(2):  # while Gearbox runs, and after it
        assert "forgotten (remove)" in (said := gearbox.run("warehouse", "receipts").text)
        con.close()
    assert "Gearbox is running" not in said
    assert "forgotten (remove)" in gearbox.run("warehouse", "receipts").text
    assert "forgotten (remove)" in gearbox.run("warehouse", "receipts", "--of", "ann").text
    assert "Nothing was taken out" in gearbox.run("warehouse", "receipts", "--of", "bob").text


def test_export_writes_closed_days_for_other_programs(gearbox: Gearbox) -> None:
    """Calls of a day that is over; pseudonyms in the place of people."""
    day = NOW.date()

    def calls(store: Store, _vault: object) -> None:
        book(store, some(12, user_id="ann"))

    gearbox.set_up(calls)
    assert gearbox.run("warehouse", "rebuild").code == 0
    said = gearbox.run("warehouse", "export")
    assert said.code == 0 and "1 file written" in said.text, said.text
    file = gearbox.home / "exports" / "model_calls" / f"{day}.parquet"
    people = pl.read_parquet(file)["person"].to_list()
    assert len(people) == 12 and len(set(people)) == 1 and people[0].startswith("p-")
    assert "0 files written" in gearbox.run("warehouse", "export").text
    elsewhere = gearbox.home / "elsewhere"
    assert gearbox.run("warehouse", "export", "--to", str(elsewhere)).code == 0
    assert (elsewhere / "model_calls" / f"{day}.parquet").is_file()
    with closing(open_warehouse(gearbox.home / "warehouse.duckdb", NOW)):  # as a running Gearbox has it
        said = gearbox.run("warehouse", "export")
        assert said.code == 0 and "running and writes them itself" in said.text, said.text
        copy = gearbox.home / "copy"
        assert "1 file written" in gearbox.run("warehouse", "export", "--to", str(copy)).text
        assert "0 files written" in gearbox.run("warehouse", "export", "--to", str(copy)).text
    assert (copy / "model_calls" / f"{day}.parquet").read_bytes() == file.read_bytes()
    store = open_store(f"sqlite:///{gearbox.database}", owner=OwnerId.current())
    told = store.audit.search(AuditFilter(actions=(Action.EXPORT,))).entries
    store.close()
    assert len(told) == 6, "each of them is in the audit log"
