"""Choices of models and what people showed of answers, in the warehouse."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data.store import Store
from data.store.turns import BeginTurn
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.outbox import OutboxRow
from data.values.parts import TextPart
from data.values.routing import Chooser, Reason, Signal
from data.warehouse.drain import apply
from data.warehouse.file import open_warehouse
from tests.conftest import OpenTestStore
from tests.store.conftest import ANN, intent
from tests.store.routing import decision, feedback
from tests.warehouse.books import NOW
from tests.warehouse.conftest import StartWriter

TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, ANN)
SECRET = "It named my street."


def told(store: Store) -> tuple[str, str]:
    """One turn: chosen, overruled, answered, and disliked in words; the ids of its two decisions."""
    made = decision(NOW, fingerprint="1:feedbeef")
    begin = BeginTurn(ANN, None, "The sky", (TextPart("Why?"),), intent(NOW), decision=made)
    begun = store.turns.begin(begin).result(10)
    store.routing.set_propensity(made.id, 0.75)
    picked = store.routing.overrule(decision(NOW, chosen="local/big", chooser=Chooser.PERSON, arms=()), begun.turn_id)
    for number, (signal, words) in enumerate([(Signal.THUMB_DOWN, SECRET), (Signal.THUMB_UP, "")]):
        at = NOW + timedelta(seconds=number)
        said = {"decision_id": picked.id, "reason": Reason.WRONG, "words": words, "against": ("local/other",)}
        assert store.routing.add_feedback(feedback(begun.turn_id, signal, at, **said))
    return made.id, picked.id


def test_every_event_arrives_once_and_without_a_word(
    open_test_store: OpenTestStore, warehouse_path: Path, start_writer: StartWriter
) -> None:
    store = open_test_store()
    made, picked = told(store)
    payloads = json.dumps([row.payload for row in store.outbox.batch(99)])
    assert SECRET not in payloads and "feedbeef" not in payloads and "words" not in payloads
    writer = start_writer(store, batch_rows=2)  # a propensity then comes in a later batch than its decision
    assert writer.flush(10)
    with writer.reader() as cursor:
        decided = cursor.execute(
            "SELECT event_id, chooser, propensity, overrules, cost_estimate, reward FROM routing_decisions ORDER BY ALL"
        ).fetchall()
        shown = cursor.execute(
            "SELECT signal, reason, against, decision_id FROM routing_feedback ORDER BY ts"
        ).fetchall()
        (arms, tasks) = (
            cursor.execute("SELECT arms, tasks FROM routing_decisions WHERE event_id = ?", [made]).fetchone() or ()
        )
        assert cursor.execute("SELECT count(*) FROM unread_events").fetchall() == [(0,)]
    assert sorted(decided) == sorted(
        [
            (made, "policy", 0.75, None, Decimal("0.0123").quantize(Decimal("1e-15")), 0.7712345678901234),
            (picked, "person", None, made, None, None),
        ]
    )
    assert shown == [(signal, "wrong", '["local/other"]', picked) for signal in ("thumb_down", "thumb_up")]
    assert json.loads(tasks) == {"code": 0.7000000000000001, "math": 0.3}
    assert [(each["model"], each["cost"]) for each in json.loads(arms)] == [
        ("sandbox/echo", "0.0123"),
        ("local/other", None),
    ]


def test_a_batch_that_is_read_twice_is_booked_once(open_test_store: OpenTestStore, warehouse_path: Path) -> None:
    store = open_test_store()
    told(store)
    rows = store.outbox.batch(99)
    con = open_warehouse(warehouse_path, NOW)
    assert apply(con, rows, complete=True, now=NOW).booked == len(rows) == 5
    assert (again := apply(con, rows, complete=True, now=NOW)).booked == 0 and again.repeated == len(rows)
    counted = "SELECT (SELECT count(*) FROM routing_decisions), (SELECT count(*) FROM routing_feedback)"
    assert con.execute(counted).fetchall() == [(2, 2)]
    con.close()


@pytest.mark.parametrize(
    ("strict", "why"),
    [
        ("ALTER overrules SET NOT NULL", "NOT NULL constraint failed: routing_decisions.overrules"),
        ("ALTER propensity TYPE DECIMAL(2, 2)", "Could not cast value 1.000000"),
    ],
    ids=["the rows", "what is known later"],
)
def test_it_is_told_what_failed_and_not_what_came_of_it(
    store: Store, warehouse_path: Path, strict: str, why: str
) -> None:
    told(store)
    rows = [
        row if row.kind != "routing_propensity" else OutboxRow.of(row.id, row.kind, row.payload | {"propensity": 1.0})
        for row in store.outbox.batch(99)
    ]
    con = open_warehouse(warehouse_path, NOW)
    con.execute(f"ALTER TABLE routing_decisions {strict}")
    with pytest.raises(duckdb.Error, match=why):
        apply(con, rows, complete=True, now=NOW)
    con.close()


def test_what_a_later_release_tells_waits_unread(open_test_store: OpenTestStore, warehouse_path: Path) -> None:
    store = open_test_store()
    told(store)
    rows = []
    for row in store.outbox.batch(99):
        later = {"of_a_later_release": 1} | ({"propensity": 7} if row.kind == "routing_propensity" else {})
        rows.append(OutboxRow.of(row.id, row.kind, row.payload | later))
    con = open_warehouse(warehouse_path, NOW)
    applied = apply(con, rows, complete=True, now=NOW)
    assert (applied.booked, applied.unread) == (4, 1)
    assert con.execute("SELECT kind FROM unread_events").fetchall() == [("routing_propensity",)]
    con.close()
