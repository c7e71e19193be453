"""Pictures and documents: kept by content, whose conversation's they are, and for as long as that is there."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from data.store import Store
from data.store.tables import blob_descriptions, blobs
from data.store.turns import BeginTurn
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import NotFound
from data.values.media import Blob, Described, StoredBlob
from data.values.parts import FilePart
from tests.store.conftest import ANN, BOB, Clock, intent


def blob(content: bytes, *, preview: bytes | None = None, text: str | None = None) -> StoredBlob:
    digest = hashlib.sha256(content).hexdigest()
    return StoredBlob(Blob(digest, "application/pdf", len(content)), content, preview, text)


PAGE = blob(b"%PDF-\x00\xff" * 3, preview=b"\x89PNG", text="A \x00page")


def begin(store: Store, clock: Clock, user_id: str, *made: StoredBlob, conversation_id: str | None = None) -> str:
    prompt = tuple(FilePart(each.blob, "a.pdf") for each in made)
    call = intent(clock(), user_id=user_id)
    begun = store.turns.begin(BeginTurn(user_id, conversation_id, "", prompt, call, made)).result(10)
    return begun.conversation_id


def count(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(blobs)).scalar_one())


def test_what_a_prompt_points_at_is_kept_with_it(store: Store, clock: Clock) -> None:
    chat = begin(store, clock, ANN, PAGE)
    digest = PAGE.blob.digest
    assert store.conversations.window(ANN, chat, limit=5)[0].parts == (FilePart(PAGE.blob, "a.pdf"),)
    assert store.blobs.content(ANN, chat, digest) == PAGE.content
    assert store.blobs.text(ANN, chat, digest) == "A page"  # PostgreSQL keeps no NUL
    assert store.blobs.previews(ANN, chat, [digest, "0" * 64]) == {digest: b"\x89PNG"}
    assert store.blobs.content(ANN, chat, "0" * 64) is None


def test_what_an_answer_makes_is_kept_once(store: Store, clock: Clock, engine: Engine) -> None:
    chat = begin(store, clock, ANN)
    made = blob(b"drawn")
    for _ in range(2):
        store.blobs.keep(ANN, chat, [made]).result(10)
    assert store.blobs.content(ANN, chat, made.blob.digest) == b"drawn"
    assert store.blobs.text(ANN, chat, made.blob.digest) is None
    assert store.blobs.previews(ANN, chat, [made.blob.digest]) == {}
    assert count(engine) == 1
    with pytest.raises(NotFound):
        store.blobs.keep(BOB, chat, [made]).result(10)


def test_the_same_picture_of_two_people_is_two_and_nobody_reads_the_others(
    store: Store, clock: Clock, engine: Engine
) -> None:
    of_ann, of_bob = begin(store, clock, ANN, PAGE), begin(store, clock, BOB, PAGE)
    digest = PAGE.blob.digest
    assert count(engine) == 2
    for reader, chat in ((ANN, of_bob), (BOB, of_ann), (ANN, "missing")):
        assert store.blobs.content(reader, chat, digest) is None
        assert store.blobs.text(reader, chat, digest) is None
        assert store.blobs.previews(reader, chat, [digest]) == {}


def test_a_blob_goes_with_its_conversation_and_with_its_person(store: Store, clock: Clock, engine: Engine) -> None:
    first, second = begin(store, clock, ANN, PAGE), begin(store, clock, ANN, PAGE)
    of_bob = begin(store, clock, BOB, PAGE)
    store.conversations.delete(ANN, first)
    assert store.blobs.content(ANN, first, PAGE.blob.digest) is None
    assert store.blobs.content(ANN, second, PAGE.blob.digest) == PAGE.content
    at = datetime(2026, 11, 24, tzinfo=UTC)
    event = AuditEvent(Action.PERSON_FORGET, AuditOutcome.DONE, BOB)
    store.forgetting.forget(ANN, at, event)
    assert store.blobs.content(BOB, of_bob, PAGE.blob.digest) == PAGE.content
    assert count(engine) == 1


def test_what_a_model_wrote_of_a_picture_is_its_persons_in_all_their_chats_and_goes_with_it(
    store: Store, clock: Clock, engine: Engine
) -> None:
    first, second, of_bob = (
        begin(store, clock, ANN, PAGE),
        begin(store, clock, ANN, PAGE),
        begin(store, clock, BOB, PAGE),
    )
    digest, cat = PAGE.blob.digest, Described("A \x00cat", "openai/gpt-see")
    assert store.blobs.description(ANN, digest) is None
    for text in ("A \x00cat", "Another cat"):  # the first one stays: a chat is told the same every time
        store.blobs.describe(ANN, first, digest, replace(cat, text=text)).result(10)
    assert store.blobs.description(ANN, digest) == Described("A cat", "openai/gpt-see")
    assert store.blobs.description(BOB, digest) is None
    with pytest.raises(NotFound):
        store.blobs.describe(BOB, first, digest, cat).result(10)
    store.blobs.describe(ANN, first, "0" * 64, cat).result(10)  # no such picture: nothing is kept
    store.blobs.describe(BOB, of_bob, digest, cat).result(10)
    store.conversations.delete(ANN, first)
    assert store.blobs.description(ANN, digest) is None
    assert store.blobs.content(ANN, second, digest) == PAGE.content
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(blob_descriptions)).scalar_one() == 1


def test_a_backup_holds_them(store: Store, clock: Clock, tmp_path: Path) -> None:
    for number in range(9):
        begin(store, clock, ANN, blob(b"%d" % number))
    assert store.snapshot(tmp_path / "copy.db")["blobs"] == 9
