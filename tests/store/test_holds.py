"""Nothing of a person who is held is destroyed, whatever they do; and when the hold ends, all that waited goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.store import Store
from data.store.tables import blobs, comparisons, conversations, held_versions, messages, routing_feedback, turns
from data.store.turns import BeginTurn, BegunTurn
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.calls import CallOutcome, CallStatus
from data.values.comparisons import Verdict
from data.values.errors import Conflict, NotFound, OnHold
from data.values.holds import Earlier, Held, Hold, HoldScope, Purged
from data.values.media import Blob, StoredBlob
from data.values.messages import MessageStatus
from data.values.parts import FilePart, TextPart
from data.values.people import Person, Team
from data.values.routing import Chooser, Decision, Feedback, Signal
from data.values.saved_queries import QueryKind, SavedQuery
from data.values.tasks import Task
from data.values.wire import parts_from_wire
from tests.store.conftest import ANN, BOB, Clock, intent

ADMIN = Actor("admin", frozenset(Role))
TOLD = AuditEvent.by(ADMIN, Action.HOLD_PLACE, AuditOutcome.DONE)
PURGED = AuditEvent(Action.HOLD_PURGE, AuditOutcome.DONE, "gearbox")
WORDS = "the words of ann"


def hold(clock: Clock, scope: HoldScope = HoldScope.PERSON, subject: str = ANN, matter: str = "Case 7") -> Hold:
    return Hold(f"hold of {subject or scope} {matter}", scope, subject, matter, "They asked.", "admin", clock())


def place(store: Store, clock: Clock, *more: Any) -> Hold:
    return store.holds.place(hold(clock, *more), TOLD)


@dataclass
class Wrote:
    """What Ann has written."""

    begun: BegunTurn
    comparison: str
    query: str


@pytest.fixture
def wrote(store: Store, clock: Clock) -> Wrote:
    for person in (ANN, BOB):
        store.users.ensure(person, person)
    blob = Blob("d" * 64, "text/csv", 3)
    said = (FilePart(blob, "a.csv"), TextPart(WORDS))
    wanted = BeginTurn(ANN, None, WORDS, said, intent(clock()), (StoredBlob(blob, b"a,b"),))
    begun = store.turns.begin(wanted).result(10)
    end(store, begun, WORDS)
    feedback = Feedback(
        id="f1",
        user_id=ANN,
        turn_id=begun.turn_id,
        model_id="sandbox/echo",
        task=Task.CHAT,
        signal=Signal.THUMB_DOWN,
        at=clock(),
        words=WORDS,
    )
    store.routing.add_feedback(feedback)
    comparison = store.comparisons.begin(ANN, WORDS, ("one/a", "two/b"), is_blind=False)
    query = SavedQuery("q1", ANN, WORDS, QueryKind.SQL, WORDS, None, False, clock(), clock())
    store.saved_queries.add(query, most=9)
    store.preferences.save(ANN, system_prompt=WORDS)
    return Wrote(begun, comparison.id, query.id)


def end(store: Store, begun: BegunTurn, text: str) -> None:
    ended = CallOutcome(CallStatus.OK, latency_ms=1.0)
    store.turns.finish(
        begun.turn_id, status=MessageStatus.COMPLETE, parts=(TextPart(text),), call_id=None, outcome=ended
    ).result(10)


def gone(store: Store, wrote: Wrote) -> None:
    """What Ann does; afterwards nothing that she can see has her words."""
    store.conversations.rename(ANN, wrote.begun.conversation_id, "Other")
    again = store.turns.reopen(ANN, wrote.begun.conversation_id, wrote.begun.reply.id).result(10)
    end(store, again, "other")
    store.conversations.delete(ANN, wrote.begun.conversation_id)
    store.comparisons.delete(ANN, wrote.comparison)
    store.saved_queries.change(ANN, wrote.query, wrote.begun.reply.created_at, body="SELECT 1")
    store.saved_queries.remove(ANN, wrote.query)
    store.preferences.save(ANN, system_prompt="")


def rows(engine: Engine, *tables: Any) -> list[Any]:
    with engine.connect() as connection:
        return [row for table in tables for row in connection.execute(select(table)).all()]


HOLDS: dict[str, Callable[[Store, Clock], Hold]] = {
    "person": place,
    "everybody": lambda store, clock: place(store, clock, HoldScope.EVERYBODY, ""),
    "team": lambda store, clock: place(store, clock, HoldScope.TEAM, "team"),
    "joined later": lambda store, clock: place(store, clock, HoldScope.TEAM, "late"),
}


by_name = pytest.mark.parametrize("held", ["person"], indirect=True)
"""For what is the same whatever the hold is on."""


@pytest.fixture(params=HOLDS)
def held(request: pytest.FixtureRequest, store: Store, clock: Clock, wrote: Wrote) -> Hold:
    for team in ("team", "late"):
        store.teams.add(Team(team, team, clock()), TOLD)
    store.teams.join("team", ANN, clock(), TOLD)
    placed = HOLDS[request.param](store, clock)
    store.teams.join("late", ANN, clock(), TOLD)
    for team in ("team", "late"):  # whoever leaves stays held
        store.teams.leave(team, ANN, TOLD)
        store.teams.remove(team, TOLD)
    return placed


def test_what_a_held_person_deletes_is_gone_for_them_and_kept(
    store: Store, wrote: Wrote, held: Hold, engine: Engine
) -> None:
    conversation = wrote.begun.conversation_id
    gone(store, wrote)
    for look in (store.conversations.get, store.conversations.delete):
        with pytest.raises(NotFound):
            look(ANN, conversation)
    assert store.conversations.recent(ANN) == [] and store.comparisons.recent(ANN, limit=9) == []
    assert store.blobs.content(ANN, conversation, "d" * 64) is None
    assert list(store.saved_queries.seen_by(ANN)) == []
    with pytest.raises(NotFound):
        store.turns.begin(BeginTurn(ANN, conversation, "", (TextPart("On"),), None)).result(10)
    kept = {(row.user_id, row.deleted_by) for row in rows(engine, conversations)}
    assert kept == {("", ANN)} and len(rows(engine, conversations)) == 3, "its own, and the two of the comparison"
    assert len(rows(engine, messages)) == 2 and len(rows(engine, blobs)) == 1
    assert [row.words for row in rows(engine, routing_feedback)] == [WORDS]
    earlier = {(row.kind, WORDS in repr(row.body)) for row in rows(engine, held_versions)}
    assert {(kind.value, True) for kind in Earlier} <= earlier
    assert store.holds.purge(lambda _gone: PURGED) == Purged(), "nothing goes while it is held"
    store.holds.release(held.id, "admin", held.placed_at, TOLD)
    done = store.holds.purge(lambda _gone: PURGED)
    assert (done.conversations, done.earlier) == (3, len(Earlier) + 1)
    assert rows(engine, conversations, messages, blobs, turns, held_versions, comparisons) == []
    assert [row.words for row in rows(engine, routing_feedback)] == [""]
    assert len(store.audit.search(AuditFilter(actions=(Action.HOLD_PURGE,))).entries) == 1


def test_what_they_see_is_what_others_see(store: Store, clock: Clock, wrote: Wrote) -> None:
    """Ann is held, Bob is not; they do the same, and nothing that they can ask for tells them apart."""
    place(store, clock)

    def seen_by(person: str) -> object:
        call = intent(clock(), user_id=person)
        decision = Decision(f"d {person}", person, Task.CODE, "a/b", Chooser.FIXED, clock(), fingerprint="0f")
        begun = store.turns.begin(BeginTurn(person, None, "", (TextPart("tea"),), call, decision=decision)).result(10)
        comparison = store.comparisons.begin(person, "Which?", ("one/a", "two/b"), is_blind=False)
        won = comparison.sides[0].conversation_id
        store.comparisons.judge(person, comparison.id, Verdict.BETTER, won)
        for conversation_id in (won, begun.conversation_id):
            store.conversations.delete(person, conversation_id)
        after = store.comparisons.get(person, comparison.id)
        used = [(each.model_id, each.fingerprint) for each in store.routing.used([person], clock())]
        found = store.message_search.find(person, ["tea"], limit=5)
        listed = [each.id for each in store.conversations.recent(person) if each.id != wrote.begun.conversation_id]
        return [side.model_id for side in after.sides], used, found, listed

    assert seen_by(ANN) == seen_by(BOB) == (["two/b"], [("a/b", "")], (), [])


def test_what_a_person_who_is_not_held_deletes_is_gone(
    store: Store, clock: Clock, wrote: Wrote, engine: Engine
) -> None:
    store.holds.place(hold(clock, HoldScope.PERSON, BOB), TOLD)
    gone(store, wrote)
    assert rows(engine, conversations, messages, blobs, held_versions, comparisons) == []


@by_name
def test_a_held_person_can_not_be_forgotten(
    store: Store, clock: Clock, wrote: Wrote, held: Hold, engine: Engine
) -> None:
    before = rows(engine, conversations, messages, blobs, comparisons)
    with pytest.raises(OnHold):
        store.forgetting.forget(ANN, clock(), TOLD)
    assert rows(engine, conversations, messages, blobs, comparisons) == before
    assert store.users.find(ANN) == replace(store.users.find(ANN) or Person("", "", clock()), forgotten_at=None)
    assert [each.id for each in store.holds.on(ANN)] == [held.id]
    gone(store, wrote)
    store.holds.release(held.id, "admin", clock(), TOLD)
    receipt = store.forgetting.forget(ANN, clock(), TOLD, keys=2)  # before any sweep came
    assert rows(engine, conversations, messages, blobs, held_versions) == []
    counts = {"conversations": 3, "messages": 2, "attachments": 1, "keys": 2, "preferences": 1, "earlier versions": 6}
    assert receipt.removed == counts
    assert store.forgetting.receipts() == [receipt] and store.forgetting.receipt(receipt.id) == receipt
    with pytest.raises(NotFound):
        store.holds.place(hold(clock, HoldScope.PERSON, ANN, "Late"), TOLD)


@by_name
def test_what_is_handed_out_has_all_of_it(store: Store, wrote: Wrote, held: Hold) -> None:
    gone(store, wrote)
    told = list(store.holds.material.of(ANN))
    kinds = [record["kind"] for record in told]
    assert kinds.count("conversation") == 3 and kinds.count("message") == 2 and kinds.count("attachment") == 1
    (main,) = [each for each in told if each["kind"] == "conversation" and each["id"] == wrote.begun.conversation_id]
    assert main["deleted_at"] and main["title"] == "Other"
    (reply,) = [each for each in told if each.get("of") == Earlier.REPLY.value]
    assert parts_from_wire(reply["body"]["parts"]) == (TextPart(WORDS),)
    (prompt,) = [each for each in told if each["kind"] == "message" and each["author"] == "user"]
    assert WORDS in repr(prompt["parts"])
    assert [each["words"] for each in told if each["kind"] == "feedback"] == [WORDS]
    assert store.holds.material.content(wrote.begun.conversation_id, "d" * 64) == b"a,b"
    assert not list(store.holds.material.of(BOB))


def test_holds_are_placed_and_released_once(store: Store, clock: Clock, wrote: Wrote) -> None:
    first = place(store, clock)
    assert (first.people, store.holds.held()) == (1, Held(False, frozenset({ANN}), frozenset()))
    with pytest.raises(Conflict, match="already"):
        store.holds.place(replace(hold(clock), id="again"), TOLD)
    second = place(store, clock, HoldScope.PERSON, ANN, "Case 8")
    store.holds.release(first.id, "admin", clock(), TOLD)
    with pytest.raises(Conflict):
        store.holds.release(first.id, "admin", clock(), TOLD)
    with pytest.raises(OnHold):  # another matter holds them still
        store.forgetting.forget(ANN, clock(), TOLD)
    everybody = place(store, clock, HoldScope.EVERYBODY, "")
    assert [each.id for each in store.holds.all()][-1] == first.id, "the released one comes last"
    assert store.holds.people_of(everybody.id) == [ANN, BOB] and store.holds.people_of(second.id) == [ANN]
    assert store.holds.held().everybody
    for missing in (hold(clock, HoldScope.PERSON, "nobody"), hold(clock, HoldScope.TEAM, "none")):
        with pytest.raises(NotFound):
            store.holds.place(missing, TOLD)
    with pytest.raises(NotFound):
        store.holds.find("none")


def test_many_at_a_time_are_removed_in_steps(store: Store, clock: Clock, engine: Engine) -> None:
    store.users.ensure(ANN, ANN)
    placed = place(store, clock)
    for _ in range(30):
        made = store.comparisons.begin(ANN, "", ("one/a", "two/b"), is_blind=False)
        store.comparisons.delete(ANN, made.id)
    assert store.holds.waiting() == store.holds.waiting([ANN]) == Purged(60, 30) != store.holds.waiting([BOB])
    store.holds.release(placed.id, "admin", clock(), TOLD)
    assert store.holds.purge(lambda _gone: PURGED) == Purged(60, 30)
    assert rows(engine, conversations, held_versions) == [] and not store.holds.waiting()


def test_nothing_slips_through_while_a_hold_is_placed(
    store: Store, clock: Clock, open_test_store: Callable[..., Store], engine: Engine
) -> None:
    """Another replica deletes at the same moment: what it deletes after the hold was placed is all there."""
    store.users.ensure(ANN, ANN)
    other = open_test_store(clock=clock)
    made = [other.comparisons.begin(ANN, "", ("one/a",), is_blind=False).id for _ in range(40)]
    placed, after = threading.Event(), []

    def delete() -> None:
        for each in made:
            if placed.is_set():
                after.append(each)
            other.comparisons.delete(ANN, each)

    deleting = threading.Thread(target=delete)
    deleting.start()
    place(store, clock)
    placed.set()
    deleting.join()
    kept = {row.hidden_in for row in rows(engine, conversations)}
    assert set(after) <= kept
