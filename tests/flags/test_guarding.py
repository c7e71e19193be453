"""Rollouts that are watched by the books: what counts for whom, and that each breach is rolled back exactly once."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.alert_parts import telling
from core.alerts.alerts import Alerts
from core.errors import AccessRefused, GearboxError
from core.flags.guarding import RolledBack
from data.store import Store
from data.values.calls import CallOutcome, CallStatus, ErrorKind
from data.values.flag_evaluation import places_of
from data.values.flags import PARTS, Flag, FlagState, Rollout, Rule, Step, Unit, Weight
from data.values.guardrails import Back, Guardrail, Metric, Watched, usual
from data.values.money import UNPRICED, Cost, CostBasis
from data.values.people import Identity, Person
from data.values.routing import Feedback, Signal
from data.values.tasks import Task
from tests.conftest import OpenTestStore
from tests.flags.house import ADMIN, FlagHouse, flag_house
from tests.flags.test_evaluation import flag
from tests.people import ALICE
from tests.store.conftest import Clock, begin, intent

PEOPLE = [f"person-{number}" for number in range(40)]
TREATED = [who for who in PEOPLE if places_of("", "x", who)[0] < PARTS // 2]
CONTROL = [who for who in PEOPLE if who not in TREATED]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    store = open_test_store(clock=clock)
    for who in PEOPLE:
        store.users.add(Person(who, who, created_at=clock()), Identity("test", who))
    return store


@pytest.fixture
def house(store: Store, clock: Clock) -> FlagHouse:
    return flag_house(store, clock=clock)


def halved(guardrail: Guardrail | None = None, *steps: Step, key: str = "x", unit: Unit = Unit.USER) -> Flag:
    rollout = Rollout(PARTS // 2, (Weight("on"),), "off", steps, guardrail)
    return flag(Rule("roll", rollout=rollout), key=key, unit=unit)


def book(store: Store, clock: Clock, failing: Iterable[str] = (), slow: Iterable[str] = (), cost: str = "") -> None:
    """A call of each person, one after the other."""
    calls = [intent(clock() + timedelta(milliseconds=at), user_id=who) for at, who in enumerate(PEOPLE)]
    for begun in [store.calls.intend(call) for call in calls]:
        begun.result(30)
    paid = Cost(Decimal(cost), CostBasis.PRICED, "USD", "list-1") if cost else UNPRICED
    told = []
    for call in calls:
        who, outcome = call.actor.user_id, CallOutcome(CallStatus.OK, 900, cost=paid)
        if who in failing:
            outcome = CallOutcome(CallStatus.FAILED, 900, error_kind=ErrorKind.PROVIDER)
        elif who in slow:
            outcome = replace(outcome, latency_ms=4_000)
        told.append(store.calls.conclude(call.id, outcome))
    for each in told:
        each.result(30)


def test_a_bad_rollout_is_rolled_back_once_by_one_of_two_replicas(house: FlagHouse, clock: Clock) -> None:
    store = house.store
    made = house.admin.save(ADMIN, halved(usual()), "a try")
    replica, told = flag_house(store, clock=clock), list[RolledBack]()
    house.guardrails.on_breach = replica.guardrails.on_breach = told.append
    book(store, clock)
    assert house.guardrails.look() == replica.guardrails.look() == []
    [watch] = house.guardrails.of(ADMIN, made)
    errors, latency, cost, thumbs = watch.seen
    assert (errors.treated.outcomes, errors.control.outcomes) == (len(TREATED), len(CONTROL))
    assert (latency.treated.outcomes, latency.treated.level) == (len(TREATED), 900)
    assert cost.treated.outcomes == thumbs.treated.outcomes == 0

    clock.forward(5)
    book(store, clock, failing=TREATED)
    both = [threading.Thread(target=each.guardrails.look) for each in (house, replica)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert [each.breach.metric for each in told] == [Metric.ERROR_RATE]
    telling(Alerts(store, clock))(told[0])  # as `core.alert_parts` hooks it up
    [fact] = store.alerts.facts()["guardrail-breach"]
    assert (fact.group, fact.value) == ("x", 1) and told[0].why in fact.summary
    assert house.guardrails.look() == replica.guardrails.look() == []

    now = store.flags.all()["x"]
    rollout = now.rules[0].rollout
    assert rollout is not None and rollout.breach is not None
    assert (now.version, now.state, rollout.share, rollout.breach.share) == (2, FlagState.ON, 0, PARTS // 2)
    assert rollout.breach.seen[0].treated.level is not None
    [change, _] = house.admin.history(ADMIN, "x")
    assert change.by == "gearbox"
    assert change.why.startswith("Guardrail: failed calls, treated ")
    assert change.why == told[0].why


def test_after_a_restart_the_same_is_counted_again_and_late_calls_once(house: FlagHouse, clock: Clock) -> None:
    store, made = house.store, house.admin.save(ADMIN, halved(usual()))
    late = intent(clock(), user_id=TREATED[0])
    store.calls.intend(late).result(30)
    for _ in range(3):
        clock.forward(60)
        book(store, clock, cost="0.02")
        house.guardrails.look()
    store.calls.conclude(late.id, CallOutcome(CallStatus.FAILED, 900, error_kind=ErrorKind.PROVIDER)).result(30)
    clock.forward(300)
    [watch], [anew] = house.guardrails.of(ADMIN, made), flag_house(store, clock=clock).guardrails.of(ADMIN, made)
    assert [(seen.treated, seen.control) for seen in watch.seen] == [(seen.treated, seen.control) for seen in anew.seen]
    assert watch.seen[0].treated.outcomes == 3 * len(TREATED) + 1
    assert watch.seen[2].treated.level == 0.02


def test_each_stage_of_a_schedule_begins_anew_and_words_change_nothing(house: FlagHouse, clock: Clock) -> None:
    step = Step(clock() + timedelta(minutes=10), PARTS // 4)
    made = house.admin.save(ADMIN, halved(usual(), step))
    began = clock()
    book(house.store, clock)
    clock.forward(60)
    made = house.admin.save(ADMIN, replace(made, description="in other words"))
    [watch] = house.guardrails.of(ADMIN, made)
    assert (watch.since, watch.share, watch.seen[0].control.outcomes) == (began, PARTS // 2, len(CONTROL))
    clock.forward(600)
    [watch] = house.guardrails.of(ADMIN, made)
    assert (watch.since, watch.share, watch.seen[0].control.outcomes) == (step.at, PARTS // 4, 0)
    everybody = replace(halved(usual()).rules[0].rollout, share=PARTS)  # type: ignore[type-var]
    made = house.admin.save(ADMIN, replace(made, rules=(Rule("roll", rollout=everybody),)))
    book(house.store, clock, failing=PEOPLE)
    [watch] = house.guardrails.of(ADMIN, made)
    assert watch.seen[0].treated.outcomes == 0


def test_a_conversation_counts_by_itself_and_thumbs_by_the_first(house: FlagHouse, clock: Clock) -> None:
    made = house.admin.save(ADMIN, halved(usual(), unit=Unit.CONVERSATION))
    clock.forward(1)
    begun, _ = begin(house.store, clock, user_id=PEOPLE[0])
    is_treated = places_of("", "x", begun.conversation_id)[0] < PARTS // 2
    for number, signal in enumerate((Signal.THUMB_DOWN, Signal.THUMB_UP)):
        clock.forward(1)
        shown = Feedback(f"f{number}", PEOPLE[0], begun.turn_id, "sandbox/echo", Task.CHAT, signal, clock())
        house.store.routing.add_feedback(shown)
    book(house.store, clock)  # of programs: they belong to no conversation
    [watch] = house.guardrails.of(ADMIN, made)
    thumbs = watch.seen[3].treated if is_treated else watch.seen[3].control
    assert (thumbs.outcomes, thumbs.level) == (1, 1.0)
    assert watch.seen[0].treated.outcomes == watch.seen[0].control.outcomes == 0


def test_what_it_is_rolled_back_to_and_the_way_on(house: FlagHouse, clock: Clock) -> None:
    killing = Guardrail((Watched(Metric.LATENCY, 0.25),), back_to=Back.KILL)
    house.admin.save(ADMIN, halved(killing))
    for _ in range(4):
        clock.forward(1)
        book(house.store, clock, slow=TREATED)
    [done] = house.guardrails.look()
    assert (done.flag.state, done.breach.metric) == (FlagState.KILLED, Metric.LATENCY)
    assert "time to an answer, treated 4.00 s" in done.why
    with pytest.raises(GearboxError, match="No reason"):
        house.admin.try_again(ADMIN, "x", "roll", "")
    again = house.admin.try_again(ADMIN, "x", "roll", "the server is mended")
    rollout = again.rules[0].rollout
    assert rollout is not None
    assert (again.state, rollout.share, rollout.breach) == (FlagState.ON, PARTS // 2, None)
    [watch] = house.guardrails.of(ADMIN, again)
    assert watch.since == clock()
    with pytest.raises(GearboxError, match="not rolled back"):
        house.admin.try_again(ADMIN, "x", "roll", "once more")
    forged = replace(rollout, breach=done.breach)
    kept = house.admin.save(ADMIN, replace(again, rules=(replace(again.rules[0], rollout=forged),)))
    assert kept.rules[0].rollout == rollout


def test_new_rollouts_of_capabilities_are_watched_unless_somebody_says_no(house: FlagHouse) -> None:
    def kept(key: str, guardrail: Guardrail | None) -> Guardrail | None:
        rule = replace(halved(guardrail).rules[0], id=str(guardrail is None))
        own = key in {each.key for each in house.admin.list(ADMIN)}
        now = house.admin.get(ADMIN, key) if own else flag(key=key)
        rollout = house.admin.save(ADMIN, replace(now, rules=(rule,))).rules[0].rollout
        assert rollout is not None
        return rollout.guardrail

    assert kept("mcp", None) == usual()
    assert kept("image-generation", None) == usual(Metric.ERROR_RATE, Metric.LATENCY, Metric.THUMBS_DOWN)
    off = replace(usual(), is_on=False)
    assert kept("mcp", off) == off
    assert house.guardrails.of(ADMIN, house.admin.get(ADMIN, "mcp")) == []
    assert kept("of-ones-own", None) is None
    with pytest.raises(AccessRefused):
        house.guardrails.of(ALICE, house.admin.get(ADMIN, "mcp"))
    for wrong in (Guardrail(()), replace(usual(), alpha=0.9), Guardrail((Watched(Metric.ERROR_RATE, 1.5),))):
        with pytest.raises(GearboxError):
            house.admin.save(ADMIN, halved(wrong, key="y"))
