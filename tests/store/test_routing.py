"""Decisions, feedback, and what they add up to, as they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from data.store import OwnerId, Store
from data.store.engine import make_engine
from data.store.tables import conversations, routing_decisions, routing_feedback, routing_tallies
from data.store.turns import BeginTurn, BegunTurn
from data.values.actor import Actor, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import CacheUse, CallOutcome, CallStatus
from data.values.counting import Learned
from data.values.errors import NotFound
from data.values.messages import MessageStatus
from data.values.money import Cost, CostBasis
from data.values.parts import TextPart
from data.values.people import Team
from data.values.routing import Chooser, Decision, Level, Reason, ReplyChoice, Signal, Tally
from data.values.tasks import Task
from tests.databases import open_store
from tests.store.conftest import ANN, BOB, Clock, intent
from tests.store.routing import SIMPLY, decision, feedback

PROGRAM = Actor(ANN, frozenset(), Surface.API)
TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, ANN)
OK = CallOutcome(CallStatus.OK, 1500.0, cost=Cost(Decimal("0.0021"), CostBasis.PRICED, "USD", "list-1"))


@pytest.fixture
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    opened = open_store(store_url, owner=OwnerId.current(), clock=clock, counting=SIMPLY)
    yield opened
    opened.close()


def turn(store: Store, clock: Clock, made: Decision | None, conversation_id: str | None = None) -> BegunTurn:
    """A turn that was answered."""
    call = intent(clock())
    begin = BeginTurn(ANN, conversation_id, "The sky", (TextPart("Why?"),), call, decision=made)
    begun = store.turns.begin(begin).result(10)
    told = store.turns.finish(
        begun.turn_id, status=MessageStatus.COMPLETE, parts=(TextPart("So."),), call_id=call.id, outcome=OK
    )
    told.result(10)
    return begun


def shown(store: Store, begun: BegunTurn, signal: Signal, clock: Clock, **changes: object) -> str:
    clock.forward(1)
    told = feedback(begun.turn_id, signal, clock(), **changes)
    assert store.routing.add_feedback(told)
    return told.id


def same_as_counted_anew(store: Store) -> Learned:
    """What is kept, which is what all events come to, bit for bit."""
    assert store.routing.differences() == []
    kept = store.routing.tallies()
    store.routing.rebuild(TOLD)
    assert store.routing.tallies().tallies == kept.tallies
    return store.routing.tallies()


def test_a_decision_is_committed_with_its_turn_and_comes_back_whole(store: Store, clock: Clock) -> None:
    made = decision(clock())
    begun = turn(store, clock, made)
    assert store.routing.of_turn(ANN, begun.turn_id) == made == store.routing.decision(ANN, made.id)
    assert store.routing.of_turn(BOB, begun.turn_id) is None is store.routing.decision(BOB, made.id)
    choice = ReplyChoice(made.id, Chooser.POLICY, Task.CODE)
    assert begun.choice == choice
    prompt, reply = store.conversations.window(ANN, begun.conversation_id, limit=9)
    assert prompt.details is None and reply.details is not None and reply.details.choice == choice
    assert store.turns.reopen(ANN, begun.conversation_id, reply.id).result(10).choice == choice


def test_a_turn_without_a_decision_says_nothing_of_one(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, None)
    reply = store.conversations.window(ANN, begun.conversation_id, limit=9)[1]
    assert begun.choice is None and reply.details is not None and reply.details.choice is None
    assert store.routing.of_turn(ANN, begun.turn_id) is None


def test_a_choice_that_is_sent_twice_is_kept_twice(store: Store, clock: Clock) -> None:
    made = decision(clock())
    first, second = turn(store, clock, made), turn(store, clock, made)
    assert store.routing.of_turn(ANN, first.turn_id) == made
    again = store.routing.of_turn(ANN, second.turn_id)
    assert again is not None and again.id != made.id and replace(again, id=made.id) == made
    assert second.choice is not None and second.choice.decision_id == again.id


def test_another_model_in_the_same_turn(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, made := decision(clock()))
    picked = decision(clock(), chosen="local/big", chooser=Chooser.PERSON, tasks={Task.CHAT: 1.0}, task=Task.CHAT)
    kept = store.routing.overrule(picked, begun.turn_id)
    assert store.routing.of_turn(ANN, begun.turn_id) == kept
    assert (kept.overrules, kept.chosen, kept.chooser) == (made.id, "local/big", Chooser.PERSON)
    assert (kept.task, kept.tasks, kept.team_ids) == (made.task, made.tasks, made.team_ids)
    assert store.routing.decision(ANN, made.id) == made
    for user_id, turn_id in ((BOB, begun.turn_id), (ANN, "no-such-turn")):
        with pytest.raises(NotFound):
            store.routing.overrule(decision(clock(), user_id), turn_id)
    same_as_counted_anew(store)


def test_propensities_come_later_and_once(store: Store, clock: Clock) -> None:
    policys, persons = decision(clock()), decision(clock(), chooser=Chooser.PERSON)
    for made in (policys, persons):
        turn(store, clock, made)
    assert store.routing.without_propensity(9) == [policys]
    assert store.routing.without_propensity(9, since=clock() + timedelta(seconds=1)) == []
    for made in (policys, persons):
        store.routing.set_propensity(made.id, 0.1 + 0.2)
        store.routing.set_propensity(made.id, 0.9)
    assert store.routing.without_propensity(9) == []
    assert [store.routing.decision(ANN, each.id) for each in (policys, persons)] == [
        replace(policys, propensity=0.1 + 0.2),
        persons,
    ]
    with pytest.raises(ValueError, match="probability"):
        store.routing.set_propensity(policys.id, 0.0)


def test_calls_that_end_are_evidence_of_cost_and_time(store: Store, clock: Clock) -> None:
    turn(store, clock, decision(clock()))
    known = same_as_counted_anew(store)
    assert {(key.level, key.scope_id, key.task) for key in known.tallies} == {
        (level, scope, task)
        for level, scope in ((Level.ALL, ""), (Level.TEAM, "team-1"), (Level.USER, ANN))
        for task in (Task.CODE, Task.MATH)
    }
    assert all(tally.priced and tally.timed and not tally.weight for tally in known.tallies.values())

    # Of programs' calls: with the decision that was kept for it, or with the task that it was booked with.
    before = store.routing.version()
    for kept in (True, False):
        call = replace(intent(clock()), actor=PROGRAM)
        store.calls.intend(call).result(10)
        if kept:
            store.routing.keep(decision(clock(), tasks={Task.WRITING: 1.0}, team_ids=()), call.id)
        store.calls.conclude(call.id, OK).result(10)
        store.calls.conclude(call.id, OK).result(10)  # only the first end of a call counts
    assert store.routing.version() == before + 2
    of_all = {key.task: tally.timed for key, tally in same_as_counted_anew(store).tallies.items() if not key.scope_id}
    assert set(of_all) == {Task.CODE, Task.MATH, Task.WRITING, Task.CHAT}
    assert of_all[Task.WRITING] == of_all[Task.CHAT]


@pytest.mark.parametrize(
    "changes",
    [{"is_test": True}, {"cache": CacheUse.HIT}, {"modality": "image"}, {"actor": Actor(ANN, frozenset())}],
    ids=lambda each: next(iter(each)),
)
def test_calls_that_say_nothing_of_a_chat(store: Store, clock: Clock, changes: dict[str, object]) -> None:
    call = replace(intent(clock()), **{"actor": PROGRAM, **changes})  # type: ignore[arg-type]
    store.calls.intend(call).result(10)
    store.calls.conclude(call.id, OK).result(10)
    assert same_as_counted_anew(store).tallies == {}


def test_feedback_that_is_told_twice_counts_once(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, made := decision(clock()))
    told = feedback(begun.turn_id, Signal.THUMB_UP, clock(), decision_id=made.id, reason=Reason.OTHER, words="Ah\x00!")
    assert store.routing.add_feedback(told)
    once = store.routing.tallies()
    assert not store.routing.add_feedback(told)
    assert store.routing.tallies(once) is once
    assert store.routing.feedback_of(ANN, [begun.turn_id]) == [replace(told, words="Ah!")]
    assert store.routing.feedback_of(BOB, [begun.turn_id]) == []
    same_as_counted_anew(store)


def test_a_changed_thumb_takes_back_exactly_what_it_added(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, made := decision(clock()))
    before = store.routing.tallies()
    shown(store, begun, Signal.THUMB_UP, clock, decision_id=made.id)
    liked = same_as_counted_anew(store)
    assert any(tally.quality for tally in liked.tallies.values())
    shown(store, begun, Signal.COPIED, clock, decision_id=made.id)  # of another kind: it stands beside it
    clock.forward(40 * 86400)  # another epoch: the earlier one's integers are those that must go
    shown(store, begun, Signal.THUMB_DOWN, clock, decision_id=made.id)
    disliked = same_as_counted_anew(store)
    assert sum(tally.weight for tally in disliked.tallies.values()) > sum(t.weight for t in liked.tallies.values())
    shown(store, begun, Signal.THUMB_TAKEN_BACK, clock, decision_id=made.id)
    signals = [each.signal for each in store.routing.feedback_of(ANN, [begun.turn_id])]
    assert signals == [Signal.COPIED, Signal.THUMB_TAKEN_BACK]
    shown(store, begun, Signal.COPIED, clock)  # once more, without the decision, as one of an older page
    same_as_counted_anew(store)
    assert set(before.tallies) <= set(store.routing.tallies(liked).tallies)


def test_feedback_in_the_wrong_order_comes_to_the_same(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, made := decision(clock()))
    late = clock() + timedelta(minutes=1)
    up = feedback(begun.turn_id, Signal.THUMB_UP, clock(), decision_id=made.id)
    down = feedback(begun.turn_id, Signal.THUMB_DOWN, late, decision_id=made.id)
    assert store.routing.add_feedback(down)
    counted = store.routing.tallies()
    assert store.routing.add_feedback(up)
    assert store.routing.tallies(counted) is counted
    assert store.routing.feedback_of(ANN, [begun.turn_id]) == [down]
    same_as_counted_anew(store)


def test_feedback_on_what_is_not_ones_own(store: Store, clock: Clock) -> None:
    begun, other = turn(store, clock, decision(clock())), turn(store, clock, theirs := decision(clock()))
    for told in (
        feedback(begun.turn_id, Signal.THUMB_UP, clock(), user_id=BOB),
        feedback("no-such-turn", Signal.THUMB_UP, clock()),
        feedback(begun.turn_id, Signal.THUMB_UP, clock(), decision_id=theirs.id),
        feedback(begun.turn_id, Signal.THUMB_UP, clock(), decision_id="no-such-decision"),
    ):
        with pytest.raises(NotFound):
            store.routing.add_feedback(told)
    assert store.routing.feedback_of(ANN, [begun.turn_id, other.turn_id]) == []


def test_a_reader_reads_what_has_changed(store: Store, clock: Clock, engine: Engine) -> None:
    assert store.routing.tallies() == Learned(0, {})
    begun = turn(store, clock, made := decision(clock()))
    known = store.routing.tallies()
    shown(store, begun, Signal.THUMB_UP, clock, decision_id=made.id)
    with engine.begin() as connection:  # what did not change is not read again
        connection.execute(routing_tallies.update().values(changed=known.version, timed=-1))
        connection.execute(routing_tallies.update().where(routing_tallies.c.task == "math").values(changed=10**6))
    read = store.routing.tallies(known).tallies
    assert {key.task for key, tally in read.items() if tally.timed == -1} == {Task.MATH}
    assert {key.task for key, tally in read.items() if tally.timed != -1} == {Task.CODE}


def test_a_task_of_a_later_release_is_passed_over(store: Store, clock: Clock, engine: Engine) -> None:
    turn(store, clock, decision(clock(), task=Task.MATH, tasks={Task.MATH: 1.0}))
    with engine.begin() as connection:
        connection.execute(routing_tallies.update().values(task="dream"))
        connection.execute(routing_decisions.update().values(task="dream", tasks={"dream": 1.0}))
    assert store.routing.tallies().tallies == {}
    assert store.routing.without_propensity(1)[0].tasks == {Task.OTHER: 1.0}


def test_a_person_can_begin_anew(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, made := decision(clock()))
    shown(store, begun, Signal.THUMB_UP, clock, decision_id=made.id)
    running = replace(intent(clock()), actor=PROGRAM)
    store.calls.intend(running).result(10)
    known = store.routing.tallies()
    assert store.routing.tallies(known) is known
    store.routing.forget(ANN, TOLD)
    left = same_as_counted_anew(store)
    assert {key.level for key in left.tallies} == {Level.ALL, Level.TEAM}
    assert left.tallies == {key: tally for key, tally in known.tallies.items() if key.level is not Level.USER}
    assert store.routing.tallies(known) == left  # also for a reader who knew more
    assert store.routing.of_turn(ANN, begun.turn_id) == made and store.routing.feedback_of(ANN, [begun.turn_id])

    # What ends only now, and what is taken back, is from before; what is shown from now on counts again.
    store.calls.conclude(running.id, OK).result(10)
    shown(store, begun, Signal.THUMB_TAKEN_BACK, clock, decision_id=made.id)
    assert {key.level for key in same_as_counted_anew(store).tallies} == {Level.ALL, Level.TEAM}
    shown(store, begun, Signal.COPIED, clock, decision_id=made.id)
    again = same_as_counted_anew(store).tallies
    assert all(tally.weight and not tally.timed for key, tally in again.items() if key.level is Level.USER)


def test_a_reset_is_after_what_was_counted_by_faster_clocks(store: Store, clock: Clock) -> None:
    begun = turn(store, clock, made := decision(clock()))
    ahead = feedback(begun.turn_id, Signal.THUMB_UP, clock() + timedelta(minutes=5), decision_id=made.id)
    assert store.routing.add_feedback(ahead)
    store.routing.forget(ANN, TOLD)
    assert {key.level for key in same_as_counted_anew(store).tallies} == {Level.ALL, Level.TEAM}


def test_what_tells_of_prompts_goes_with_the_person(store: Store, clock: Clock, engine: Engine) -> None:
    store.users.ensure(ANN, "Ann")
    begun = turn(store, clock, made := decision(clock()))
    shown(store, begun, Signal.THUMB_DOWN, clock, decision_id=made.id, words="It named my street.")
    store.forgetting.forget(ANN, clock(), TOLD)
    with engine.connect() as connection:
        assert connection.execute(select(routing_decisions.c.fingerprint)).scalars().all() == [""]
        assert connection.execute(select(routing_feedback.c.words)).scalars().all() == [""]
    assert {key.level for key in same_as_counted_anew(store).tallies} == {Level.ALL, Level.TEAM}


def test_and_with_the_conversation(store: Store, clock: Clock) -> None:
    begun, kept = turn(store, clock, gone := decision(clock())), turn(store, clock, decision(clock()))
    shown(store, begun, Signal.THUMB_DOWN, clock, decision_id=gone.id, words="It named my street.")
    before = store.routing.tallies()
    store.conversations.delete(ANN, begun.conversation_id)
    assert store.routing.of_turn(ANN, begun.turn_id) == replace(gone, fingerprint="")
    assert [each.words for each in store.routing.feedback_of(ANN, [begun.turn_id])] == [""]
    assert store.routing.of_turn(ANN, kept.turn_id) is not None
    assert same_as_counted_anew(store).tallies == before.tallies  # what was learned stays


def test_what_people_used(store: Store, clock: Clock) -> None:
    since = clock()
    turn(store, clock, decision(since - timedelta(seconds=1)))
    begun = turn(store, clock, decision(since))
    store.routing.overrule(decision(since, chosen="local/big", chooser=Chooser.PERSON), begun.turn_id)
    turn(store, clock, decision(since + timedelta(seconds=1), BOB))
    turn(store, clock, decision(since + timedelta(seconds=2), "user-cy"))
    found = store.routing.used([ANN, BOB], since)
    assert [(each.user_id, each.model_id, each.chooser) for each in found] == [
        (BOB, "sandbox/echo", Chooser.POLICY),
        (ANN, "local/big", Chooser.PERSON),
    ]
    assert (found[0].task, found[0].fingerprint, found[0].at) == (Task.CODE, "1:abcd", since + timedelta(seconds=1))
    assert len(store.routing.used([ANN, BOB], since, limit=1)) == 1
    assert store.routing.used([], since) == []


def test_a_release_that_counts_otherwise_says_so_and_counts_anew(store_url: str, clock: Clock) -> None:
    store = open_store(store_url, owner=OwnerId.current(), clock=clock, counting=SIMPLY)
    begun = turn(store, clock, made := decision(clock()))
    shown(store, begun, Signal.THUMB_UP, clock, decision_id=made.id)
    store.close()
    twice = replace(SIMPLY, feedback=lambda *event: {key: t + t for key, t in SIMPLY.feedback(*event).items()})
    store = open_store(store_url, owner=OwnerId.current(), clock=clock, counting=twice)
    differing = store.routing.differences()
    assert differing and all(each.counted.weight == 2 * each.kept.weight for each in differing)
    assert store.routing.rebuild(TOLD) == len(store.routing.tallies().tallies)
    shown(store, begun, Signal.THUMB_TAKEN_BACK, clock, decision_id=made.id)  # takes back twice as much, too
    assert {tally.weight for tally in same_as_counted_anew(store).tallies.values()} == {0}
    store.close()


def test_increments_that_no_database_could_add_up_are_refused(store_url: str, clock: Clock) -> None:
    wrong = replace(SIMPLY, feedback=lambda *event: dict.fromkeys(SIMPLY.feedback(*event), Tally(weight=2**51)))
    store = open_store(store_url, owner=OwnerId.current(), clock=clock, counting=wrong)
    begun = turn(store, clock, None)
    with pytest.raises(Exception, match="out of range"):
        store.routing.add_feedback(feedback(begun.turn_id, Signal.THUMB_UP, clock()))
    store.close()


def test_a_backup_holds_what_it_was_learned_from(store: Store, clock: Clock, tmp_path: Path) -> None:
    begun = turn(store, clock, made := decision(clock()))
    shown(store, begun, Signal.THUMB_DOWN, clock, decision_id=made.id, words="No.")
    store.routing.forget(ANN, TOLD)
    shown(store, begun, Signal.COPIED, clock, decision_id=made.id)
    store.snapshot(tmp_path / "copy.db")
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}", owner=OwnerId.current(), clock=clock, counting=SIMPLY)
    assert copy.routing.tallies() == store.routing.tallies() and copy.routing.differences() == []
    assert copy.routing.of_turn(ANN, begun.turn_id) == made
    assert copy.routing.feedback_of(ANN, [begun.turn_id]) == store.routing.feedback_of(ANN, [begun.turn_id])
    copy.close()


def test_of_a_team_those_are_counted_who_showed_something(store: Store, clock: Clock) -> None:
    store.teams.add(Team("team-1", "Blue", clock()), TOLD)
    for person in (ANN, BOB, "user-cy"):
        store.users.ensure(person, person)
        store.teams.join("team-1", person, clock(), TOLD)
    assert store.routing.judges() == {}
    for signal in (Signal.THUMB_UP, Signal.COPIED):
        shown(store, turn(store, clock, None), signal, clock)
    assert store.routing.judges() == {"team-1": 1}


def test_what_was_only_asked_to_be_compared_is_no_use(store: Store, clock: Clock, store_url: str) -> None:
    picked = turn(store, clock, decision(clock(), chooser=Chooser.PERSON))
    side = turn(store, clock, decision(clock(), chooser=Chooser.PERSON))
    assert len(store.routing.used([ANN], clock() - timedelta(days=1))) == 2
    engine = make_engine(store_url)
    with engine.begin() as connection:
        hidden = update(conversations).where(conversations.c.id == side.conversation_id)
        connection.execute(hidden.values(hidden_in="comparison-1"))
    engine.dispose()
    (used,) = store.routing.used([ANN], clock() - timedelta(days=1))
    assert used.at == store.routing.of_turn(ANN, picked.turn_id).decided_at  # type: ignore[union-attr]
