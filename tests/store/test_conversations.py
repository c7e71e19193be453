from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.dialects import sqlite

from data.store import Store
from data.store.conversations import window_query
from data.store.engine import make_engine
from data.store.tables import messages
from data.values.errors import NotFound
from data.values.parts import TextPart
from data.values.wire import parts_to_wire
from tests.conftest import OpenTestStore
from tests.store.conftest import ANN, BOB, Clock, begin

LONG = 2000


def lengthen(engine: Engine, conversation_id: str) -> None:
    """Fill a conversation up to LONG messages, past the turns that would have made them."""
    rows = [
        {
            "id": f"message-{seq}",
            "conversation_id": conversation_id,
            "seq": seq,
            "author": "user" if seq % 2 else "assistant",
            "status": "complete",
            "parts": parts_to_wire((TextPart(f"message {seq}"),)),
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            "superseded_by": "a later one" if seq == 1990 else None,
        }
        for seq in range(3, LONG + 1)
    ]
    with engine.begin() as connection:
        connection.execute(insert(messages), rows)


def test_the_list_has_the_last_changed_first_and_nobody_elses(store: Store, clock: Clock) -> None:
    mine = []
    for _ in range(3):
        mine.append(begin(store, clock)[0].conversation_id)
        clock.forward(60)
    begin(store, clock, user_id=BOB)

    assert [card.id for card in store.conversations.recent(ANN)] == mine[::-1]
    assert [card.id for card in store.conversations.recent(ANN, limit=1)] == mine[-1:]
    assert [card.id for card in store.conversations.recent(BOB)] != mine
    assert store.conversations.recent("user-nobody") == []


def test_renaming_keeps_the_place_in_the_list(store: Store, clock: Clock) -> None:
    first = begin(store, clock)[0].conversation_id
    clock.forward(60)
    second = begin(store, clock)[0].conversation_id
    clock.forward(60)
    store.conversations.rename(ANN, first, "Sky\x00 and \ud83d sea “é”")

    assert [card.id for card in store.conversations.recent(ANN)] == [second, first]
    assert store.conversations.get(ANN, first).title == "Sky and ? sea “é”"


def test_deleting_removes_it_for_good(store: Store, clock: Clock) -> None:
    kept, gone = (begin(store, clock)[0].conversation_id for _ in range(2))
    store.conversations.delete(ANN, gone)
    assert [card.id for card in store.conversations.recent(ANN)] == [kept]
    with pytest.raises(NotFound):
        store.conversations.window(ANN, gone, limit=10)


def test_another_persons_conversation_looks_missing(store: Store, clock: Clock) -> None:
    anns = begin(store, clock)[0].conversation_id
    attempts = (
        lambda which: store.conversations.get(BOB, which),
        lambda which: store.conversations.rename(BOB, which, "Mine"),
        lambda which: store.conversations.delete(BOB, which),
        lambda which: store.conversations.window(BOB, which, limit=10),
    )
    for attempt in attempts:
        with pytest.raises(NotFound) as foreign:
            attempt(anns)
        with pytest.raises(NotFound) as missing:
            attempt("no-such-id")
        assert foreign.value.explain() == missing.value.explain()
    assert store.conversations.get(ANN, anns).title == "The sky"


def test_windows_page_through_a_long_conversation(store: Store, clock: Clock, engine: Engine) -> None:
    conversation = begin(store, clock)[0].conversation_id
    lengthen(engine, conversation)
    visible = [seq for seq in range(1, LONG + 1) if seq != 1990]

    def seqs(**where: int) -> list[int]:
        return [message.seq for message in store.conversations.window(ANN, conversation, limit=30, **where)]

    assert seqs() == visible[-30:]
    assert seqs(before_seq=1995) == [seq for seq in visible if seq < 1995][-30:]
    assert seqs(after_seq=1985) == visible[-14:]
    assert seqs(after_seq=10, before_seq=15) == [11, 12, 13, 14]
    assert (seqs(before_seq=1), seqs(after_seq=LONG)) == ([], [])

    backwards: list[int] = []
    while page := seqs(before_seq=backwards[0] if backwards else LONG + 1):
        backwards = page + backwards
    assert backwards == visible


@pytest.mark.parametrize(("before", "after"), [(None, None), (1900, None), (None, 1900)])
def test_a_window_reads_the_index_and_sorts_nothing(
    sqlite_url: str, open_test_store: OpenTestStore, clock: Clock, before: int | None, after: int | None
) -> None:
    conversation = begin(open_test_store(sqlite_url, clock=clock), clock)[0].conversation_id
    engine = make_engine(sqlite_url)
    lengthen(engine, conversation)
    query = window_query(conversation, 30, before, after)
    sql = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    engine.dispose()

    assert plan[0].startswith("SEARCH messages USING INDEX sqlite_autoindex_messages_"), plan
    assert "seq" in plan[0] or before is after
    assert plan[1].startswith("SEARCH calls USING INDEX"), plan
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan
