"""Sessions end: by their owner, by an admin, by time, and in every process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.access.arrival import Arrival
from core.access.policy import Permission
from core.errors import AccessRefused, NotFound, SignedOut
from data.store import OwnerId
from data.values.actor import Actor, Role
from tests.access.conftest import Build
from tests.access.house import ADMIN, HERE, Clock, House, build_house
from tests.conftest import OpenTestStore


def is_in(house: House, actor: Actor) -> bool:
    try:
        house.gate.access.require(actor, Permission.CHAT)
    except SignedOut:
        return False
    return True


def test_a_person_sees_and_ends_their_own_sessions(build: Build) -> None:
    house = build()
    sessions, sign_in = house.gate.sessions, house.gate.sign_in
    one, two, three = (sign_in.admit(house.begin()) for _ in range(3))
    house.clock.forward(minutes=1)
    sign_in.admit(replace(house.begin(), user_agent="Firefox"))
    listed = sessions.list(two)
    assert [card.is_this for card in listed].count(True) == 1
    assert {card.id for card in listed} >= {one.session_id, two.session_id, three.session_id}
    assert {card.address for card in listed} == {HERE}
    sessions.revoke(two, one.session_id)
    assert (is_in(house, one), is_in(house, two), is_in(house, three)) == (False, True, True)
    assert sessions.revoke_all(two, but_this=True) == 2
    assert (is_in(house, two), is_in(house, three)) == (True, False)
    sessions.sign_out(two)
    assert not is_in(house, two)
    actions = [action for _, action, _ in house.told()]
    actions = [each for each in actions if each != "access.refused"]  # what ended sessions still tried
    assert actions == [*["session.sign_in"] * 4, *["session.revoke"] * 2, "session.sign_out"]


def test_who_has_come_in_has_been_seen(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, chief = house.person("ann"), house.person("chief", Role.ADMIN)

    def seen() -> object:
        return house.gate.people.find(chief, ann.user_id).last_seen_at

    assert seen() == house.clock(), "with the session that began"
    house.clock.forward(hours=1)
    _, plain = house.gate.tokens.create(ann, "nightly")
    house.gate.tokens.authenticate(plain, HERE)
    assert seen() == house.clock(), "with a token, too"


def test_other_peoples_sessions_look_missing_and_admins_may_end_them(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, bob, chief = house.person("ann"), house.person("bob"), house.person("chief", Role.ADMIN)
    refusals = []
    for session_id in (ann.session_id, "there is none"):
        with pytest.raises(NotFound) as refusal:
            house.gate.sessions.revoke(bob, session_id)
        refusals.append(refusal.value.explain())
    assert refusals[0] == refusals[1]
    assert house.told().count((bob.user_id, "access.refused", "refused")) == 2
    for attempt in (house.gate.sessions.list, house.gate.sessions.revoke_all):
        with pytest.raises(AccessRefused):
            attempt(bob, ann.user_id)
    assert is_in(house, ann)
    assert [card.id for card in house.gate.sessions.list(chief, ann.user_id)] == [ann.session_id]
    house.gate.sessions.revoke(chief, ann.session_id)
    assert not is_in(house, ann)
    assert house.gate.sessions.revoke_all(chief, bob.user_id) == 1
    assert not is_in(house, bob)


def test_a_session_ends_in_all_and_when_it_is_not_used(build: Build) -> None:
    house = build(session_hours=48, session_idle_hours=2)
    idle, busy = house.begin(), house.begin()
    for _ in range(31):
        house.clock.forward(minutes=90)
        house.gate.sign_in.admit(busy)
        house.store.attempts.purge(house.clock())  # a write: what was noted before it is on disk
    with pytest.raises(SignedOut, match="expired"):
        house.gate.sign_in.admit(idle)
    actor = house.gate.sign_in.admit(busy)
    assert len(house.gate.sessions.list(actor)) == 1
    house.clock.forward(minutes=91)
    with pytest.raises(SignedOut, match="expired"):
        house.gate.sign_in.admit(busy)


def test_what_ended_a_month_ago_is_deleted(build: Build) -> None:
    house = build()
    old = house.gate.sign_in.admit(house.begin())
    house.clock.forward(days=7)
    house.begin()
    assert house.store.sessions.find(old.session_id) is not None
    house.clock.forward(days=31)
    house.begin()
    assert house.store.sessions.find(old.session_id) is None


@pytest.mark.parametrize("how", ["sign out", "revoked", "deactivated", "forgotten"])
def test_an_end_is_one_in_every_process_within_two_seconds(
    how: str, open_test_store: OpenTestStore, clock: Clock, tmp_path: Path
) -> None:
    stores = [open_test_store(owner=OwnerId("test-host", number, "x"), clock=clock) for number in (1, 2)]
    here, there = (build_house(store, clock, tmp_path, sign_in="oidc") for store in stores)
    ann = here.person("ann")
    for moment in range(20):
        assert is_in(there, ann), moment
        clock.forward(seconds=0.3)
    assert is_in(there, ann)
    ends: dict[str, Callable[[], object]] = {
        "sign out": lambda: here.gate.sessions.sign_out(ann),
        "revoked": lambda: here.gate.sessions.revoke_all(ADMIN, ann.user_id),
        "deactivated": lambda: here.gate.people.deactivate(ADMIN, ann.user_id),
        "forgotten": lambda: here.gate.people.forget(ADMIN, ann.user_id),
    }
    ends[how]()
    assert not is_in(here, ann), "at once where it was done"
    assert is_in(there, ann), "remembered there"
    clock.forward(seconds=2.1)
    assert not is_in(there, ann)


def test_a_session_is_good_for_its_own_person_only(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, bob = house.person("ann"), house.person("bob")
    assert not is_in(house, replace(ann, session_id=bob.session_id))
    assert not is_in(house, replace(ann, session_id="made up"))
    assert not is_in(house, replace(ann, scopes=frozenset({"chat"}))), "a session is no token"


def test_the_database_knows_nothing_that_a_browser_could_send(build: Build) -> None:
    house = build()
    arrival = house.begin()
    actor = house.gate.sign_in.admit(arrival)
    with pytest.raises(SignedOut):
        house.gate.sign_in.admit(Arrival(cookies=dict.fromkeys(arrival.cookies, actor.session_id)))
