"""What admins do with flags, what other processes see of it, and what the warehouse hears."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason

from core.errors import AccessRefused, Conflict, GearboxError, NotFound, SwitchedOff
from core.flags.capabilities import DESCRIBED, Capability, declared
from core.flags.exposures import _WAITING, Exposures
from core.flags.flags import Flags, context_of
from core.flags.running import USES_S, WRITTEN_S, FlagUpkeep
from core.flags.stale import Staleness
from data.store import OwnerId, Store
from data.values.actor import Role
from data.values.flag_evaluation import FlagContext, Why
from data.values.flags import PARTS, Attribute, FlagState, Prerequisite, Step, Unit
from data.values.people import Identity, Person
from tests.databases import open_store
from tests.flags.house import ADMIN, FlagHouse, flag_house
from tests.flags.test_evaluation import flag, rollout, when
from tests.people import ALICE, BOB
from tests.store.conftest import Clock

MCP = Capability.MCP


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(sqlite_url: str, clock: Clock) -> Iterator[Store]:
    store = open_store(sqlite_url, owner=OwnerId.current(), clock=clock)
    yield store
    store.close()


@pytest.fixture
def house(store: Store, clock: Clock) -> FlagHouse:
    return flag_house(store, clock=clock)


def test_every_capability_is_declared_and_described(house: FlagHouse) -> None:
    assert set(DESCRIBED) == set(Capability)
    assert set(declared()) == {each.value for each in Capability}
    assert all(house.flags.is_on(ALICE, capability) for capability in Capability)
    assert [each.version for each in house.admin.list(ADMIN)] == [0] * len(Capability)


def test_a_kill_counts_at_once_here_and_after_a_look_elsewhere(house: FlagHouse, clock: Clock) -> None:
    replica = flag_house(house.store, clock=clock)
    assert replica.flags.is_on(ALICE, MCP)
    house.admin.set_state(ADMIN, "mcp", FlagState.KILLED, "servers hang")
    assert not house.flags.is_on(ALICE, MCP)
    with pytest.raises(SwitchedOff, match="Tools of MCP servers"):
        house.flags.require(ALICE, MCP)
    assert replica.flags.is_on(ALICE, MCP)
    replica.snapshot.refresh()
    assert not replica.flags.is_on(ALICE, MCP)


def test_the_background_looks_and_writes(house: FlagHouse, clock: Clock) -> None:
    replica, elapsed = flag_house(house.store, clock=clock), iter([0.0, 1.0, WRITTEN_S, USES_S])
    upkeep = FlagUpkeep(replica.snapshot, replica.flags, lambda: next(elapsed))
    assert replica.flags.is_on(ALICE, MCP)
    house.admin.save(ADMIN, replace(house.admin.get(ADMIN, "mcp"), rules=(rollout(0),)))
    upkeep.step()
    assert not replica.flags.is_on(ALICE, MCP) and house.store.outbox.batch(10) == []
    upkeep.step()
    assert [row.kind for row in house.store.outbox.batch(10)] == ["flag_exposure"]
    assert house.store.flags.uses() == {}
    upkeep.step()
    assert house.store.flags.uses() == {"mcp": clock()}


def test_what_waits_at_the_end_is_written(house: FlagHouse, clock: Clock) -> None:
    house.admin.save(ADMIN, replace(house.admin.get(ADMIN, "mcp"), rules=(rollout(0),)))
    upkeep = FlagUpkeep(house.snapshot, house.flags)
    house.flags.is_on(ALICE, MCP)
    upkeep.finish()
    assert [row.kind for row in house.store.outbox.batch(10)] == ["flag_exposure"]
    assert house.store.flags.uses() == {"mcp": clock()}


def test_while_the_database_can_not_be_read_the_last_flags_count(house: FlagHouse, sqlite_url: str) -> None:
    house.admin.set_state(ADMIN, "mcp", FlagState.KILLED, "servers hang")
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("ALTER TABLE flags RENAME TO away")
        with pytest.raises(Exception, match="no such table"):
            house.snapshot.look()
        assert not house.flags.is_on(ALICE, MCP)
        database.execute("ALTER TABLE away RENAME TO flags")
    house.admin.set_state(ADMIN, "mcp", FlagState.ON, "they answer again")
    house.snapshot.look()
    assert house.flags.is_on(ALICE, MCP)


def test_the_operators_word_wins(store: Store, clock: Clock) -> None:
    house = flag_house(store, off=frozenset({Capability.SANDBOX}), clock=clock)
    house.admin.set_state(ADMIN, "sandbox", FlagState.ON, "we want it")
    assert not house.flags.is_on(ADMIN, Capability.SANDBOX)
    assert house.admin.is_operators(ADMIN, "sandbox")
    assert not house.admin.is_operators(ADMIN, "mcp")


def test_only_who_manages_flags_does_anything_with_them(house: FlagHouse) -> None:
    kept = declared()["mcp"]
    for act in (
        lambda: house.admin.list(BOB), lambda: house.admin.save(BOB, kept), lambda: house.admin.history(BOB),
        lambda: house.admin.set_state(BOB, "mcp", FlagState.KILLED, "because"), lambda: house.admin.stale(BOB),
        lambda: house.admin.revert(BOB, "mcp", 0, "because"), lambda: house.admin.context_of(BOB, "alice"),
    ):  # fmt: skip
        with pytest.raises(AccessRefused):
            act()


def test_what_is_the_same_for_everybody_is_asked_once_counted_each_time_and_forgotten_with_a_change(
    house: FlagHouse, clock: Clock
) -> None:
    counted: list[tuple[str, str]] = []
    exposures = Exposures(house.store, clock, lambda key, variant: counted.append((key, variant)))
    flags = Flags(house.snapshot, clock=clock, exposures=lambda: exposures)
    assert [flags.is_on(who, Capability.MCP) for who in (ALICE, BOB, ALICE)] == [True] * 3
    assert counted == [("mcp", "on")] * 3
    killed = house.admin.set_state(ADMIN, "mcp", FlagState.KILLED, "a server hangs")
    assert not flags.is_on(ALICE, Capability.MCP)
    needs = Prerequisite("sandbox", "on")
    house.admin.save(ADMIN, replace(killed, state=FlagState.ON, prerequisites=(needs,)))
    alone = replace(house.admin.get(ADMIN, "sandbox"), rules=(when(Attribute.USER, ALICE.user_id),), default="off")
    house.admin.save(ADMIN, alone)
    for _ in range(2):  # without rules of its own, and yet not the same for everybody
        assert flags.is_on(ALICE, Capability.MCP) and not flags.is_on(BOB, Capability.MCP)


def test_the_first_change_of_one_of_gearbox_s_own_says_what_was_before(house: FlagHouse) -> None:
    house.admin.set_state(ADMIN, "mcp", FlagState.KILLED, "a server hangs")
    (change,) = house.admin.history(ADMIN, "mcp")
    assert change.before is not None
    assert (change.before.state, change.after.state) == (FlagState.ON, FlagState.KILLED)
    house.admin.save(ADMIN, flag(rollout(5), key="own"))
    assert house.admin.history(ADMIN, "own")[0].before is None


def test_changes_are_taken_back_with_a_reason(house: FlagHouse) -> None:
    first = house.admin.save(ADMIN, flag(rollout(5), key="own"), "let us see")
    second = house.admin.save(ADMIN, replace(first, rules=(rollout(50),)))
    with pytest.raises(Conflict):
        house.admin.save(ADMIN, first)
    with pytest.raises(GearboxError, match="No reason"):
        house.admin.revert(ADMIN, "own", 1, " ")
    back = house.admin.revert(ADMIN, "own", 1, "too many errors")
    assert (back.rules, back.version) == (first.rules, 3)
    assert [change.why for change in house.admin.history(ADMIN, "own")] == ["too many errors", "", "let us see"]
    assert second.rules == house.admin.history(ADMIN, "own")[1].after.rules
    with pytest.raises(NotFound):
        house.admin.revert(ADMIN, "own", 9, "because")
    house.admin.set_state(ADMIN, "own", FlagState.REMOVED, "done with it")
    with pytest.raises(NotFound):
        house.admin.get(ADMIN, "own")
    assert house.admin.revert(ADMIN, "own", 3, "not quite").version == 5


def test_gearbox_s_own_stay_what_they_are(house: FlagHouse) -> None:
    mcp = house.admin.get(ADMIN, "mcp")
    with pytest.raises(GearboxError, match="belongs to Gearbox"):
        house.admin.save(ADMIN, replace(mcp, variants={"on": True, "off": True}))
    with pytest.raises(GearboxError, match="by conversations"):
        house.admin.save(ADMIN, replace(mcp, unit=Unit.CONVERSATION))
    with pytest.raises(GearboxError, match="belongs to Gearbox"):
        house.admin.set_state(ADMIN, "mcp", FlagState.REMOVED, "because")
    house.admin.save(ADMIN, replace(mcp, rules=(rollout(5),)))
    assert house.admin.revert(ADMIN, "mcp", 0, "as it was").rules == ()


def test_who_sees_what(house: FlagHouse, store: Store, clock: Clock) -> None:
    ann = Person("ann", "Ann", clock(), roles=frozenset({Role.ANALYST}), email="Ann@Example.org")
    store.users.add(ann, Identity("proxy", "ann"))
    inside = flag(when(Attribute.EMAIL_DOMAIN, "example.org"), key="own")
    context = house.admin.context_of(ADMIN, "ann")
    assert context == FlagContext("ann", frozenset({"analyst"}), (), "example.org", "production")
    found = house.admin.evaluate_for(ADMIN, inside, context)  # not kept yet
    assert (found.variant, found.reason, found.rule) == ("on", Why.TARGETING_MATCH, "email_domain-example.org")
    with pytest.raises(NotFound):
        house.admin.context_of(ADMIN, "nobody")
    house.admin.save(ADMIN, inside)
    ann_now = replace(ALICE, user_id="ann")
    client = house.flags.client()
    assert client.get_boolean_value("own", False, context_of(ann_now))
    assert not client.get_boolean_value("own", True, context_of(BOB))
    assert store.outbox.batch(10) == []


def exposed(house: FlagHouse) -> list[dict[str, Any]]:
    assert house.flags.exposures is not None
    house.flags.exposures.write()
    return [row.payload for row in house.store.outbox.batch(100)]


def test_what_divides_people_is_told_once_a_day(house: FlagHouse, clock: Clock) -> None:
    red = replace(ALICE, team_ids=("red", "blue"))
    house.flags.is_on(red, MCP)  # the same for everybody
    house.admin.save(ADMIN, replace(house.admin.get(ADMIN, "mcp"), rules=(rollout(100),)))
    for _ in range(3):
        house.flags.is_on(red, MCP)
        house.flags.is_on(BOB, MCP)
    first, second = exposed(house)
    assert first | {"event_id": ""} == {
        "event_id": "", "ts": clock().isoformat(), "user_id": "alice", "team_id": "red", "flag": "mcp",
        "variant": "on", "reason": "SPLIT", "turn_id": None, "conversation_id": None, "unit": "user",
        "arm": "treated", "version": 1,
    }  # fmt: skip
    assert (second["user_id"], second["team_id"]) == ("bob", None)
    replica = flag_house(house.store, clock=clock)
    replica.flags.is_on(red, MCP)
    assert exposed(replica)[2]["event_id"] == first["event_id"]
    clock.forward(86_400)
    house.flags.is_on(red, MCP)
    assert len({row["event_id"] for row in exposed(house)}) == 3
    house.admin.set_state(ADMIN, "mcp", FlagState.KILLED, "enough")
    house.flags.is_on(red, MCP)
    assert len(exposed(house)) == 4


def test_a_conversation_is_a_unit_of_its_own(house: FlagHouse) -> None:
    house.admin.save(ADMIN, flag(rollout(50), key="own", unit=Unit.CONVERSATION))
    client = house.flags.client()
    for conversation in ("c1", "c2", "c1", ""):
        client.get_boolean_value("own", False, context_of(ALICE, conversation))
    assert [row["conversation_id"] for row in exposed(house)] == ["c1", "c2", None]


def test_only_so_many_wait(store: Store, clock: Clock) -> None:
    exposures = Exposures(store, clock)
    details: FlagEvaluationDetails[Any] = FlagEvaluationDetails("x", True, "on", {}, Reason.SPLIT)
    for number in range(_WAITING + 5):
        context = SimpleNamespace(evaluation_context=context_of(replace(ALICE, user_id=f"p{number}")))
        exposures.after(context, details, {})  # type: ignore[arg-type]
    assert exposures.left_out == 5
    exposures.write()
    assert store.outbox.lag()[0] == _WAITING


def test_flags_that_are_worth_a_look(house: FlagHouse, clock: Clock) -> None:
    begun = clock().date()
    ramp = (Step(clock() + timedelta(days=5), PARTS),)
    for kept in (
        flag(rollout(100), key="whole"), flag(rollout(5, *ramp), key="ramped"), flag(rollout(50), key="half"),
        flag(when(Attribute.USER, "ann"), key="for-one"), flag(key="over", expires_on=begun + timedelta(days=3)),
    ):  # fmt: skip
        house.admin.save(ADMIN, kept)

    def found() -> list[tuple[str, Staleness, date]]:
        return [(each.flag.key, each.why, each.since.date()) for each in house.admin.stale(ADMIN)]

    assert found() == []
    clock.forward(4 * 86_400)
    assert found() == [("over", Staleness.EXPIRED, begun + timedelta(days=3))]
    clock.forward(27 * 86_400)
    house.store.flags.used({"whole", "ramped", "half", "for-one", "over"}, clock())
    same = [(key, Staleness.SAME_FOR_ALL, begun) for key in ("over", "whole")]
    assert [each for each in found() if each[1] is Staleness.SAME_FOR_ALL] == same
    clock.forward(30 * 86_400)
    assert {key for key, why, _ in found() if why is Staleness.UNUSED} == {"whole", "ramped", "half", "for-one", "over"}
    assert ("ramped", Staleness.SAME_FOR_ALL, begun + timedelta(days=5)) in found()
    assert not {key for key, _, _ in found()} & {each.value for each in Capability}
