from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from data.store import Store
from data.store.tables import blobs, comparisons, conversations
from data.store.turns import BeginTurn
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.comparisons import Comparison, Verdict
from data.values.errors import NotFound
from data.values.media import Blob, StoredBlob
from data.values.parts import FilePart, TextPart, text_of
from tests.store.conftest import ANN, BOB, Clock, begin, intent

MODELS = ("one/a", "two/b", "three/c")


def made(store: Store, **options: object) -> Comparison:
    return store.comparisons.begin(ANN, "Which is it?", MODELS, is_blind=True, **options)  # type: ignore[arg-type]


def test_its_conversations_are_not_listed_until_one_wins(store: Store) -> None:
    comparison = made(store)
    assert [side.model_id for side in comparison.sides] == list(MODELS)
    assert store.comparisons.get(ANN, comparison.id) == comparison
    assert store.conversations.recent(ANN) == []
    won = comparison.sides[1].conversation_id
    assert store.conversations.get(ANN, won).title == "Which is it?"
    judged = store.comparisons.judge(ANN, comparison.id, Verdict.BETTER, won)
    assert (judged.verdict, judged.winner, judged.hides_names) == (Verdict.BETTER, won, False)
    assert [each.id for each in store.conversations.recent(ANN)] == [won]
    assert store.comparisons.of_conversation(ANN, won) == judged


def test_the_first_verdict_counts(store: Store) -> None:
    comparison = made(store)
    first = store.comparisons.judge(ANN, comparison.id, Verdict.TIED, None)
    assert store.comparisons.judge(ANN, comparison.id, Verdict.BETTER, comparison.sides[0].conversation_id) == first
    assert store.conversations.recent(ANN) == []
    store.comparisons.show(ANN, comparison.id, comparison.sides[0].conversation_id)
    assert len(store.conversations.recent(ANN)) == 1


def test_another_person_s_looks_like_a_missing_one(store: Store, clock: Clock) -> None:
    comparison = made(store)
    side = comparison.sides[0].conversation_id
    for comparison_id in (comparison.id, "missing"):
        for attempt in (
            lambda it: store.comparisons.get(BOB, it),
            lambda it: store.comparisons.judge(BOB, it, Verdict.BETTER, side),
            lambda it: store.comparisons.show(BOB, it, side),
            lambda it: store.comparisons.delete(BOB, it),
        ):
            with pytest.raises(NotFound, match="no such comparison"):
                attempt(comparison_id)
    assert store.comparisons.recent(BOB, limit=9) == []
    assert store.comparisons.of_conversation(BOB, side) is None
    theirs, _ = begin(store, clock, user_id=BOB)
    with pytest.raises(NotFound):
        made(store, source=(theirs.conversation_id, 9))
    with pytest.raises(NotFound, match="no such answer"):
        store.comparisons.judge(ANN, comparison.id, Verdict.BETTER, theirs.conversation_id)
    assert store.comparisons.get(ANN, comparison.id) == comparison


def test_what_was_said_before_is_copied_with_its_files(store: Store, clock: Clock) -> None:
    blob = Blob("d" * 64, "text/csv", 3)
    said = (FilePart(blob, "a.csv"), TextPart("Look"))
    wanted = BeginTurn(ANN, None, "", said, intent(clock()), (StoredBlob(blob, b"a,b"),))
    begun = store.turns.begin(wanted).result(10)
    comparison = made(store, source=(begun.conversation_id, begun.reply.seq))
    for side in comparison.sides:
        (message,) = store.conversations.window(ANN, side.conversation_id, limit=9)
        assert text_of(message.parts) == "Look" and message.id != begun.user_message.id
        assert store.blobs.content(ANN, side.conversation_id, blob.digest) == b"a,b"


def test_deleting_takes_what_is_not_listed(store: Store, engine: Engine) -> None:
    comparison = made(store)
    won = comparison.sides[2].conversation_id
    store.comparisons.judge(ANN, comparison.id, Verdict.BETTER, won)
    store.comparisons.delete(ANN, comparison.id)
    with engine.connect() as connection:
        assert connection.execute(select(conversations.c.id)).scalars().all() == [won]
    assert store.comparisons.recent(ANN, limit=9) == []


def test_they_are_forgotten_with_their_person(store: Store, clock: Clock, engine: Engine) -> None:
    store.users.ensure(ANN, "Ann")
    made(store)
    told = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, ANN)
    store.forgetting.forget(ANN, clock(), told)
    with engine.connect() as connection:
        for table in (comparisons, conversations, blobs):
            assert connection.execute(select(table)).all() == []
